package dev.sluice.runtime.bench;

import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// The options of a benchmark, which all have the form `--name VALUE`.
final class BenchOptions {
  private final Arguments arguments;

  private BenchOptions(Arguments arguments) {
    this.arguments = arguments;
  }

  static BenchOptions parse(List<String> words, Set<String> names) throws ArgumentException {
    Arguments arguments = Arguments.parse(words, names, Set.of());
    if (!arguments.operands().isEmpty()) {
      throw new ArgumentException(
          "'" + arguments.operands().getFirst() + "' is not understood; there are options only");
    }
    return new BenchOptions(arguments);
  }

  int number(String name, int absent, int least, int most) throws ArgumentException {
    return arguments.number(name, absent, least, most);
  }

  /// What `--ring-frames`, `--set` and `--warm-up` ask for.
  Conditions conditions() throws ArgumentException {
    int frames = number("ring-frames", 0, 64, 1 << 17);
    double warmUp = decimal("warm-up", Conditions.WARM_UP_SECONDS, 0, 600);
    StringBuilder lines = new StringBuilder(frames == 0 ? "" : "ring-frames = " + frames + "\n");
    for (String part : parts("set")) {
      if (!part.matches("[a-z-]+=[^=\\s]+")) {
        throw new ArgumentException(
            "--set has '%s'; settings of sluice.cfg are allowed, as KEY=VALUE".formatted(part));
      }
      lines.append(part.replace("=", " = ")).append('\n');
    }
    return new Conditions(lines.toString(), warmUp);
  }

  /// A decimal number, such as 0.5.
  double decimal(String name, double absent, double least, double most) throws ArgumentException {
    String text = arguments.option(name).orElse("");
    return text.isEmpty() ? absent : decimal(name, text, least, most);
  }

  private static double decimal(String name, String text, double least, double most)
      throws ArgumentException {
    if (text.matches("\\d{1,9}(\\.\\d{1,9})?")) {
      double number = Double.parseDouble(text);
      if (least <= number && number <= most) {
        return number;
      }
    }
    throw new ArgumentException(
        "--%s has '%s'; a number from %s to %s is allowed".formatted(name, text, least, most));
  }

  /// Decimal numbers parted by commas; empty if the option is not given.
  List<Double> decimals(String name, double least, double most) throws ArgumentException {
    List<Double> numbers = new ArrayList<>();
    for (String part : parts(name)) {
      numbers.add(decimal(name, part, least, most));
    }
    return numbers;
  }

  /// Lengths of frames in bytes, without the frame check sequence, parted by commas.
  List<Integer> lengths(String name, List<Integer> absent) throws ArgumentException {
    List<Integer> lengths = new ArrayList<>();
    for (String part : parts(name)) {
      int bytes = part.matches("\\d{1,5}") ? Integer.parseInt(part) : -1;
      if (bytes < UdpFrames.LEAST || UdpFrames.MOST < bytes) {
        throw new ArgumentException(
            "--%s has '%s'; lengths from %d to %d bytes, without frame check sequence, are allowed"
                .formatted(name, part, UdpFrames.LEAST, UdpFrames.MOST));
      }
      lengths.add(bytes);
    }
    return lengths.isEmpty() ? absent : lengths.stream().distinct().toList();
  }

  /// Systems, by their names, parted by commas; all if the option is not given.
  List<BenchSystem> systems() throws ArgumentException {
    List<BenchSystem> systems = named("systems", BenchSystem::named, BenchSystem.labels());
    return systems.isEmpty() ? List.of(BenchSystem.values()) : systems;
  }

  /// Chains, by their names, parted by commas.
  List<BenchChain> chains(List<BenchChain> absent) throws ArgumentException {
    List<BenchChain> known = List.of(BenchChain.EMPTY, BenchChain.REAL);
    List<BenchChain> chains =
        named(
            "chains",
            text -> known.stream().filter(chain -> chain.label().equals(text)).findFirst(),
            known.stream().map(BenchChain::label).toList());
    return chains.isEmpty() ? absent : chains;
  }

  /// One of several words.
  <T> T choice(
      String name, String absent, Function<String, Optional<T>> reading, List<String> allowed)
      throws ArgumentException {
    String text = arguments.option(name).orElse(absent);
    return reading
        .apply(text)
        .orElseThrow(() ->
            new ArgumentException(
                "--%s has '%s'; allowed: %s".formatted(name, text, String.join(", ", allowed))));
  }

  /// Words, parted by commas, that name something.
  <T> List<T> named(String option, Function<String, Optional<T>> reading, List<String> allowed)
      throws ArgumentException {
    List<T> found = new ArrayList<>();
    for (String part : parts(option)) {
      Optional<T> one = reading.apply(part);
      if (one.isEmpty()) {
        throw new ArgumentException(
            "--%s has '%s'; allowed: %s".formatted(option, part, String.join(", ", allowed)));
      }
      found.add(one.get());
    }
    return found.stream().distinct().toList();
  }

  /// Words parted by commas; empty if the option is not given.
  List<String> parts(String name) {
    return arguments
        .option(name)
        .map(text -> Arrays.stream(text.split(",", -1)).map(String::strip).toList())
        .orElse(List.of());
  }

  /// A file or folder.
  Optional<Path> path(String name) throws ArgumentException {
    Optional<String> text = arguments.option(name);
    try {
      return text.map(Path::of);
    } catch (InvalidPathException e) {
      throw new ArgumentException(
          "--%s is '%s', which is no path".formatted(name, text.orElse("")), e);
    }
  }
}
