package dev.sluice.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.bench.swap.BadBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `bench swap`: what it understands, what it writes, and fifty swaps in this process.
@Tag("alone")
final class SwapBenchTest {
  @TempDir private Path folder;

  private static SwapOptions parse(String... words) throws ArgumentException {
    return SwapOptions.parse(Arrays.asList(words));
  }

  @Test
  void whatIsNotGivenHasItsDefault() throws ArgumentException {
    SwapOptions options = parse();
    assertEquals(SwapBackend.XDP, options.backend());
    assertEquals(SwapOptions.BundleKind.MARKING, options.bundle());
    assertEquals(0.8, options.load());
    assertEquals(100, options.plan().swaps());
    assertEquals(BadBundle.values().length - 2, options.plan().bad().size());
    assertTrue(options.plan().bad().stream().noneMatch(BadBundle::stalls));
    List<BadBundle> inMemory = parse("--backend", "memory").plan().bad();
    assertEquals(BadBundle.values().length - 1, inMemory.size());
    assertFalse(inMemory.contains(BadBundle.ENDLESS_ON_A_PACKET));
  }

  @Test
  void badBundlesAreNamedAllOrNone() throws ArgumentException {
    assertEquals(List.of(), parse("--bad", "none").plan().bad());
    assertEquals(List.of(BadBundle.values()), parse("--bad", "all").plan().bad());
    assertEquals(
        List.of(BadBundle.NO_ZIP, BadBundle.UNSIGNED),
        parse("--bad", "no-zip, unsigned").plan().bad());
  }

  @ParameterizedTest
  @CsvSource({
    "--backend, pcap, 'allowed: xdp, packet, memory'",
    "--backend, XDP, 'allowed: xdp, packet, memory'",
    "--bundle, allow-all, 'allowed: marking, terminal-auth'",
    "--bad, rotten, 'allowed: unsigned, tampered'",
    "--bad, 'none,all', 'allowed: unsigned, tampered'",
    "--load, 0, a number from 0.01 to 1.0",
    "--load, 1.1, a number from 0.01 to 1.0",
    "--swaps, 0, from 1 to 500000 is allowed",
    "--swaps, 500001, from 1 to 500000 is allowed",
    "--bad-every, 0, from 1 to 500000 is allowed",
    "--bytes, 59, from 60 to 1514 is allowed",
    "--work-threads, 9, from 0 to 8 is allowed",
    "--sessions, 10001, from 1 to 10000 is allowed",
    "--speed, 1, unknown option",
  })
  void whatCannotBeIsRefused(String option, String value, String sentence) {
    ArgumentException refused = assertThrows(ArgumentException.class, () -> parse(option, value));
    String told = String.valueOf(refused.getMessage());
    assertTrue(told.contains(sentence), told);
  }

  @Test
  void terminalsDoNotLiveInMemory() {
    assertThrows(
        ArgumentException.class, () -> parse("--bundle", "terminal-auth", "--backend", "memory"));
    assertEquals(2, BenchCommand.run(List.of("swap", "--swaps", "none")));
    assertEquals(0, BenchCommand.run(List.of("swap", "--help")));
  }

  @Test
  void framesOfTheForbiddenFlowAreCountedExactly() {
    long forbidden = 0;
    for (int frames = 0; frames < 300; frames++) {
      assertEquals(forbidden, SwapLane.forbidden(frames), frames + " frames");
      forbidden += frames % UdpFrames.FLOWS == UdpFrames.FORBIDDEN_FLOW ? 1 : 0;
    }
  }

  @Test
  void countersAreReadByReason() {
    String counters =
        "{\"received\":9,\"dropped\":{\"no-chain\":1,\"bench-forbidden\":20},\"devices\":"
            + "[{\"kernelDropped\":3},{\"kernelDropped\":4}]}";
    assertEquals(Map.of("no-chain", 1L, "bench-forbidden", 20L), SwapRow.dropped(counters));
    assertEquals(7, SwapRow.kernelDropped(counters));
    assertEquals(Map.of(), SwapRow.dropped(""));
    assertEquals(0, SwapRow.kernelDropped(""));
  }

  @Test
  void collectionsOfTheHeapAreReadFromTheLogOfTheJvm() {
    List<JvmFigures.Collection> collections =
        JvmFigures.collections(
            List.of(
                "[1764384000123ms] Using The Z Garbage Collector",
                "[1764384000400ms] GC(0) Minor Collection (Warmup)",
                "[1764384000456ms] GC(0) Minor Collection (Warmup) 8M(0%)->3M(0%) 0.011s",
                "[1764384001000ms] GC(1) Major Collection (Metadata GC Threshold) 9M(1%)->4M(0%) 0.02s",
                "[x] GC(2) Minor Collection (Warmup) 8M(0%)->3M(0%) 0.011s",
                ""));
    assertEquals(
        List.of(
            new JvmFigures.Collection(1764384000456L, false, 3 << 20),
            new JvmFigures.Collection(1764384001000L, true, 4 << 20)),
        collections);
  }

