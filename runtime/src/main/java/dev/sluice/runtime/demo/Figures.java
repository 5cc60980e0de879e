package dev.sluice.runtime.demo;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What the demo has measured, by the names of its last line.
final class Figures {
  private final Map<String, String> values = new TreeMap<>();

  void put(String name, long value) {
    values.put(name, Long.toString(value));
  }

  /// Adds to a figure that is 0 until then.
  void add(String name, long value) {
    put(name, number(name) + value);
  }

  /// A figure that is a whole number, 0 if it was not measured.
  long number(String name) {
    return Long.parseLong(values.getOrDefault(name, "0"));
  }

  /// A figure in decimal, with one digit after the point.
  void putTenths(String name, long tenths) {
    values.put(name, tenths / 10 + "." + tenths % 10);
  }

  /// A sentence without quotation marks, back-slashes or control characters.
  void putText(String name, String text) {
    values.put(name, '"' + text.replaceAll("[\\p{Cntrl}\"\\\\]", "'") + '"');
  }

  /// One JSON object on one line.
  String json() {
    return values.entrySet().stream()
        .map(entry -> "\"" + entry.getKey() + "\": " + entry.getValue())
        .collect(Collectors.joining(", ", "{", "}"));
  }
}
