package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.InvocationTargetException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SentenceTest {
  @Test
  void stackTracesAsTextGiveTheThrowableThatAPersonCanUse() {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put(
        "a.b.SettingsException: f.cfg: k = 1: allowed: 2\n\tat x.Y.z(Y.java:1)\n",
        "f.cfg: k = 1: allowed: 2");
    rows.put(
        """
        java.lang.reflect.InvocationTargetException
        \tat x.Y.z(Y.java:1)
        Caused by: java.io.IOException: disk
        \tat x.Y.z(Y.java:1)
        """,
        "IOException: disk");
    rows.put(
        """
        java.lang.IllegalStateException: wrapped
        \tat x.Y.z(Y.java:1)
        \t... 3 more
        Caused by: dev.sluice.plugin.SettingsException: t.cfg: a
        \tat x.Y.z(Y.java:1)
        """,
        "t.cfg: a");
    rows.put("java.lang.NullPointerException\n\tat x.Y.z(Y.java:1)", "NullPointerException");
    rows.put("no stack trace\nat all", "no stack trace at all");
    rows.forEach((trace, sentence) -> assertEquals(sentence, Sentence.ofStackTrace(trace)));
  }

  @Test
  void wrappingByReflectionIsNotTold() {
    assertEquals(
        "IllegalStateException: why",
        Sentence.of(new InvocationTargetException(new IllegalStateException("why"))));
  }
}
