package dev.sluice.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.runtime.TestNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole benchmark, as short as it can be: what it writes, not what it measures.
@Tag("alone")
final class ForwardBenchTest {
  @TempDir private Path folder;

  @Test
  void aBenchmarkMeasuresInANamespaceOfItsOwnAndLeavesNothingBehind()
      throws IOException, BenchException {
    TestNamespace.require();
    assumeTrue(Runtime.getRuntime().availableProcessors() >= 2, "needs two CPUs");
    Path file = folder.resolve("rows.json");
    int code =
        BenchCommand.run(
            List.of(
                "forward",
                "--systems",
                "xdp-redirect",
                "--runs",
                "1",
                "--lengths",
                "60",
                "--seconds",
                "0.3",
                "--warm-up",
                "0.5",
                "--json",
                file.toString()));
    assertEquals(0, code);
    String json = Files.readString(file);
    for (String member :
        List.of(
            "\"machine\":{\"cpu\":",
            "\"rows\":[{\"system\":\"xdp-redirect\",\"chain\":\"none\",\"frameBytes\":60,",
            "\"mppsMin\":",
            "\"mppsMedian\":",
            "\"mppsMax\":",
            "\"cpuSecondsPerMillion\":",
            "\"skipped\":[]")) {
      assertTrue(json.contains(member), member + " in " + json);
    }
    String ours = "sluice-bench-" + ProcessHandle.current().pid() + "-";
    assertTrue(
        ExternalProgram.run(List.of("ip", "netns", "list"), "")
            .lines()
            .noneMatch(line -> line.startsWith(ours)));
  }

  @Test
  void nothingIsStartedInAWorldThatWasEnded() throws BenchException {
    TestNamespace.require();
    World world = World.open(Cpus.choose());
    Background program = world.start("sleep", List.of("sleep", "60"), Map.of());
    world.close();
    assertFalse(program.isAlive());
    BenchException refused =
        assertThrows(
            BenchException.class, () -> world.start("sleep", List.of("sleep", "60"), Map.of()));
    assertEquals("sleep is not started: the benchmark is being ended", refused.getMessage());
  }
}
