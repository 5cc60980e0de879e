package dev.sluice.runtime.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.EventLog.Severity;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  private static String string(String text) {
    StringBuilder out = new StringBuilder();
    Json.string(out, text);
    return out.toString();
  }

  private static String value(Object value) {
    StringBuilder out = new StringBuilder();
    Json.value(out, value);
    return out.toString();
  }

  @Test
  void everythingThatEndsAStringOrALineIsEscaped() {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("", "\"\"");
    rows.put("plain", "\"plain\"");
    rows.put("a\"b", "\"a\\\"b\"");
    rows.put("a\\b", "\"a\\\\b\"");
    rows.put("a\nb\rc\td", "\"a\\nb\\rc\\td\"");
    rows.put("\u0000\u001b[31m\u007f\u0085", "\"\\u0000\\u001b[31m\\u007f\\u0085\"");
    rows.put("\u2028\u2029", "\"\\u2028\\u2029\"");
    rows.put("\u202egpj", "\"\\u202egpj\"");
    rows.put("\ud83d\ude00", "\"\ud83d\ude00\"");
    rows.put("\ud83d", "\"\ufffd\"");
    rows.put("\ude00\ud83d", "\"\ufffd\ufffd\"");
    rows.put("x\ud83d\"", "\"x\ufffd\\\"\"");
    rows.put("配电终端", "\"配电终端\"");
    rows.forEach((text, json) -> assertEquals(json, string(text)));
  }

  @Test
  void valuesKeepTheirKind() {
    assertEquals("1", value(1));
    assertEquals("-9223372036854775808", value(Long.MIN_VALUE));
    assertEquals("0.5", value(0.5));
    assertEquals("\"NaN\"", value(Double.NaN));
    assertEquals("\"Infinity\"", value(Float.POSITIVE_INFINITY));
    assertEquals("true", value(true));
    assertEquals("[1,\"a\",{}]", value(List.of(1, "a", Map.of())));
    assertEquals("{\"k\\n\":[]}", value(Map.of("k\n", List.of())));
  }

  @Test
  void reporterCannotSetTheMembersThatSayWhatTheLineIs() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("severity", "INFO");
    fields.put("event", "all-is-well");
    EventLine line =
        EventLine.of(Instant.parse("2026-01-02T03:04:05.006Z"), Severity.ALARM, "x", fields);
    assertEquals(
        "{\"time\":\"2026-01-02T03:04:05.006Z\",\"severity\":\"ALARM\",\"event\":\"x\","
            + "\"severity_\":\"INFO\",\"event_\":\"all-is-well\"}",
        line.json());
  }

  @Test
  void valueThatCannotBePrintedCostsOnlyItself() {
    Object hostile =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("no");
          }
        };
    EventLine line = EventLine.of(Instant.EPOCH, Severity.INFO, "x", Map.of("k", hostile));
    assertTrue(line.json().contains("\"k\":\"(java.lang.IllegalStateException while printing)\""));
  }

  @Test
  void longValuesAndManyFieldsAreCut() {
    Map<String, Object> many = new LinkedHashMap<>();
    for (int i = 0; i < 1000; i++) {
      many.put("k" + i, "v".repeat(10_000));
    }
    EventLine line = EventLine.of(Instant.EPOCH, Severity.INFO, "x", many);
    assertTrue(line.json().length() < 64 * 2100, "length " + line.json().length());
  }

  @Test
  void terminalNeverSeesAControlCharacter() {
    EventLine line =
        EventLine.of(Instant.EPOCH, Severity.INFO, "x", Map.of("k", "\u001b[2J\n12:00 INFO fake"));
    assertFalse(line.human().chars().anyMatch(Character::isISOControl), line.human());
    assertEquals("00:00:00.000 INFO x k=\"\\u001b[2J\\n12:00 INFO fake\"", line.human());
  }
}
