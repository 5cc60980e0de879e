package dev.sluice.runtime.arguments;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The words of one command, split into operands and options.
///
/// An option is `--name VALUE` or `--name=VALUE`, a flag is `--name`; both may stand anywhere, each
/// once. After `--` every word is an operand.
public final class Arguments {
  private final List<String> operands = new ArrayList<>();
  private final Map<String, String> options = new TreeMap<>();

  private Arguments() {}

  /// Splits `words`.
  ///
  /// @param options names that take a value, without the dashes
  /// @param flags names that take none
  /// @throws ArgumentException at an unknown name, a missing value or a name given twice
  public static Arguments parse(List<String> words, Set<String> options, Set<String> flags)
      throws ArgumentException {
    Arguments parsed = new Arguments();
    int i = 0;
    while (i < words.size()) {
      String word = words.get(i++);
      if (word.equals("--")) {
        parsed.operands.addAll(words.subList(i, words.size()));
        break;
      }
      if (!word.startsWith("--")) {
        parsed.operands.add(word);
        continue;
      }
      int equals = word.indexOf('=');
      String name = word.substring(2, equals < 0 ? word.length() : equals);
      if (flags.contains(name) && equals < 0) {
        parsed.put(name, "");
      } else if (!options.contains(name)) {
        throw new ArgumentException("unknown option " + word + "; " + known(options, flags));
      } else if (equals >= 0) {
        parsed.putValue(name, word.substring(equals + 1));
      } else {
        parsed.putValue(name, i < words.size() ? words.get(i++) : "");
      }
    }
    return parsed;
  }

  /// The words that are no options.
  public List<String> operands() {
    return List.copyOf(operands);
  }

  /// The value of an option, if it was given.
  public Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
  }

  /// Whether a flag was given.
  public boolean has(String name) {
    return options.containsKey(name);
  }

  /// A whole number in decimal digits.
  ///
  /// @param absent the number if the option was not given
  /// @throws ArgumentException if it is none or lies outside `least..most`
  public int number(String name, int absent, int least, int most) throws ArgumentException {
    String text = options.get(name);
    if (text == null) {
      return absent;
    }
    if (text.matches("\\d{1,9}")) {
      int number = Integer.parseInt(text);
      if (least <= number && number <= most) {
        return number;
      }
    }
    throw new ArgumentException(
        "--%s is '%s'; a whole number from %d to %d is allowed".formatted(name, text, least, most));
  }

  /// An empty value is what a script hands over whose variable is not set; taken for a folder, it
  /// would be the one the script happens to stand in.
  private void putValue(String name, String value) throws ArgumentException {
    if (value.isEmpty()) {
      throw new ArgumentException("option --" + name + " needs a value");
    }
    put(name, value);
  }

  private void put(String name, String value) throws ArgumentException {
    if (options.put(name, value) != null) {
      throw new ArgumentException("option --" + name + " is given twice");
    }
  }

  private static String known(Collection<String> options, Collection<String> flags) {
    TreeSet<String> names = new TreeSet<>(options);
    names.addAll(flags);
    return names.isEmpty() ? "there are none" : "there are --" + String.join(", --", names);
  }
}
