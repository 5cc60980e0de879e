package dev.sluice.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.FramePattern;
import dev.sluice.wire.Checksum;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The small parts of the benchmarks: frames, rules, figures.
final class BenchPartsTest {
  @TempDir private Path folder;

  @Test
  void framesOfEveryLengthAreWholeAndTheirFieldsLieInThem() {
    for (int bytes : List.of(60, 61, 124, 764, 1514)) {
      FramePattern pattern = UdpFrames.pattern(bytes);
      MemorySegment frame = MemorySegment.ofArray(pattern.frame());
      assertEquals(bytes, pattern.frame().length);
      assertEquals(0, Checksum.of(frame, 14, 20));
      assertEquals(bytes - 14, ByteBuffer.wrap(pattern.frame()).getShort(16));
      assertTrue(pattern.stampAt() + Long.BYTES <= 60);
      assertTrue(pattern.sequenceAt() + Integer.BYTES <= pattern.markerAt());
    }
  }

  @Test
  void thereAreTenRulesAndNoneIsMetByTheFrames() {
    List<String> rules = NftRules.text().lines().filter(line -> line.contains("saddr")).toList();
    assertEquals(10, rules.size());
    assertTrue(rules.stream().allMatch(rule -> rule.endsWith(" drop")));
    assertTrue(rules.stream().noneMatch(rule -> rule.contains("198.51.100.")));
    assertTrue(NftRules.text().contains("policy accept"));
  }

  @Test
  void percentilesAreInMicroseconds() throws BenchException {
    long[] nanos = LongStream.rangeClosed(1, 100_000).map(i -> i * 10).toArray();
    Map<String, Object> row = LatencyRow.of(BenchSystem.BRIDGE, "one", LatencyRow.histogram(nanos));
    assertEquals(500, number(row, "p50"), 1);
    assertEquals(990, number(row, "p99"), 1);
    assertEquals(999, number(row, "p999"), 1);
    assertEquals(1000, number(row, "max"), 1);
    assertEquals(100_000L, row.get("count"));
  }

  private static double number(Map<String, Object> row, String name) {
    return Double.parseDouble(Table.cell(row, name, 3));
  }

  @Test
  void clocksThatRanBackwardsMeasureNothing() throws BenchException {
    Map<String, Object> row =
        LatencyRow.of(BenchSystem.BRIDGE, "one", LatencyRow.histogram(new long[] {-5, 0}));
    assertEquals(0.0, row.get("max"));
    assertThrows(
        BenchException.class,
        () -> LatencyRow.of(BenchSystem.BRIDGE, "one", LatencyRow.histogram(new long[0])));
  }

  @Test
  void theLongestPauseIsFoundInTheLogOfTheJvm() {
    String line =
        "[1.2s][info][safepoint] Safepoint \"ICBufferFull\", Time since last: 99000000 ns, Reaching"
            + " safepoint: 1 ns, Cleanup: 1 ns, At safepoint: 2 ns, Leaving safepoint: 5 ns,"
            + " Total: %d ns, Threads: 1 runnable, 12 total";
    assertEquals(
        1500, JvmFigures.longestPauseMicros(List.of(line.formatted(7), line.formatted(1_500_000))));
    assertEquals(0, JvmFigures.longestPauseMicros(List.of("Total: 5 ns", "Safepoint \"x\"", "")));
    assertEquals(17, JvmFigures.member("{\"a\":1,\"allocated\":17}", "allocated"));
    assertEquals(-1, JvmFigures.member("{\"a\":1}", "allocated"));
    assertEquals(-1, JvmFigures.member("{\"a\":\"1\"}", "a"));
  }

  @Test
  void aMachineThatSaysNothingIsUnknown() {
    assertEquals("unknown", Machine.value("", "model name", "unknown"));
    assertEquals("unknown", Machine.value("model name", "model name", "unknown"));
    assertEquals("AMD EPYC", Machine.value("x : y\nmodel name\t: AMD EPYC\n", "model name", ""));
    assertEquals(-1024, Machine.kibibytes("much"));
    assertEquals(-1, Machine.load("quiet"));
    assertEquals(0.52, Machine.load("0.52 0.58 0.59 1/99 1234"));
  }

  @Test
  void twoCpusAreNeededAndMoreGiveThePipelineItsOwn() throws BenchException {
    assertThrows(BenchException.class, () -> Cpus.of(List.of(3)));
    assertEquals("off", Cpus.of(List.of(0, 1)).pipelined(3));
    assertEquals("off", Cpus.of(List.of(0, 1, 2)).pipelined(3));
    assertEquals("2, 4, 6", Cpus.of(List.of(0, 2, 4, 6, 8)).pipelined(3));
  }

  @Test
  void aReportSaysWhatWasSkippedAndStaysJson() throws BenchException, IOException {
    Machine machine =
        new Machine("c\"pu", 2, "Linux", "25", 1024, 0.1, Instant.parse("2026-01-01T00:00:00Z"));
    Report report = new Report(machine, "./sluice bench forward");
    report.add(Map.of("system", "bridge"));
    report.skip("testpmd-xdp", "dpdk-testpmd is not installed");
    Path file = folder.resolve("rows.json");
    report.write(file);
    String json = Files.readString(file);
    assertTrue(json.contains("\"cpu\":\"c\\\"pu\""), json);
    assertTrue(json.contains("\"rows\":[{\"system\":\"bridge\"}]"), json);
    assertTrue(json.contains("\"why\":\"dpdk-testpmd is not installed\""), json);
    assertThrows(BenchException.class, () -> report.write(folder.resolve("no/such/folder")));
  }

  @Test
  void aProgramThatIsMissingOrFailsIsOneSentence() {
    assertFalse(ExternalProgram.isInstalled("sluice-no-such-program"));
    assertTrue(ExternalProgram.isInstalled("sh"));
    assertThrows(
        BenchException.class, () -> ExternalProgram.run(List.of("sluice-no-such-program"), ""));
    BenchException e =
        assertThrows(
            BenchException.class,
            () -> ExternalProgram.run(List.of("sh", "-c", "echo first; echo second; exit 3"), ""));
    assertTrue(String.valueOf(e.getMessage()).endsWith("failed: first; second"), e.getMessage());
  }

  @Test
  void theThreadsOfOneInterfaceAreFound() throws IOException, BenchException {
    for (String name : List.of("napi/gw0-8193", "napi/gw01-8194", "java")) {
      Path process = Files.createDirectories(folder.resolve(String.valueOf(name.length())));
      Files.writeString(process.resolve("comm"), name + "\n");
    }
    assertEquals(List.of(13L), KernelForwarder.napiThreads(folder, "gw0"));
  }
}
