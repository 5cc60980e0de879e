package dev.sluice.runtime.events;

import java.util.Map;

/// Writes JSON (RFC 8259), so that every line is whole and printable whatever a reporter hands in.
public final class Json {
  private static final String HEX = "0123456789abcdef";

  private Json() {}

  /// A value on one line, as [#value(StringBuilder, Object)] writes it.
  public static String text(Object value) {
    StringBuilder out = new StringBuilder(256);
    value(out, value);
    return out.toString();
  }

  /// Appends a value: a finite number or a boolean as such, a map as an object, an iterable as an
  /// array, anything else as the string it prints as.
  static void value(StringBuilder out, Object value) {
    switch (value) {
      case Map<?, ?> map -> object(out, map);
      case Iterable<?> list -> array(out, list);
      case Boolean flag -> out.append(flag.booleanValue());
      case Double number when Double.isFinite(number) -> out.append(number.doubleValue());
      case Float number when Float.isFinite(number) -> out.append(number.floatValue());
      case Long number -> out.append(number.longValue());
      case Integer number -> out.append(number.intValue());
      case Short number -> out.append(number.intValue());
      case Byte number -> out.append(number.intValue());
      default -> string(out, String.valueOf(value));
    }
  }

  private static void object(StringBuilder out, Map<?, ?> map) {
    out.append('{');
    String separator = "";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator);
      string(out, String.valueOf(entry.getKey()));
      out.append(':');
      value(out, entry.getValue());
      separator = ",";
    }
    out.append('}');
  }

  private static void array(StringBuilder out, Iterable<?> list) {
    out.append('[');
    String separator = "";
    for (Object element : list) {
      out.append(separator);
      value(out, element);
      separator = ",";
    }
    out.append(']');
  }

  /// Appends a quoted string. Control characters, also those of Unicode, are escaped, so that a
  /// line stays one line and no terminal obeys it; half a surrogate pair becomes U+FFFD.
  static void string(StringBuilder out, String text) {
    out.append('"');
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (Character.isHighSurrogate(c)
          && at + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(at + 1))) {
        out.append(c).append(text.charAt(at + 1));
        at++;
      } else {
        single(out, c);
      }
    }
    out.append('"');
  }

  private static void single(StringBuilder out, char c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (Character.isSurrogate(c)) {
          out.append('\ufffd');
        } else if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029' || isBidi(c)) {
          escaped(out, c);
        } else {
          out.append(c);
        }
      }
    }
  }

  /// Marks that turn the direction of text around could make a line read as another.
  private static boolean isBidi(char c) {
    return ('\u202a' <= c && c <= '\u202e') || ('\u2066' <= c && c <= '\u2069');
  }

  private static void escaped(StringBuilder out, char c) {
    out.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.append(HEX.charAt((c >> shift) & 0xf));
    }
  }
}
