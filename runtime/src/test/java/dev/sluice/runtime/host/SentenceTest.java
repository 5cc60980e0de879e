package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.InvocationTargetException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SentenceTest {
  @Test
  void stackTracesAsTextGiveTheThrowableThatAPersonCanUse() {
    Map<String, String> rows =
        Map.of(
            "a.b.SettingsException: f.cfg: k = 1: allowed: 2\n\tat x.Y.z(Y.java:1)\n",
            "f.cfg: k = 1: allowed: 2",
            "java.lang.reflect.InvocationTargetException\n\tat x.Y.z(Y.java:1)\n"
                + "Caused by: java.io.IOException: disk\n\tat x.Y.z(Y.java:1)\n",
            "IOException: disk",
            "java.lang.IllegalStateException: wrapped\n\tat x.Y.z(Y.java:1)\n\t... 3 more\n"
                + "Caused by: dev.sluice.plugin.SettingsException: t.cfg: a\n\tat x.Y.z(Y.java:1)",
            "t.cfg: a",
            "java.lang.NullPointerException\n\tat x.Y.z(Y.java:1)",
            "NullPointerException",
            "no stack trace\nat all",
            "no stack trace at all");
    rows.forEach((trace, sentence) -> assertEquals(sentence, Sentence.ofStackTrace(trace)));
  }

  @Test
  void wrappingByReflectionIsNotTold() {
    assertEquals(
        "IllegalStateException: why",
        Sentence.of(new InvocationTargetException(new IllegalStateException("why"))));
  }
}
