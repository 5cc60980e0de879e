package dev.sluice.runtime.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CulpritTest {
  private static final String SHA256 = "0123456789abcdef".repeat(4);
  private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.678Z");

  @TempDir Path state;

  private static Culprit culprit(String cause) {
    return new Culprit("guard/1.0.0", SHA256, cause, TIME);
  }

  @Test
  void whatWasWrittenIsReadUntilItIsCleared() throws Exception {
    assertEquals(Optional.empty(), Culprit.read(state));
    culprit("first").write(state);
    culprit("it called System.exit in guard.Guard.<init>").write(state);
    assertEquals(
        Optional.of(culprit("it called System.exit in guard.Guard.<init>")), Culprit.read(state));
    try (var files = Files.list(state)) {
      assertEquals(List.of(state.resolve("last-culprit")), files.toList());
    }
    Culprit.clear(state);
    Culprit.clear(state);
    assertEquals(Optional.empty(), Culprit.read(state));
  }

  @Test
  void causeCannotForgeALine() throws Exception {
    culprit("a\nother/2.0.0\r\u0000b").write(state);
    assertEquals("a other/2.0.0  b", Culprit.read(state).orElseThrow().cause());
    culprit("x".repeat(100_000)).write(state);
    assertEquals(500, Culprit.read(state).orElseThrow().cause().length());
  }

  @Test
  void fileThatSaysNothingIntelligibleIsNone() throws Exception {
    Path file = state.resolve(Culprit.FILE_NAME);
    String good = "a/1\n" + SHA256 + "\ncause\n" + TIME + "\n";
    Files.writeString(file, good);
    assertFalse(Culprit.read(state).isEmpty());
    for (String bad :
        List.of(
            "",
            "\n\n\n\n",
            "a/1\n" + SHA256 + "\ncause\n",
            good + "more\n",
            good.replace(SHA256, "x"),
            good.replace(TIME.toString(), "yesterday"),
            "\0".repeat(100),
            good + " ".repeat(10_000))) {
      Files.writeString(file, bad);
      assertEquals(Optional.empty(), Culprit.read(state), bad);
    }
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, '\n', '\n', '\n', '\n'});
    assertEquals(Optional.empty(), Culprit.read(state));
    Files.delete(file);
    Files.createDirectory(file);
    assertEquals(Optional.empty(), Culprit.read(state));
  }

  @Test
  void folderThatIsGoneIsToldToTheWriter() {
    assertThrows(IOException.class, () -> culprit("x").write(state.resolve("gone")));
  }
}
