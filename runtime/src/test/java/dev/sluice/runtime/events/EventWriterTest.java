package dev.sluice.runtime.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.EventLog.Severity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventWriterTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
  private final PrintStream terminal = new PrintStream(shown, true, StandardCharsets.UTF_8);
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("log").resolve("events.jsonl");
  }

  private List<String> lines(Path of) throws IOException {
    return Files.exists(of) ? Files.readAllLines(of) : List.of();
  }

  private void awaitLines(Path of, int count) throws Exception {
    for (int looks = 0; lines(of).size() < count && looks < 500; looks++) {
      Thread.sleep(10);
    }
    assertEquals(count, lines(of).size());
  }

  @Test
  void linesReachTheDiskWhileTheWriterRuns() throws Exception {
    try (EventWriter log = EventWriter.start(file, terminal)) {
      log.report(Severity.WARNING, "port-down", Map.of("port", "eth1"));
      awaitLines(file, 1);
      assertTrue(lines(file).getFirst().endsWith("\"event\":\"port-down\",\"port\":\"eth1\"}"));
    }
    assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertTrue(shown.toString(StandardCharsets.UTF_8).endsWith(" WARNING port-down port=eth1\n"));
  }

  @Test
  void nothingReportedBeforeTheCloseIsLost() throws Exception {
    EventWriter log = EventWriter.start(file, terminal);
    for (int i = 0; i < 5000; i++) {
      log.report(Severity.INFO, "n", Map.of("i", i));
    }
    log.close();
    assertEquals(5000, lines(file).size());
    assertEquals(0, log.lost());
  }

  @Test
  void fullQueueLosesEventsAndSaysHowMany() throws Exception {
    EventWriter log = EventWriter.paused(file, terminal, 10);
    for (int i = 0; i < 25; i++) {
      log.report(Severity.INFO, "n", Map.of("i", i));
    }
    assertEquals(15, log.lost());
    log.begin();
    awaitLines(file, 11);
    log.close();
    assertTrue(lines(file).getFirst().endsWith("\"event\":\"events-lost\",\"count\":15}"));
    assertEquals(0, log.lost());
  }

  @Test
  void rotatedFileIsLetGo() throws Exception {
    try (EventWriter log = EventWriter.start(file, terminal)) {
      log.report(Severity.INFO, "before", Map.of());
      awaitLines(file, 1);
      Path moved = folder.resolve("events.1");
      Files.move(file, moved);
      for (int looks = 0; !Files.exists(file) && looks < 40; looks++) {
        Thread.sleep(100);
        log.report(Severity.INFO, "after", Map.of());
      }
      log.close();
      assertTrue(Files.exists(file));
      assertTrue(lines(moved).getFirst().contains("before"));
      assertTrue(lines(file).getLast().contains("after"));
      assertEquals(0, log.lost());
    }
  }

  @Test
  void diskThatRefusesCostsLinesAndIsToldOnce() throws Exception {
    Files.createDirectories(file);
    EventWriter log = EventWriter.start(file, terminal);
    for (int i = 0; i < 20; i++) {
      log.report(Severity.INFO, "n", Map.of("i", i));
    }
    for (int looks = 0; log.lost() < 20 && looks < 500; looks++) {
      Thread.sleep(10);
    }
    assertEquals(20, log.lost());
    Files.delete(file);
    log.report(Severity.INFO, "again", Map.of());
    awaitLines(file, 2);
    log.close();
    assertTrue(lines(file).getFirst().contains("\"count\":20"));
    long complaints =
        shown
            .toString(StandardCharsets.UTF_8)
            .lines()
            .filter(l -> l.contains("cannot be written"))
            .count();
    assertEquals(1, complaints);
  }

  @Test
  void fullDiskLosesWhatWasNotFlushedAndAllOfItIsCounted() throws Exception {
    Files.createDirectories(file.getParent());
    Files.createSymbolicLink(file, Path.of("/dev/full"));
    EventWriter log = EventWriter.paused(file, terminal, 100);
    for (int i = 0; i < 20; i++) {
      log.report(Severity.INFO, "n", Map.of("i", i));
    }
    log.begin();
    for (int looks = 0; log.lost() < 20 && looks < 500; looks++) {
      Thread.sleep(10);
    }
    assertEquals(20, log.lost());
    Files.delete(file);
    log.report(Severity.INFO, "again", Map.of());
    awaitLines(file, 2);
    log.close();
    assertTrue(lines(file).getFirst().contains("\"count\":20"));
  }

  @Test
  void lineThatWasCutOffIsNotGluedToTheNext() throws Exception {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{\"time\":\"2026");
    try (EventWriter log = EventWriter.start(file, terminal)) {
      log.report(Severity.INFO, "whole", Map.of());
      awaitLines(file, 2);
    }
    assertTrue(lines(file).getLast().startsWith("{\"time\""), lines(file).toString());
  }

  @Test
  void countersFileIsWholeAtEveryMoment() throws Exception {
    Path counters = folder.resolve("counters.json");
    Counters none =
        new Counters(5, 3, 1, 0, 2, Map.of("no-chain", 1L), 96, 7, List.of("a/1.0.0"), List.of());
    CountersFile writing = CountersFile.start(counters, () -> none, (s, e, f) -> {});
    for (int looks = 0; !Files.exists(counters) && looks < 500; looks++) {
      Thread.sleep(10);
    }
    assertEquals(
        "{\"received\":5,\"forwarded\":3,\"answered\":1,\"held\":0,\"sentData\":2,"
            + "\"dropped\":{\"no-chain\":1},\"packetThreadsAllocatedBytes\":96,"
            + "\"generation\":7,\"chain\":[\"a/1.0.0\"],"
            + "\"devices\":[]}\n",
        Files.readString(counters));
    writing.close();
    assertTrue(Files.exists(counters));
  }
}
