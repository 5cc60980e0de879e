package dev.sluice.runtime.control;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The records of this package as JSON has them: each component a member of the same name. So the
/// names of the components are part of the protocol.
final class Shapes {
  private Shapes() {}

  /// A value that [dev.sluice.runtime.events.Json] writes as what it is: a map for a record, the
  /// same for the records within.
  static Object of(Object value) {
    return switch (value) {
      case Record record -> members(record);
      case Map<?, ?> map -> {
        Map<Object, Object> shaped = new LinkedHashMap<>();
        map.forEach((key, member) -> shaped.put(key, of(member)));
        yield shaped;
      }
      case Iterable<?> elements -> {
        List<Object> shaped = new ArrayList<>();
        elements.forEach(element -> shaped.add(of(element)));
        yield shaped;
      }
      default -> value;
    };
  }

  private static Map<String, Object> members(Record record) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      try {
        members.put(component.getName(), of(component.getAccessor().invoke(record)));
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new LinkageError(record.getClass() + " is a public record of this package", e);
      }
    }
    return members;
  }
}
