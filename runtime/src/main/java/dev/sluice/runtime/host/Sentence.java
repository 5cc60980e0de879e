package dev.sluice.runtime.host;

import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleException;

/// Makes one sentence for the operator out of what Java and OSGi throw.
final class Sentence {
  /// One throwable in a stack trace as text: its class, then perhaps a message, up to the first
  /// frame.
  private static final Pattern THROWN =
      Pattern.compile(
          "(?:\\A|\\nCaused by: )([\\w.$]+)(?:: (.*?))?(?=\\s*\\n\\s+at |\\s*\\z|\\nCaused by: )",
          Pattern.DOTALL);

  private static final Pattern MISSING =
      Pattern.compile(
          "missing requirement \\[[^\\]]*\\]\\([^)]*\\)\\]? ([\\w.]+); "
              + "(\\(.*?\\))(?= Unres|\\]| \\[|$)");

  private static final Pattern CONDITION = Pattern.compile("\\(([\\w.-]+)(>=|<=|=)([^()]*)\\)");

  private Sentence() {}

  /// What a throwable says: its message if it was written for a person, else its class as well.
  static String of(Throwable thrown) {
    Throwable told = thrown;
    while (told instanceof InvocationTargetException && told.getCause() != null) {
      told = told.getCause();
    }
    return worded(told.getClass().getName(), told.getMessage());
  }

  /// The same from a stack trace that was kept as text. A settings exception anywhere in the chain
  /// of causes says it best; else the first throwable that is not reflection's wrapping.
  static String ofStackTrace(String trace) {
    Matcher thrown = THROWN.matcher(trace);
    Optional<String> first = Optional.empty();
    while (thrown.find()) {
      String sentence = worded(thrown.group(1), thrown.group(2));
      if (thrown.group(1).endsWith(".SettingsException")) {
        return sentence;
      }
      if (first.isEmpty() && !thrown.group(1).equals(InvocationTargetException.class.getName())) {
        first = Optional.of(sentence);
      }
    }
    return first.orElseGet(() -> oneLine(trace));
  }

  private static String worded(String className, @Nullable String message) {
    String simple = className.substring(className.lastIndexOf('.') + 1);
    if (message == null || message.isBlank()) {
      return simple;
    }
    return simple.equals("SettingsException") ? oneLine(message) : simple + ": " + oneLine(message);
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  /// Why a bundle did not resolve or start.
  static String of(BundleException refused) {
    String message = String.valueOf(refused.getMessage());
    if (refused.getType() == BundleException.RESOLVE_ERROR
        || message.contains("missing requirement")) {
      return "it does not resolve: " + missing(message);
    }
    Throwable cause = refused.getCause();
    if (refused.getType() == BundleException.ACTIVATOR_ERROR && cause != null) {
      return "its activator failed: " + of(cause);
    }
    return "the framework refused it: " + oneLine(message);
  }

  /// The innermost requirement that nothing satisfies, which is the one to cure.
  private static String missing(String message) {
    Matcher requirement = MISSING.matcher(message);
    String found = oneLine(message);
    while (requirement.find()) {
      found = "nothing here offers " + wanted(requirement.group(1), requirement.group(2));
    }
    return found;
  }

  private static String wanted(String namespace, String filter) {
    StringBuilder wanted = new StringBuilder();
    String kind = namespace.equals("osgi.wiring.package") ? "package" : namespace;
    Matcher condition = CONDITION.matcher(filter);
    while (condition.find()) {
      boolean name = condition.group(1).equals(namespace);
      wanted.append(wanted.isEmpty() ? "" : name ? "; " : ", ");
      boolean not = condition.start() >= 2 && filter.startsWith("(!", condition.start() - 2);
      String relation = not ? "not " + condition.group(2) : condition.group(2);
      wanted.append(
          name
              ? kind + " " + condition.group(3)
              : condition.group(1) + " " + relation + " " + condition.group(3));
    }
    return wanted.isEmpty() ? namespace + " " + filter : wanted.toString();
  }
}
