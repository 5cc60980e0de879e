package dev.sluice.runtime.control;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// The members of one request, checked as they are read. Each error is one sentence.
final class RequestFields {
  private static final int MOST_CHARS = 4096;

  private final Map<String, Object> members;
  private final TreeSet<String> known = new TreeSet<>();

  RequestFields(Map<String, Object> members) {
    this.members = new TreeMap<>(members);
  }

  /// A text that must be there.
  String text(String name) throws WrongCallException {
    String text = text(name, "");
    if (text.isEmpty()) {
      throw new WrongCallException("the request lacks \"" + name + "\", a text");
    }
    return text;
  }

  /// A text, or the other if there is none.
  String text(String name, String otherwise) throws WrongCallException {
    known.add(name);
    return switch (members.getOrDefault(name, otherwise)) {
      case String text when text.length() <= MOST_CHARS && text.indexOf('\0') < 0 -> text;
      case Object other -> throw wrong(name, other, "a text of at most " + MOST_CHARS + " letters");
    };
  }

  /// A whole number, or the other if there is none.
  long number(String name, long otherwise, long least, long most) throws WrongCallException {
    known.add(name);
    return switch (members.getOrDefault(name, otherwise)) {
      case Long number when least <= number && number <= most -> number;
      case Object other -> throw wrong(name, other, "a whole number, " + least + ".." + most);
    };
  }

  /// A flag, false if it is not there.
  boolean flag(String name) throws WrongCallException {
    known.add(name);
    return switch (members.getOrDefault(name, false)) {
      case Boolean flag -> flag;
      case Object other -> throw wrong(name, other, "true, false");
    };
  }

  /// One of the constants of an enumeration, in upper case.
  <E extends Enum<E>> E choice(String name, Class<E> type, E otherwise) throws WrongCallException {
    String text = text(name, otherwise.name());
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(text)) {
        return constant;
      }
    }
    throw wrong(name, text, new TreeSet<>(java.util.List.of(type.getEnumConstants())).toString());
  }

  /// To be called when all that the command knows has been read.
  void refuseUnknown() throws WrongCallException {
    for (String name : members.keySet()) {
      if (!known.contains(name)) {
        throw new WrongCallException(
            "the request has \"" + shown(name) + "\", which is unknown here; allowed: " + known);
      }
    }
  }

  private static WrongCallException wrong(String name, Object value, String allowed) {
    return new WrongCallException(
        "\"" + name + "\" is " + shown(value.toString()) + "; allowed: " + allowed);
  }

  private static String shown(String text) {
    return text.length() <= 100 ? text : text.substring(0, 100) + "...";
  }
}
