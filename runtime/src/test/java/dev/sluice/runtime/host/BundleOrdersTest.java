package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.config.GatewaySettings;
import dev.sluice.runtime.control.Answer;
import dev.sluice.runtime.control.ControlException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleOrdersTest {
  private static final String PLAIN = "public Guard(java.util.Map<String, Object> p) {}";

  @TempDir Path folder;

  private final RecordedEvents events = new RecordedEvents();
  private final RecordedChains chains = new RecordedChains();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private Path bundles;
  private Path build;
  private Bundles watching;

  @BeforeEach
  void start() throws Exception {
    bundles = Files.createDirectories(folder.resolve("bundles"));
    build = Files.createDirectories(folder.resolve("build"));
    Path config = Files.createDirectories(folder.resolve("config"));
    Files.writeString(
        config.resolve(GatewaySettings.FILE_NAME),
        """
        ports = memory:a memory:b
        work-threads = 2
        bundle-trust = development
        rehearsal-ms = 0
        canary-packets = 0
        required-bundles = none
        """);
    Jars.guard(folder, "filter", "1.0", PLAIN).into(bundles, "guard.jar");
    Files.writeString(bundles.resolve(".123.ctl"), "of a gateway that was killed");
    Path state = folder.resolve("state");
    Host host = Host.boot(Distribution.find(), config, state, events);
    opened.add(host);
    watching =
        new Bundles(
            host,
            new Bundles.Folders(bundles, config, state),
            new Bundles.Limits(Duration.ofSeconds(2), Duration.ofSeconds(5)),
            GatewaySettings.read(config),
            new ChainSwitch(chains, strategy -> packet -> 0, events),
            events,
            outcome -> {});
    opened.add(watching);
    watching.start();
    assertEquals(List.of("filter/1.0.0"), watching.chain());
  }

  @AfterEach
  void shutDown() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private Answer deploy(Path file) throws Exception {
    Answer answer = watching.orders().deploy(file, false);
    try (Stream<Path> files = Files.list(bundles)) {
      assertFalse(
          files.anyMatch(left -> left.toString().endsWith(".ctl")), "a copy is left behind");
    }
    return answer;
  }

  @Test
  void fileOfAnotherBundleIsNotWrittenOver() throws Exception {
    Path other = Jars.guard(folder, "other", "1.0", PLAIN).into(build, "guard.jar");
    byte[] before = Files.readAllBytes(bundles.resolve("guard.jar"));
    Answer answer = deploy(other);
    assertEquals(Answer.Outcome.REFUSED, answer.outcome());
    assertEquals(
        bundles.resolve("guard.jar")
            + " is the file of the bundle filter; allowed: another name for a file of other,"
            + " such as other.jar",
        answer.sentence());
    org.junit.jupiter.api.Assertions.assertArrayEquals(
        before, Files.readAllBytes(bundles.resolve("guard.jar")));
    assertEquals(List.of("filter/1.0.0"), watching.chain());
  }

  private String states() throws Exception {
    return watching.rows(Duration.ofSeconds(10)).stream()
        .map(row -> row.file() + " " + row.version() + " " + row.state())
        .collect(Collectors.joining(", "));
  }

  private void awaitStates(String expected) throws Exception {
    long until = System.nanoTime() + 10_000_000_000L;
    while (!states().equals(expected) && System.nanoTime() - until < 0) {
      Thread.sleep(5);
    }
    assertEquals(expected, states());
  }

  @Test
  void refusedFilesAreListedWithTheReasonUntilTheyAreGoodOrGone() throws Exception {
    Files.writeString(bundles.resolve("guard.jar"), "no zip");
    Files.writeString(bundles.resolve("other.jar"), "no zip either");
    awaitStates("guard.jar 1.0.0 ACTIVE, guard.jar  REFUSED, other.jar  REFUSED");
    String cause = watching.rows(Duration.ofSeconds(10)).getLast().cause();
    assertTrue(cause.startsWith("it is not a whole JAR file"), cause);
    Files.delete(bundles.resolve("other.jar"));
    awaitStates("guard.jar 1.0.0 ACTIVE, guard.jar  REFUSED");
    Path next = Jars.guard(folder, "filter", "2.0", PLAIN).into(build, "guard.jar");
    assertEquals(Answer.Outcome.ACTIVE, deploy(next).outcome());
    awaitStates("guard.jar 2.0.0 ACTIVE");
  }

  @Test
  void fileThatHoldsAgainWhatRunsIsNotListedAsRefused() throws Exception {
    byte[] runs = Files.readAllBytes(bundles.resolve("guard.jar"));
    Files.writeString(bundles.resolve("guard.jar"), "no zip");
    awaitStates("guard.jar 1.0.0 ACTIVE, guard.jar  REFUSED");
    Files.write(bundles.resolve("guard.jar"), runs);
    awaitStates("guard.jar 1.0.0 ACTIVE");
  }

  @Test
  void fileThatIsSetAsideIsListedUntilTheNewerOneIsGone() throws Exception {
    Jars.guard(folder, "filter", "2.0", PLAIN).into(bundles, "newer.jar");
    awaitStates("newer.jar 2.0.0 ACTIVE, guard.jar  REFUSED");
    Files.delete(bundles.resolve("newer.jar"));
    awaitStates("guard.jar 1.0.0 ACTIVE");
  }

  @Test
  void bundleIsReplacedInItsOwnFileWhateverTheNewOneIsCalled() throws Exception {
    Path next = Jars.guard(folder, "filter", "2.0", PLAIN).into(build, "filter-2.jar");
    assertEquals(Answer.Outcome.ACTIVE, deploy(next).outcome());
    assertEquals(List.of("filter/2.0.0"), watching.chain());
    assertFalse(Files.exists(bundles.resolve("filter-2.jar")));
  }

  @Test
  void fileThatHoldsNoBundleIsWrittenOver() throws Exception {
    Files.writeString(bundles.resolve("new.jar"), "no zip");
    Path fresh = Jars.guard(folder, "fresh", "1.0", PLAIN).into(build, "new.jar");
    assertEquals(Answer.Outcome.ACTIVE, deploy(fresh).outcome());
    assertTrue(watching.chain().contains("fresh/1.0.0"));
  }

  @Test
  void fileThatWouldFillTheDiskIsRefusedAndNothingOfItComesIntoTheFolder() throws Exception {
    Path large = build.resolve("large.jar");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(1L << 40);
    }
    Answer answer = deploy(large);
    assertEquals(Answer.Outcome.REFUSED, answer.outcome());
    assertEquals("it has 1099511627776 bytes; allowed: at most 67108864", answer.sentence());
    assertEquals(Answer.Outcome.REFUSED, deploy(Path.of("/proc/self/status")).outcome());
    assertEquals(Answer.Outcome.REFUSED, deploy(Path.of("/dev/zero")).outcome());
    assertEquals(Answer.Outcome.REFUSED, deploy(build).outcome());
  }

  @Test
  void linkUnderTheNameThatACopyMightHaveIsNotFollowed() throws Exception {
    Path victim = Files.writeString(folder.resolve("victim"), "precious");
    Path link = Files.createSymbolicLink(bundles.resolve(".fresh.jar.ctl"), victim);
    Path fresh = Jars.guard(folder, "fresh", "1.0", PLAIN).into(build, "fresh.jar");
    assertEquals(Answer.Outcome.ACTIVE, watching.orders().deploy(fresh, false).outcome());
    assertEquals("precious", Files.readString(victim));
    assertTrue(Files.isSymbolicLink(link));
  }

  @Test
  void outcomeOfAnotherVersionDoesNotAnswer() throws Exception {
    Orders orders = new Orders(() -> {});
    Path file = bundles.resolve("x.jar");
    Orders.Expected expected =
        orders.expect(file, heard -> "x/2.0.0".equals(Orders.titleOf(heard)));
    assertThrows(ControlException.class, () -> orders.expect(file, heard -> true));
    orders.heard(new Outcome.InForce(file, "x/2.0.0", "", 1));
    assertFalse(expected.outcome().isDone(), "before the order began");
    expected.begin();
    orders.heard(new Outcome.RolledBack(file, "x/1.0.0", "", "bad", 1));
    orders.heard(new Outcome.Active(file, "x/1.0.0", "", 1, 1, 1));
    assertFalse(expected.outcome().isDone());
    Outcome own = new Outcome.Active(file, "x/2.0.0", "", 1, 1, 1);
    orders.heard(own);
    assertEquals(own, expected.outcome().get());
    orders.forget(file, expected);
    orders.expect(file, heard -> true);
  }

  @Test
  void clientsWithEqualFileNamesDoNotMixTheirBundles() throws Exception {
    Path there = Files.createDirectories(folder.resolve("there"));
    Path one = Jars.guard(folder, "one", "1.0", PLAIN).into(build, "same.jar");
    Path two = Jars.guard(folder, "two", "1.0", PLAIN).into(there, "same.jar");
    List<String> said = java.util.Collections.synchronizedList(new ArrayList<>());
    List<Thread> clients =
        Stream.of(one, two)
            .map(file -> Thread.ofPlatform().start(() -> said.add(told(file))))
            .toList();
    for (Thread client : clients) {
      client.join();
    }
    assertEquals(
        1, said.stream().filter(word -> word.startsWith("ACTIVE ")).count(), said::toString);
    String active = said.stream().filter(word -> word.startsWith("ACTIVE ")).findFirst().get();
    String name = active.contains("ACTIVE one/") ? "one/1.0.0" : "two/1.0.0";
    assertTrue(watching.chain().contains(name), said + " " + watching.chain());
    assertEquals(2, watching.chain().size());
  }

  private String told(Path file) {
    try {
      Answer answer = watching.orders().deploy(file, false);
      return answer.outcome() + " " + answer.sentence();
    } catch (ControlException | InterruptedException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
