package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.FramePacket;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.runtime.config.GatewaySettings;
import dev.sluice.runtime.pipeline.Chain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class BundlesTest {
  private static final String PLAIN = "public Guard(Map<String, Object> p) {}";
  private static final String CONFIGURED =
      """
      public final String word;
      public Guard(Map<String, Object> p) throws SettingsException {
        Settings settings = Settings.ofComponent("guard", p);
        word = settings.text("word", "none");
        if (word.equals("bad")) throw settings.wrong("word", word, "anything but bad");
        settings.refuseUnknown();
      }
      """;

  @TempDir Path folder;

  private final RecordedEvents events = new RecordedEvents();
  private final RecordedChains chains = new RecordedChains();
  private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private Path bundles;
  private Path config;
  private Host host;

  @BeforeEach
  void boot() throws Exception {
    bundles = Files.createDirectories(folder.resolve("bundles"));
    config = Files.createDirectories(folder.resolve("config"));
    settings("none");
    host = Host.boot(Distribution.find(), config, folder.resolve("state"), events);
    opened.add(host);
  }

  @AfterEach
  void shutDown() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private void settings(String required) throws IOException {
    Files.writeString(
        config.resolve(GatewaySettings.FILE_NAME),
        "ports = memory:a memory:b\nwork-threads = 2\nbundle-trust = development\n"
            + "rehearsal-ms = 0\ncanary-packets = 0\nrequired-bundles = "
            + required
            + "\n");
  }

  private Bundles start() throws Exception {
    Bundles watching =
        new Bundles(
            host,
            new Bundles.Folders(bundles, config, folder.resolve("state")),
            new Bundles.Limits(Duration.ofMillis(400), Duration.ofSeconds(2)),
            GatewaySettings.read(config),
            new ChainSwitch(chains, strategy -> packet -> 0, events),
            events,
            outcomes::add);
    opened.add(watching);
    watching.start();
    return watching;
  }

  /// Has nobody look into the folder until all of it is done.
  private static void unseen(Bundles watching, Executable changes) throws Throwable {
    CountDownLatch waits = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Orders.Order<Boolean> wait =
        _ -> {
          waits.countDown();
          return done.await(30, TimeUnit.SECONDS);
        };
    FutureTask<Boolean> waiting =
        new FutureTask<>(() -> watching.ask(wait, Duration.ofSeconds(40)));
    Thread.ofPlatform().start(waiting);
    assertTrue(waits.await(30, TimeUnit.SECONDS));
    try {
      changes.execute();
    } finally {
      done.countDown();
    }
    assertTrue(waiting.get());
  }

  private void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertTrue(
          System.nanoTime() < deadline, () -> "waited for ten seconds; events: " + events.all);
      Thread.sleep(10);
    }
  }

  private <T extends Outcome> T next(Class<T> kind, int number) throws InterruptedException {
    await(() -> outcomes(kind).size() > number);
    return outcomes(kind).get(number);
  }

  private <T extends Outcome> List<T> outcomes(Class<T> kind) {
    return outcomes.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private static Path allowAll() {
    return Path.of("..", "plugins", "allow-all", "target", "allow-all-1.0.0.jar");
  }

  @Test
  void bundleOfTheTreeIsDeployedAndRemovedWithItsFile() throws Exception {
    Path file = bundles.resolve("allow-all.jar");
    Files.copy(allowAll(), file);
    start();
    assertEquals(List.of("dev.sluice.plugins.allow-all/1.0.0"), chains.bundles());
    assertTrue(chains.last().open());
    assertEquals(2, chains.last().links().getFirst().handlers().size());
    Files.delete(file);
    next(Outcome.Removed.class, 0);
    assertFalse(chains.last().open());
    await(() -> host.context().getBundles().length == 4);
  }

  @Test
  void changesThatLandTogetherAreOneChain() throws Throwable {
    Jars.guard(folder, "a", "1.0", PLAIN).into(bundles, "a.jar");
    Jars.guard(folder, "b", "1.0", PLAIN).into(bundles, "b.jar");
    Bundles watching = start();
    await(() -> chains.bundles().size() == 2);
    int before = chains.all.size();
    Path staged = Files.createDirectories(folder.resolve("staged"));
    Jars.guard(folder, "a", "2.0", PLAIN).into(staged, "a.jar");
    Jars.guard(folder, "c", "1.0", PLAIN).into(staged, "c.jar");
    unseen(
        watching,
        () -> {
          Files.delete(bundles.resolve("b.jar"));
          Files.move(
              staged.resolve("a.jar"),
              bundles.resolve("a.jar"),
              StandardCopyOption.REPLACE_EXISTING);
          Files.move(staged.resolve("c.jar"), bundles.resolve("c.jar"));
        });
    await(() -> chains.bundles().equals(List.of("a/2.0.0", "c/1.0.0")));
    assertEquals(before + 1, chains.all.size());
  }

  @Test
  void unchangedBundleKeepsItsInstancesAndReplacedOneIsRetired() throws Exception {
    Jars.guard(folder, "a", "1.0", PLAIN).into(bundles, "a.jar");
    Jars.guard(folder, "b", "1.0", PLAIN).into(bundles, "b.jar");
    start();
    await(() -> chains.bundles().size() == 2);
    Chain first = chains.last();
    PacketHandler old = first.links().getLast().handlers().getFirst();
    Jars.guard(folder, "b", "1.1", PLAIN).into(bundles, "b.jar");
    await(() -> chains.bundles().equals(List.of("a/1.0.0", "b/1.1.0")));
    assertSame(
        first.links().getFirst().handlers().getFirst(),
        chains.last().links().getFirst().handlers().getFirst());
    await(() -> field(old, "retired").equals(2));
    assertEquals("b/1.0.0", next(Outcome.Active.class, 2).replaced());
    await(() -> host.context().getBundles().length == 4 + 2);
  }

  private static Object field(Object of, String name) {
    try {
      return of.getClass().getField(name).get(of);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(name, e);
    }
  }

  @Test
  void oldBundleStaysLoadedWhileAThreadUsesIt() throws Exception {
    Jars.guard(folder, "a", "1.0", PLAIN).into(bundles, "a.jar");
    start();
    await(() -> chains.bundles().equals(List.of("a/1.0.0")));
    chains.left = false;
    Jars.guard(folder, "a", "2.0", PLAIN).into(bundles, "a.jar");
    await(() -> chains.bundles().equals(List.of("a/2.0.0")));
    assertEquals(1, events.named("generation-not-left").size());
    assertEquals(4 + 2, host.context().getBundles().length);
    chains.left = true;
    Jars.guard(folder, "a", "3.0", PLAIN).into(bundles, "a.jar");
    await(() -> chains.bundles().equals(List.of("a/3.0.0")));
    await(() -> host.context().getBundles().length == 4 + 1);
  }

  @Test
  void halfWrittenFileIsNotPickedUp() throws Exception {
    start();
    Path whole = Jars.guard(folder, "a", "1.0", PLAIN).into(folder, "whole.jar");
    byte[] bytes = Files.readAllBytes(whole);
    Path file = bundles.resolve("a.jar");
    Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    Thread.sleep(500);
    assertEquals(List.of(), outcomes);
    Files.write(file, bytes);
    assertEquals("a/1.0.0", next(Outcome.Active.class, 0).bundle());
    assertEquals(List.of(), outcomes(Outcome.Refused.class));
  }

  @Test
  void newerFileOfTheSameBundleIsUsedAndTheOtherComesBackWhenItGoes() throws Exception {
    Jars.guard(folder, "a", "1.0", PLAIN).into(bundles, "one.jar");
    start();
    next(Outcome.Active.class, 0);
    Thread.sleep(20);
    Jars.guard(folder, "a", "1.1", PLAIN).into(bundles, "two.jar");
    next(Outcome.Active.class, 1);
    assertEquals(List.of("a/1.1.0"), chains.bundles());
    assertEquals(
        "bundle a is also in two.jar, which is newer and is used",
        next(Outcome.Refused.class, 0).cause());
    Files.delete(bundles.resolve("two.jar"));
    next(Outcome.Active.class, 2);
    assertEquals(List.of("a/1.0.0"), chains.bundles());
  }

  @Test
  void refusedReplacementLeavesTheOldBundleInTheChain() throws Exception {
    Jars.guard(folder, "a", "1.0", PLAIN).into(bundles, "a.jar");
    start();
    await(() -> chains.bundles().equals(List.of("a/1.0.0")));
    Chain before = chains.last();
    Jars.guard(
            folder,
            "a",
            "2.0",
            "public Guard(Map<String, Object> p) { throw new IllegalStateException(\"no\"); }")
        .into(bundles, "a.jar");
    assertEquals("IllegalStateException: no", next(Outcome.Refused.class, 0).cause());
    Files.writeString(bundles.resolve("a.jar"), "rubbish");
    assertTrue(next(Outcome.Refused.class, 1).cause().startsWith("it is not a whole JAR file"));
    assertSame(before, chains.last());
    Jars.guard(folder, "z", "1.0", PLAIN).into(bundles, "z.jar");
    await(() -> chains.bundles().equals(List.of("a/1.0.0", "z/1.0.0")));
    assertSame(
        before.links().getFirst().handlers().getFirst(),
        chains.last().links().getFirst().handlers().getFirst());
  }

  @Test
  void configurationIsThereBeforeTheFirstBundleStarts() throws Exception {
    host.close();
    Files.writeString(config.resolve("guard.cfg"), "word = early\n");
    Jars.guard(folder, "a", "1.0", CONFIGURED).into(bundles, "a.jar");
    host = Host.boot(Distribution.find(), config, folder.resolve("state"), events);
    opened.add(host);
    start();
    assertEquals("early", field(chains.last().links().getFirst().handlers().getFirst(), "word"));
    assertEquals(1, chains.all.size());
  }

  @Test
  void fileThatNoBundleWillEverSeeIsTold() throws Exception {
    Files.writeString(config.resolve("my-guard.cfg"), "word = one\n");
    start();
    String told = events.named("configuration-file-unused").toString();
    assertTrue(told.contains("write a dot: my.guard.cfg"), told);
  }

  @Test
  void acceptedConfigurationMakesNewInstances() throws Exception {
    Files.writeString(config.resolve("guard.cfg"), "word = one\n");
    Thread.sleep(700);
    Jars.guard(folder, "a", "1.0", CONFIGURED).into(bundles, "a.jar");
    start();
    await(() -> chains.bundles().equals(List.of("a/1.0.0")));
    PacketHandler old = chains.last().links().getFirst().handlers().getFirst();
    assertEquals("one", field(old, "word"));
    Files.writeString(config.resolve("guard.cfg"), "word = two2\n");
    next(Outcome.Reconfigured.class, 0);
    PacketHandler fresh = chains.last().links().getFirst().handlers().getFirst();
    assertNotSame(old, fresh);
    assertEquals("two2", field(fresh, "word"));
    await(() -> field(old, "retired").equals(2));
  }

  @Test
  void refusedConfigurationLeavesTheOldInstancesInTheChain() throws Exception {
    Jars.guard(folder, "a", "1.0", CONFIGURED).into(bundles, "a.jar");
    start();
    await(() -> chains.bundles().equals(List.of("a/1.0.0")));
    Chain before = chains.last();
    Files.writeString(config.resolve("guard.cfg"), "word = bad\n");
    assertEquals(
        "guard.cfg: word = bad: allowed: anything but bad",
        next(Outcome.ConfigurationRefused.class, 0).cause());
    assertSame(before, chains.last());
    Files.writeString(config.resolve("guard.cfg"), "word = good\n");
    next(Outcome.Reconfigured.class, 0);
    assertEquals("good", field(chains.last().links().getFirst().handlers().getFirst(), "word"));
  }

  @Test
  void flawOfAConfigurationFileLeavesTheOldInstancesInTheChain() throws Exception {
    Files.writeString(config.resolve("guard.cfg"), "word = one\n");
    Thread.sleep(700);
    Jars.guard(folder, "a", "1.0", CONFIGURED).into(bundles, "a.jar");
    start();
    await(() -> chains.bundles().equals(List.of("a/1.0.0")));
    Chain before = chains.last();
    List<String> flaws =
        List.of(
            "word = \\uzz\n",
            "word = two\nword = three\n",
            "word = ${no.such.property}\n",
            "\ufeffword = four\n",
            "# \u00fc\nword = five\n");
    for (int at = 0; at < flaws.size(); at++) {
      Files.writeString(
          config.resolve("guard.cfg"),
          flaws.get(at),
          StandardCharsets.ISO_8859_1.newEncoder().canEncode(flaws.get(at))
              ? StandardCharsets.ISO_8859_1
              : StandardCharsets.UTF_8);
      String cause = next(Outcome.ConfigurationRefused.class, at).cause();
      assertTrue(cause.contains("guard.cfg: "), cause);
      assertSame(before, chains.last(), flaws.get(at));
    }
    Files.writeString(config.resolve("guard.cfg"), "# $\\{x} ${y}\nword = good\n");
    next(Outcome.Reconfigured.class, 0);
    assertEquals("good", field(chains.last().links().getFirst().handlers().getFirst(), "word"));
  }

  @Test
  void linkThatLeadsNowhereHidesNoOtherFileAndIsNoBundle() throws Exception {
    Files.createSymbolicLink(config.resolve("other.cfg"), folder.resolve("nowhere"));
    Files.createSymbolicLink(bundles.resolve("loop.jar"), bundles.resolve("loop.jar"));
    Files.createDirectory(bundles.resolve("folder.jar"));
    start();
    String cause = "it is no file, nor a link that leads to one";
    assertEquals(cause, next(Outcome.Refused.class, 0).cause());
    assertEquals(cause, next(Outcome.Refused.class, 1).cause());
    ConfigurationFolder watch = new ConfigurationFolder(config, events);
    assertFalse(watch.changedAndSettled(0));
    Files.writeString(config.resolve("guard.cfg"), "word = one\n");
    assertTrue(watch.changedAndSettled(0));
  }

  @Test
  void bundleRefusedForItsConfigurationComesInWhenThatIsMended() throws Exception {
    Files.writeString(config.resolve("guard.cfg"), "word = bad\n");
    Thread.sleep(700);
    Jars.guard(folder, "a", "1.0", CONFIGURED).into(bundles, "a.jar");
    start();
    assertEquals(
        "guard.cfg: word = bad: allowed: anything but bad", next(Outcome.Refused.class, 0).cause());
    Files.writeString(config.resolve("guard.cfg"), "word = mended\n");
    assertEquals("a/1.0.0", next(Outcome.Active.class, 0).bundle());
  }

  @Test
  void hashFunctionComesAndGoesWithItsBundle() throws Exception {
    Jars.guard(folder, "a", "1.0", PLAIN).into(bundles, "a.jar");
    start();
    await(() -> chains.bundles().size() == 1);
    assertEquals(0, chains.last().hash().hash(new FramePacket(new byte[60])));
    steering("1.0", 7).into(bundles, "b.jar");
    next(Outcome.Active.class, 1);
    assertEquals(7, chains.last().hash().hash(new FramePacket(new byte[60])));
    steering("1.1", 8).into(bundles, "b.jar");
    next(Outcome.Active.class, 2);
    assertEquals(8, chains.last().hash().hash(new FramePacket(new byte[60])));
    Files.delete(bundles.resolve("b.jar"));
    next(Outcome.Removed.class, 0);
    assertEquals(0, chains.last().hash().hash(new FramePacket(new byte[60])));
  }

  /// A bundle whose activator offers a hash function beside the handler.
  private Jars steering(String version, int hash) {
    return Jars.guard(folder, "b", version, PLAIN)
        .source(
            "guard.Steering",
            """
            package guard;
            import dev.sluice.plugin.HashFunction;
            import org.osgi.framework.*;
            public class Steering implements BundleActivator {
              public void start(BundleContext context) {
                context.registerService(HashFunction.class, packet -> %d, null);
              }
              public void stop(BundleContext context) {}
            }
            """
                .formatted(hash))
        .header("Bundle-Activator", "guard.Steering")
        .header(
            "Import-Package",
            "dev.sluice.plugin;version=\"[1,2)\",org.osgi.framework;version=\"[1,2)\"");
  }

  @Test
  void missingRequiredBundleClosesTheChain() throws Exception {
    settings("b");
    Jars.guard(folder, "a", "1.0", PLAIN).into(bundles, "a.jar");
    start();
    await(() -> chains.bundles().equals(List.of("a/1.0.0")));
    assertFalse(chains.last().open());
    assertEquals(EventLog.Severity.ALARM, events.named("chain-closed").getFirst().severity());
    assertEquals(
        "required bundles without a handler in the chain: b",
        events.named("chain-closed").getFirst().fields().get("cause"));
    Jars.guard(folder, "b", "1.0", PLAIN).into(bundles, "b.jar");
    await(() -> chains.last().open());
    settings("none, x");
    await(() -> !events.named("settings-refused").isEmpty());
    settings("c");
    await(() -> !chains.last().open());
    settings("none");
    await(() -> chains.last().open());
  }
}
