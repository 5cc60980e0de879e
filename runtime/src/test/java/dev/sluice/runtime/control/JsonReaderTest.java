package dev.sluice.runtime.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.events.Json;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonReaderTest {
  @Test
  void valuesAreWhatTheyLookLike() throws Exception {
    assertEquals(
        Map.of("a", 1L, "b", -2.5, "c", true, "d", List.of("x", Map.of()), "e", 1e3),
        JsonReader.object(" { \"a\" : 1,\"b\":-2.5,\"c\":true,\"d\":[\"x\",{ }],\"e\":1e3} \r"));
    assertEquals(Map.of(), JsonReader.object("{}"));
    assertEquals(Map.of("a", List.of()), JsonReader.object("{\"a\":[]}"));
    assertEquals(Map.of("a", 1e19), JsonReader.object("{\"a\":10000000000000000000}"));
  }

  @Test
  void whateverIsWrittenIsReadAgain() throws Exception {
    String all = "\"\\/\b\f\n\r\t\u0000\u001f\u007f\u0085\u2028\u202e\ud83d\ude42 <é>";
    assertEquals(Map.of(all, all), JsonReader.object(Json.text(Map.of(all, all))));
    assertEquals(Map.of("a", "/\b\f"), JsonReader.object("{\"a\":\"\\/\\b\\f\"}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "1",
        "\"a\"",
        "[]",
        "{",
        "}",
        "{}}",
        "{} {}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":[1,]}",
        "{\"a\":[1 2]}",
        "{\"a\":[}",
        "{\"a\":nul}",
        "{\"a\":null}",
        "{\"a\":tru}",
        "{\"a\":+1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":1e}",
        "{\"a\":-}",
        "{\"a\":1e999}",
        "{\"a\":NaN}",
        "{\"a\":\"}",
        "{\"a\":\"\\\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u12\uff11\uff11\"}",
        "{\"a\":\"\n\"}"
      })
  void whatIsNoObjectIsRefusedWithItsColumn(String text) {
    ControlException wrong =
        assertThrows(ControlException.class, () -> JsonReader.object(text), text);
    assertTrue(
        String.valueOf(wrong.getMessage())
            .matches("not JSON: column \\d+ has (?s:.*); allowed: .*"),
        wrong.getMessage());
  }

  @Test
  void numberOfManyDigitsTakesNoTime() {
    String text = "{\"a\":" + "1".repeat(60_000) + "}";
    assertThrows(ControlException.class, () -> JsonReader.object(text));
  }

  @Test
  void depthIsBounded() throws Exception {
    JsonReader.object("{\"a\":" + "[".repeat(32) + "]".repeat(32) + "}");
    String deep = "{\"a\":" + "[".repeat(33) + "]".repeat(33) + "}";
    assertThrows(ControlException.class, () -> JsonReader.object(deep));
  }

  @Test
  void damagedTextIsReadOrRefused() {
    String text = "{\"a\":[1,-2.5e3,true,\"\\u00e9\\n\"],\"b\":{\"c\":{}}}";
    Random random = new Random(7);
    int read = 0;
    for (int i = 0; i < 50_000; i++) {
      StringBuilder damaged = new StringBuilder(text);
      for (int change = random.nextInt(4); change > 0; change--) {
        damaged.setCharAt(random.nextInt(damaged.length()), (char) random.nextInt(32, 128));
      }
      damaged.setLength(random.nextBoolean() ? text.length() : random.nextInt(text.length()));
      try {
        JsonReader.object(damaged.toString());
        read++;
      } catch (ControlException e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith("not JSON: column "));
      }
    }
    assertTrue(read > 1000, read + " read");
  }
}
