package dev.sluice.runtime.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.arguments.ArgumentException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineTest {
  @Test
  void whatIsPrintedIsReadBack() {
    Line line = Line.now("ended", "terminal", "10.0.0.1:2404", "cause", "the peer is gone");
    assertEquals(Optional.of(line), Line.parse(line.toString()));
    assertTrue(line.is("ended", "terminal", "10.0.0.1:2404"));
    assertTrue(0 < line.atMicros());
  }

  @Test
  void spacesAndLineEndsCannotForgeAnotherKey() {
    Line line = Line.now("ended", "terminal", "a lease=1", "cause", "x\nevent=accepted");
    Line read = Line.parse(line.toString()).orElseThrow();
    assertEquals("a_lease=1", read.text("terminal"));
    assertEquals("x event=accepted", read.text("cause"));
    assertEquals("", read.text("lease"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ready", "events=1", "event=a b", "event=a =b", " event=a"})
  void otherLinesAreNone(String text) {
    assertEquals(Optional.empty(), Line.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "10.0.0.1",
        "10.0.0.1:",
        ":2404",
        "10.0.0.1:65536",
        "10.0.0.1:-1",
        "host:2404",
        "10.0.0:2404x",
        "[fd00::1:2404",
        "10.0.0.256:1",
        "10.0.0.1:123456"
      })
  void noAddressIsRefusedByName(String text) {
    ArgumentException refused =
        assertThrows(ArgumentException.class, () -> Addresses.parse("gateway", text));
    assertTrue(String.valueOf(refused.getMessage()).startsWith("--gateway is '" + text + "'"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.1:2404", "[fd00:0:0:0:0:0:0:1]:2405"})
  void addressIsPrintedAsItIsTyped(String text) throws ArgumentException {
    assertEquals(text, Addresses.text(Addresses.parse("gateway", text)));
  }
}
