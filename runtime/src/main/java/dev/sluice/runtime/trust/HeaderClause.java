package dev.sluice.runtime.trust;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One clause of an OSGi header: names, then attributes and directives (OSGi Core 8, 1.3.2).
///
/// @param names what stands before the first parameter
/// @param parameters attributes by name, directives by name and colon
record HeaderClause(List<String> names, Map<String, String> parameters) {
  HeaderClause {
    names = List.copyOf(names);
    parameters = Map.copyOf(parameters);
  }

  /// The clauses of a header.
  static List<HeaderClause> parse(String header) {
    List<HeaderClause> clauses = new ArrayList<>();
    for (String text : split(header, ',')) {
      List<String> names = new ArrayList<>();
      Map<String, String> parameters = new HashMap<>();
      for (String part : split(text, ';')) {
        int equals = part.indexOf('=');
        if (equals < 0) {
          names.add(part.strip());
        } else {
          parameters.put(part.substring(0, equals).strip(), unquoted(part.substring(equals + 1)));
        }
      }
      clauses.add(new HeaderClause(names, parameters));
    }
    return clauses;
  }

  private static String unquoted(String value) {
    String stripped = value.strip();
    boolean quoted = stripped.length() >= 2 && stripped.startsWith("\"") && stripped.endsWith("\"");
    return quoted ? stripped.substring(1, stripped.length() - 1) : stripped;
  }

  /// Splits where the mark stands outside quotes.
  private static List<String> split(String text, char mark) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int from = 0;
    for (int at = 0; at < text.length(); at++) {
      char here = text.charAt(at);
      if (here == '"') {
        quoted = !quoted;
      } else if (here == mark && !quoted) {
        parts.add(text.substring(from, at));
        from = at + 1;
      }
    }
    parts.add(text.substring(from));
    return parts;
  }
}
