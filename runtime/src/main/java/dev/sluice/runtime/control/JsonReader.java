package dev.sluice.runtime.control;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads one line of JSON (RFC 8259) from whoever is at the other end: bounded in depth, and with a
/// sentence for whatever is wrong. Numbers are [Long] where they are whole and fit, else [Double].
/// `null` is refused, because this protocol leaves out what there is not.
final class JsonReader {
  private static final int MOST_DEPTH = 32;

  private final String text;
  private int at;

  private JsonReader(String text) {
    this.text = text;
  }

  /// The object that the line consists of.
  ///
  /// @throws ControlException naming the column, counted from 1
  static Map<String, Object> object(String line) throws ControlException {
    JsonReader reader = new JsonReader(line);
    reader.blanks();
    if (!reader.sees('{')) {
      throw reader.wrong("an object, which begins with {");
    }
    Map<String, Object> read = reader.object(0);
    reader.blanks();
    if (reader.at < line.length()) {
      throw reader.wrong("nothing behind the object");
    }
    return read;
  }

  private Object value(int depth) throws ControlException {
    if (depth > MOST_DEPTH) {
      throw wrong("at most " + MOST_DEPTH + " levels");
    }
    blanks();
    char first = at < text.length() ? text.charAt(at) : '\0';
    return switch (first) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      default -> number();
    };
  }

  private Map<String, Object> object(int depth) throws ControlException {
    Map<String, Object> members = new LinkedHashMap<>();
    at++;
    blanks();
    if (skipped('}')) {
      return members;
    }
    do {
      blanks();
      int start = at;
      String key = string();
      blanks();
      require(':');
      if (members.put(key, value(depth + 1)) != null) {
        at = start;
        throw wrong("each member once");
      }
      blanks();
    } while (skipped(','));
    require('}');
    return members;
  }

  private List<Object> array(int depth) throws ControlException {
    List<Object> elements = new ArrayList<>();
    at++;
    blanks();
    if (skipped(']')) {
      return elements;
    }
    do {
      elements.add(value(depth + 1));
      blanks();
    } while (skipped(','));
    require(']');
    return elements;
  }

  private String string() throws ControlException {
    require('"');
    StringBuilder read = new StringBuilder();
    while (!skipped('"')) {
      if (at == text.length() || text.charAt(at) < ' ') {
        throw wrong("the end of the string, \"");
      }
      char c = text.charAt(at++);
      read.append(c == '\\' ? escaped() : c);
    }
    return read.toString();
  }

  private char escaped() throws ControlException {
    char c = at < text.length() ? text.charAt(at++) : '\0';
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> {
        at--;
        throw wrong("one of \" \\ / b f n r t u behind a backslash");
      }
    };
  }

  private char unicode() throws ControlException {
    int code = 0;
    for (int i = 0; i < 4; i++) {
      int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
      if (digit < 0 || text.charAt(at) > 'f') {
        throw wrong("four hexadecimal digits behind \\u");
      }
      code = code << 4 | digit;
      at++;
    }
    return (char) code;
  }

  private Object word(String word, boolean value) throws ControlException {
    if (!text.startsWith(word, at)) {
      throw wrong("a value");
    }
    at += word.length();
    return value;
  }

  private Object number() throws ControlException {
    int start = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String digits = text.substring(start, at);
    if (digits.matches("-?(0|[1-9]\\d{0,17})")) {
      return Long.parseLong(digits);
    }
    if (digits.length() <= 64
        && digits.matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?")
        && Double.isFinite(Double.parseDouble(digits))) {
      return Double.parseDouble(digits);
    }
    at = start;
    throw wrong("a value");
  }

  private void blanks() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private boolean sees(char c) {
    return at < text.length() && text.charAt(at) == c;
  }

  private boolean skipped(char c) {
    boolean there = sees(c);
    if (there) {
      at++;
    }
    return there;
  }

  private void require(char c) throws ControlException {
    if (!skipped(c)) {
      throw wrong("a " + c);
    }
  }

  private ControlException wrong(String allowed) {
    String found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
    return new ControlException(
        "not JSON: column " + (at + 1) + " has " + found + "; allowed: " + allowed);
  }
}
