package dev.sluice.runtime.lab;

import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The command `lab`.
public final class LabCommand {
  private static final String USAGE =
      """
      lab up [--terminals N] [--vlan] [--backend BACKEND] [--name NAME] [--dir DIR]
                       namespaces NAME-gw, NAME-sw, NAME-master, NAME-t1 ... joined by
                       wires, with a trial PKI and a configuration in DIR; prints
                       key=value lines, of which gateway.command starts the gateway.
                       3 terminals, the name sluice and a folder for temporary files
                       unless said otherwise; --vlan tags every frame with VLAN 104;
                       --backend says what the gateway opens its ports by: xdp,
                       packet or best, which is the default
      lab status [--name NAME] [--dir DIR]
                       the same lines, and state=up, partial or down
      lab down [--name NAME] [--dir DIR]
                       ends what runs in the namespaces and removes everything
      """;

  private static final int DEFAULT_TERMINALS = 3;

  private LabCommand() {}

  /// Runs `lab` with its arguments.
  ///
  /// @return 0 done, 1 refused, 2 called wrongly
  public static int run(List<String> args) {
    if (args.isEmpty() || args.contains("--help")) {
      System.out.print(USAGE);
      return args.isEmpty() ? 2 : 0;
    }
    List<String> rest = args.subList(1, args.size());
    try {
      switch (args.getFirst()) {
        case "up" -> up(rest);
        case "down" -> down(rest);
        case "status" -> status(rest);
        default ->
            throw new ArgumentException(
                "there is no '" + args.getFirst() + "'; there are up, status, down");
      }
      return 0;
    } catch (ArgumentException e) {
      System.err.println("sluice lab: " + e.getMessage());
      return 2;
    } catch (LabException e) {
      System.err.println("sluice lab: " + e.getMessage());
      return 1;
    }
  }

  private static void up(List<String> words) throws ArgumentException, LabException {
    Arguments arguments =
        Arguments.parse(words, Set.of("name", "dir", "terminals", "backend"), Set.of("vlan"));
    Lab lab =
        new Lab(
            name(arguments),
            folder(arguments),
            arguments.number("terminals", DEFAULT_TERMINALS, 1, Lab.MAX_TERMINALS),
            arguments.has("vlan"),
            backend(arguments));
    lab.up();
    System.out.print(LabState.lines(lab.properties()));
  }

  /// The option `--backend`, of `demo` as well.
  ///
  /// @throws ArgumentException if it is none of those there are
  public static LabBackend backend(Arguments arguments) throws ArgumentException {
    String text = arguments.option("backend").orElse(LabBackend.BEST.toString());
    for (LabBackend backend : LabBackend.values()) {
      if (backend.toString().equals(text)) {
        return backend;
      }
    }
    throw new ArgumentException("--backend is '" + text + "'; best, xdp or packet is allowed");
  }

  private static void down(List<String> words) throws ArgumentException, LabException {
    Arguments arguments = Arguments.parse(words, Set.of("name", "dir"), Set.of());
    List<String> removed = LabState.remove(name(arguments), folder(arguments));
    removed.forEach(what -> System.out.println("removed " + what));
    if (removed.isEmpty()) {
      System.out.println("there is no lab " + name(arguments));
    }
  }

  private static void status(List<String> words) throws ArgumentException, LabException {
    Arguments arguments = Arguments.parse(words, Set.of("name", "dir"), Set.of());
    Map<String, String> recorded = LabState.recorded(folder(arguments)).orElse(Map.of());
    Set<String> wanted = LabState.namespaces(recorded);
    Set<String> there = new LinkedHashSet<>(LabState.marked(name(arguments)));
    System.out.print(LabState.lines(recorded));
    boolean whole = !wanted.isEmpty() && there.containsAll(wanted);
    String partial = wanted.isEmpty() && there.isEmpty() ? "down" : "partial";
    System.out.println("state=" + (whole ? "up" : partial));
  }

  private static String name(Arguments arguments) throws ArgumentException {
    if (!arguments.operands().isEmpty()) {
      throw new ArgumentException(
          "nothing but options may follow, not '" + arguments.operands().getFirst() + "'");
    }
    String name = arguments.option("name").orElse(Lab.DEFAULT_NAME);
    if (!Lab.isName(name)) {
      throw new ArgumentException(
          "--name is '" + name + "'; 1 to 16 of a-z 0-9 -, a letter first, are allowed");
    }
    return name;
  }

  private static Path folder(Arguments arguments) throws ArgumentException, LabException {
    return arguments.option("dir").isPresent()
        ? Path.of(arguments.option("dir").get()).toAbsolutePath().normalize()
        : Lab.defaultFolder(name(arguments));
  }
}
