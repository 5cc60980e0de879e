package dev.sluice.runtime.control;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The members of an object from a gateway, which may be older or newer than this program: what is
/// missing, or of another kind, reads as nothing.
record Members(Map<String, Object> map) {
  /// Nothing is an empty text.
  String text(String name) {
    return map.get(name) instanceof String text ? text : "";
  }

  /// Nothing is -1.
  long number(String name) {
    return map.get(name) instanceof Number number ? number.longValue() : -1;
  }

  /// Nothing is false.
  boolean flag(String name) {
    return map.get(name) instanceof Boolean flag && flag;
  }

  /// Nothing is an object without members.
  Members object(String name) {
    return of(map.get(name));
  }

  /// Nothing is an empty list.
  List<Members> objects(String name) {
    return elements(name).stream().map(Members::of).toList();
  }

  /// Nothing is an empty list.
  List<String> texts(String name) {
    return elements(name).stream().map(String::valueOf).toList();
  }

  private List<?> elements(String name) {
    return map.get(name) instanceof List<?> list ? list : List.of();
  }

  @SuppressWarnings("unchecked") // JSON's keys are texts, and JsonReader has no null
  private static Members of(@Nullable Object value) {
    return new Members(value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of());
  }
}
