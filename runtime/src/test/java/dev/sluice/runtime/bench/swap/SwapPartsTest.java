package dev.sluice.runtime.bench.swap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The small parts of replacing bundles: what is made, what is read, what is reckoned.
final class SwapPartsTest {
  private static final Duration SOON = Duration.ofMillis(20);

  @TempDir private Path folder;

  private static final String ACTIVE =
      "{\"time\":\"t\",\"severity\":\"INFO\",\"event\":\"bundle-active\",\"file\":\"m.jar\","
          + "\"bundle\":\"a.b/1.0.7\",\"generation\":3,\"switchMicros\":12.5}";
  private static final String REFUSED =
      "{\"time\":\"t\",\"severity\":\"WARNING\",\"event\":\"bundle-refused\",\"file\":\"m.jar\","
          + "\"cause\":\"it says \\\"no\\\"\",\"effect\":\"the chain is as it was\"}";

  private BundleForge forge() throws Exception {
    return BundleForge.open(folder.resolve("forge"));
  }

  /// Entries of which the signature says who signed them; reads them all.
  private static List<String> signedEntries(Path file) throws IOException {
    List<String> signed = new ArrayList<>();
    try (JarFile jar = new JarFile(file.toFile(), true)) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        try (InputStream in = jar.getInputStream(entry)) {
          in.readAllBytes();
        }
        if (entry.getCodeSigners() != null && !entry.getName().startsWith("META-INF/")) {
          signed.add(entry.getName());
        }
      }
    }
    return signed;
  }

  @Test
  void goodBundlesDifferInTheirVersionAndAreSignedThroughout() throws Exception {
    BundleForge forge = forge();
    Path first = forge.good(7);
    Path second = forge.good(8);
    assertEquals(List.of(BundleRecipe.HANDLER_ENTRY, "OSGI-INF/marking.xml"), signedEntries(first));
    try (JarFile jar = new JarFile(second.toFile())) {
      assertEquals("1.0.8", jar.getManifest().getMainAttributes().getValue("Bundle-Version"));
    }
    assertTrue(Files.mismatch(first, second) >= 0);
    assertEquals(List.of("ca.crt"), names(forge.trustStore()));
  }

  private static List<String> names(Path of) throws IOException {
    try (var files = Files.list(of)) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    }
  }

  @Test
  void sealsAreWhatTheySay() throws Exception {
    BundleForge forge = forge();
    assertEquals(List.of(), signedEntries(forge.bad(BadBundle.UNSIGNED, 2)));
    assertEquals(2, signedEntries(forge.bad(BadBundle.SIGNED_BY_A_STRANGER, 3)).size());
    Path tampered = forge.bad(BadBundle.TAMPERED, 4);
    SecurityException refused =
        assertThrows(SecurityException.class, () -> signedEntries(tampered));
    assertTrue(
        String.valueOf(refused.getMessage()).contains(BundleRecipe.HANDLER_ENTRY),
        refused.getMessage());
    Path truncated = forge.bad(BadBundle.TRUNCATED, 5);
    assertThrows(IOException.class, () -> signedEntries(truncated));
  }

  @ParameterizedTest
  @EnumSource(BadBundle.class)
  void everyKindHasANameAndWordsAndCanBeMade(BadBundle kind) throws Exception {
    assertEquals(kind, BadBundle.named(kind.label()).orElseThrow());
    assertTrue(kind.label().matches("[a-z]+(-[a-z]+)*"), kind.label());
    assertFalse(kind.explains(""));
    assertTrue(kind.explains("because: " + kind.words().split("\\|", -1)[0]));
    assertTrue(Files.size(forge().bad(kind, 9)) > 0);
    assertEquals(kind.judgesPackets(), kind.expected() == Outcome.Kind.ROLLED_BACK);
  }

  @Test
  void noKindHasAnUnknownName() {
    for (String word : List.of("", "UNSIGNED", "un-signed", "good")) {
      assertTrue(BadBundle.named(word).isEmpty(), word);
    }
  }

  @Test
  void aRaisedBundleKeepsItsClassesAndGrowsItsVersion() throws Exception {
    BundleForge forge = forge();
    Path deployed = folder.resolve("m.jar");
    Files.move(forge.good(40), deployed);
    RaisedBundle raised = new RaisedBundle(deployed, forge::raised);
    byte[] before = entry(deployed, BundleRecipe.HANDLER_ENTRY);
    RaisedBundle.Replaced replaced = raised.replace(SOON);
    assertEquals(Outcome.Kind.NONE, replaced.outcome().kind());
    raised.replace(SOON);
    try (JarFile jar = new JarFile(deployed.toFile())) {
      assertEquals("1.0.42", jar.getManifest().getMainAttributes().getValue("Bundle-Version"));
    }
    assertEquals(2, signedEntries(deployed).size());
    assertTrue(Arrays.equals(before, entry(deployed, BundleRecipe.HANDLER_ENTRY)));
  }

  private static byte[] entry(Path file, String name) throws IOException {
    try (JarFile jar = new JarFile(file.toFile());
        InputStream in = jar.getInputStream(jar.getJarEntry(name))) {
      return in.readAllBytes();
    }
  }

  @Test
  void whatIsNoBundleIsNotRaised() throws Exception {
    BundleForge forge = forge();
    Path rubbish = Files.writeString(folder.resolve("r.jar"), "rubbish");
    assertThrows(IOException.class, () -> new RaisedBundle(rubbish, forge::raised));
    Path nameless = forge.bad(BadBundle.NO_SYMBOLIC_NAME, 1);
    IOException refused =
        assertThrows(IOException.class, () -> new RaisedBundle(nameless, forge::raised));
    assertTrue(
        String.valueOf(refused.getMessage()).endsWith("is no bundle with a version such as 1.0.0"),
        refused.getMessage());
  }

  @Test
  void outcomesAreReadFromTheEventLog() throws Exception {
    OutcomeBoard board = new OutcomeBoard("m.jar", "a.b");
    board.put(ACTIVE.replace("m.jar", "other.jar").replace("a.b/", "c/"));
    board.put("{\"event\":\"bundle-active\"}");
    board.put("not JSON at all");
    board.put(ACTIVE);
    board.put(REFUSED);
    board.put(ACTIVE.replace("active", "rolled-back").replace("m.jar", "x"));
    Outcome active = board.await(7, SOON);
    assertEquals(Outcome.Kind.ACTIVE, active.kind());
    assertEquals(12.5, active.switchMicros());
    assertEquals(-1, active.graceMicros());
    Outcome refused = board.await(7, SOON);
    assertEquals(Outcome.Kind.REFUSED, refused.kind());
    assertEquals("it says \"no\"", refused.sentence());
    assertEquals(Outcome.Kind.ROLLED_BACK, board.await(7, SOON).kind());
    assertEquals(Outcome.Kind.NONE, board.await(7, SOON).kind());
    assertEquals(3, board.count("bundle-active"));
    assertEquals(0, board.count("no-such-event"));
  }

  @Test
  void anOutcomeOfAnotherVersionIsPassedOver() throws Exception {
    OutcomeBoard board = new OutcomeBoard("m.jar", "a.b");
    board.put(ACTIVE);
    board.put(ACTIVE.replace("1.0.7", "1.0.17"));
    assertEquals("a.b/1.0.17", board.await(17, SOON).bundle());
    assertEquals(Outcome.Kind.NONE, board.await(17, SOON).kind());
  }

  @Test
  void linesAreHandedOnWholeHoweverTheyAreWritten() throws Exception {
    Path log = folder.resolve("events.jsonl");
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    try (EventFollower _ = EventFollower.start(log, lines::add)) {
      Thread.sleep(20);
      Files.writeString(log, "one\ntw");
      await(lines, 1);
      Files.writeString(log, "o \u00fc\nthree\n", StandardOpenOption.APPEND);
      await(lines, 3);
    }
    assertEquals(List.of("one", "two \u00fc", "three"), lines);
  }

  private static void await(List<String> lines, int count) throws InterruptedException {
    long until = System.nanoTime() + 10_000_000_000L;
    while (lines.size() < count && System.nanoTime() - until < 0) {
      Thread.sleep(1);
    }
    assertEquals(count, lines.size(), lines.toString());
  }

  @Test
  void theTrendOfTheHeapIsItsSlope() {
    HeapTrend trend = new HeapTrend();
    trend.add(110, 5000);
    trend.add(110, 5010);
    trend.add(120, 6000);
    assertTrue(trend.bytesPerSwap().isEmpty(), "two numbers of swaps tell no trend");
    trend.add(130, 7005);
    assertEquals(100, trend.bytesPerSwap().orElseThrow(), 1);
    assertEquals(4, trend.size());
  }

  @Test
  void whatGrowsInTheFirstHalfOfTheSwapsIsNoTrend() {
    HeapTrend trend = new HeapTrend();
    for (int swaps = 0; swaps < 50; swaps += 5) {
      trend.add(swaps, 1000L * swaps);
    }
    for (int swaps = 50; swaps <= 100; swaps += 5) {
      trend.add(swaps, 50_000);
    }
    assertEquals(0, trend.bytesPerSwap().orElseThrow(), 1e-9);
    assertEquals(11, trend.size());
  }

  @Test
  void delaysArePartedByTheirDistanceFromASwitch() {
    SwitchDelays delays = new SwitchDelays();
    long second = 1_000_000_000;
    for (int millis : new int[] {0, 949, 950, 1000, 1050, 1051, 3000}) {
      delays.note(millis * 1_000_000L, 1000 + millis);
    }
    delays.switched(second);
    delays.settle(second);
    assertEquals(0, delays.near().getTotalCount() + delays.far().getTotalCount());
    delays.settleAll();
    assertEquals(3, delays.near().getTotalCount());
    assertEquals(4, delays.far().getTotalCount());
    assertEquals(1950, (double) delays.near().getMinValue(), 1.0);
    assertEquals(2050, (double) delays.near().getMaxValue(), 1.0);
  }

  @Test
  void aPlanCountsItsVersions() {
    SwapPlan plan =
        new SwapPlan(25, List.of(BadBundle.NO_ZIP), 10, SOON, Duration.ZERO, Duration.ZERO);
    assertEquals(2, plan.badCount());
    assertEquals(29, plan.versions());
    assertThrows(
        IllegalArgumentException.class, () -> new SwapPlan(0, List.of(), 1, SOON, SOON, SOON));
    assertThrows(
        IllegalArgumentException.class, () -> new SwapPlan(1, List.of(), 0, SOON, SOON, SOON));
  }
}