  @Test
  void ofACollectionOfTheWholeHeapWhatIsAliveCountsIfTheLogTellsIt() {
    List<JvmFigures.Collection> collections =
        JvmFigures.collections(
            List.of(
                "[1764384001000ms] GC(1) Y:      Live:         -                 9M (1%)      9M (1%)",
                "[1764384001000ms] GC(1) O:      Live:         -                 5M (1%)      7M (1%)",
                "[1764384001000ms] GC(1) Major Collection (Timer) 300M(5%)->156M(3%) 1.276s",
                "[1764384002000ms] GC(2) Minor Collection (Warmup) 20M(1%)->8M(0%) 0.02s",
                "[1764384003000ms] GC(3) O:      Live:         -                 2G (1%)      7M (1%)",
                "[1764384003000ms] GC(4) Major Collection (Timer) 300M(5%)->157M(3%) 1.276s"));
    assertEquals(
        List.of(
            new JvmFigures.Collection(1764384001000L, true, 5 << 20),
            new JvmFigures.Collection(1764384002000L, false, 8 << 20),
            new JvmFigures.Collection(1764384003000L, true, 157 << 20)),
        collections);
  }

  @Test
  void percentilesAreInTheUnitAskedFor() {
    Histogram nanos = new Histogram(3);
    for (int i = 1; i <= 1000; i++) {
      nanos.recordValue(i * 1000L);
    }
    Map<String, Object> micros = SwapRow.percentiles(nanos, 1000);
    assertEquals(List.of("p50", "p99", "p999", "max"), List.copyOf(micros.keySet()));
    assertEquals(500, Double.parseDouble(Table.cell(micros, "p50", 3)), 1);
    assertEquals(1000, Double.parseDouble(Table.cell(micros, "max", 3)), 1);
  }

  @ParameterizedTest
  @CsvSource({
    "lost",
    "duplicated",
    "reordered",
    "wrongGeneration",
    "unfiltered",
    "leakedLoaders",
    "unexpected",
    "resets",
    "reauthentications",
    "sessionsEnded",
    "unexplainedRetransmissions",
    "reconnections",
    "missingValues",
    "brokenFrames"
  })
  void whatIsNotZeroAndMustBeMakesTheExitCode(String name) {
    assertEquals(0, new SwapRow().put("sent", 5).put(name, 0L).code());
    assertEquals(1, new SwapRow().put("sent", 5).put(name, 1L).code());
    assertEquals(1, new SwapRow().put(name, 7).code());
  }

  @Test
  void fiftySwapsInMemoryLoseNothing() throws IOException {
    Path file = folder.resolve("row.json");
    int code =
        BenchCommand.run(
            List.of(
                "swap",
                "--backend",
                "memory",
                "--swaps",
                "50",
                "--rate",
                "0.02",
                "--bad",
                "throws-at-start,unresolvable,wrong-scope",
                "--pause",
                "1",
                "--json",
                file.toString()));
    String json = Files.readString(file);
    assertEquals(0, code, json);
    for (String member :
        List.of(
            "\"machine\":{\"cpu\":",
            "\"rows\":[{\"backend\":\"memory\",\"bundle\":\"marking\",\"frameBytes\":60,",
            "\"swaps\":50,\"refused\":5,\"rolledBack\":0,\"unexpected\":0,",
            "{\"kind\":\"good\",\"expected\":\"ACTIVE\",\"got\":{\"ACTIVE\":50},\"surprises\":[]}",
            "\"lost\":0,",
            "\"lossEpisodes\":[],",
            "\"duplicated\":0,\"reordered\":0,\"unfiltered\":0,\"wrongGeneration\":0,",
            "\"versionsUnseen\":[]",
            "\"deployMillis\":{\"p50\":",
            "\"addedLatencyMicros\":{\"p50\":",
            "\"heapSlope\":{\"value\":",
            "\"unit\":\"bytes/swap\"",
            "\"leakedLoaders\":0,")) {
      assertTrue(json.contains(member), member + " in " + json);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lost, 5, true, true",
    "unexpected, 1, true, false",
    "lost, 5, false, false",
    "lost, 0, true, false",
    "unfiltered, 1, true, false",
    "duplicated, 1, true, false",
    "leakedLoaders, 1, true, false",
  })
  void onlyLossAloneIsRepeated(String name, long value, boolean disturbed, boolean is) {
    SwapRow row = new SwapRow().put("disturbed", disturbed).put(name, value);
    assertEquals(is, row.isWorthAnother());
  }
}
