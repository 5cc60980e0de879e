package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.Ownership;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.StateTables;
import dev.sluice.plugin.TableShape;
import dev.sluice.runtime.config.GatewaySettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/// What a bundle keeps in the host's tables lives through its versions, in the real framework.
class StateAcrossVersionsTest {
  private static final TableShape SHARED = new TableShape("shared", 1, 1, 8, 4);

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
    Files.writeString(
        config.resolve(GatewaySettings.FILE_NAME),
        """
        ports = memory:a memory:b
        work-threads = 2
        bundle-trust = development
        canary-packets = 0
        required-bundles = none
        """);
    host = Host.boot(Distribution.find(), config, folder.resolve("state"), events);
    opened.add(host);
  }

  @AfterEach
  void shutDown() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private void start() throws Exception {
    Bundles watching =
        new Bundles(
            host,
            new Bundles.Folders(bundles, config, folder.resolve("state")),
            new Bundles.Limits(Duration.ofSeconds(2), Duration.ofSeconds(5)),
            GatewaySettings.read(config),
            new ChainSwitch(chains, strategy -> packet -> 0, events),
            events,
            outcomes::add);
    opened.add(watching);
    watching.start();
  }

  private void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertTrue(
          System.nanoTime() < deadline, () -> "waited for twenty seconds; events: " + events.all);
      Thread.sleep(10);
    }
  }

  private long outcomes(Class<? extends Outcome> kind) {
    return outcomes.stream().filter(kind::isInstance).count();
  }

  /// A handler that counts its WorkThread's packets, over all versions, and tells the number.
  private void deploy(String version, String begin) throws Exception {
    Jars.bundle(folder, "keeper", version)
        .source(
            "keeper.Keeper",
            """
            package keeper;
            import dev.sluice.plugin.*;
            import java.lang.foreign.ValueLayout;
            import java.util.Map;
            public class Keeper implements PacketHandler {
              private StateTable table;
              private HandlerContext context;
              public Keeper(Map<String, Object> properties) {}
              public void begin(HandlerContext given) {
                %s
                context = given;
                table = given.table(new TableShape("kept", 1, 1, 8, 16));
              }
              public Verdict receive(Packet packet) {
                int entry = table.add(new long[] {7});
                long count = table.memory(entry).get(ValueLayout.JAVA_LONG, table.at(entry));
                table.memory(entry).set(ValueLayout.JAVA_LONG, table.at(entry), count + 1);
                return Verdict.PASS;
              }
              public String toString() {
                int entry = table.find(new long[] {7});
                long count = entry == StateTable.NONE
                    ? 0 : table.memory(entry).get(ValueLayout.JAVA_LONG, table.at(entry));
                return count + " at " + context.worker() + " of " + context.workers();
              }
            }
            """
                .formatted(begin))
        .component("keeper", "keeper.Keeper", "prototype", "FILTER", "optional")
        .into(bundles, "keeper.jar");
  }

  private PacketHandler handler(int worker) {
    return chains.last().links().getFirst().handlers().get(worker);
  }

  @SuppressWarnings("NullAway") // the handler does not look at the packet
  private void receive(int worker) {
    handler(worker).receive(null);
  }

  private Bundle bundle(String version) {
    return Arrays.stream(host.context().getBundles())
        .filter(each -> each.getSymbolicName().equals("keeper"))
        .filter(each -> each.getVersion().toString().equals(version))
        .findFirst()
        .orElseThrow();
  }

  private static StateTables tables(Bundle bundle) {
    BundleContext context = bundle.getBundleContext();
    return context.getService(context.getServiceReference(StateTables.class));
  }

  @Test
  void tablesOfWorkThreadsLiveThroughReplacement() throws Exception {
    deploy("1.0.0", "");
    start();
    receive(0);
    receive(0);
    receive(1);
    for (int version = 2; version < 6; version++) {
      PacketHandler before = handler(0);
      deploy(version + ".0.0", "");
      String title = "keeper/" + version + ".0.0";
      await(() -> chains.bundles().equals(List.of(title)));
      assertNotEquals(before.getClass().getClassLoader(), handler(0).getClass().getClassLoader());
      assertEquals(version + " at 0 of 2", handler(0).toString());
      assertEquals(version - 1 + " at 1 of 2", handler(1).toString());
      receive(0);
      receive(1);
    }
  }

  @Test
  void tablesLiveThroughAnotherConfiguration() throws Exception {
    deploy("1.0.0", "");
    start();
    receive(0);
    PacketHandler before = handler(0);
    Files.writeString(config.resolve("keeper.cfg"), "word = other\n");
    await(() -> handler(0) != before);
    assertEquals("1 at 0 of 2", handler(0).toString());
  }

  @Test
  void tablesEndWithTheFile() throws Exception {
    deploy("1.0.0", "");
    start();
    receive(0);
    Files.delete(bundles.resolve("keeper.jar"));
    await(() -> outcomes(Outcome.Removed.class) == 1);
    await(() -> host.context().getBundles().length == 4);
    deploy("1.0.0", "");
    await(() -> chains.bundles().equals(List.of("keeper/1.0.0")));
    assertEquals("0 at 0 of 2", handler(0).toString());
  }

  @Test
  void versionThatCannotBeginChangesNothing() throws Exception {
    deploy("1.0.0", "");
    start();
    receive(0);
    deploy("2.0.0", "if (true) throw new IllegalStateException(\"no room\");");
    await(() -> outcomes(Outcome.Refused.class) == 1);
    assertEquals(List.of("keeper/1.0.0"), chains.bundles());
    assertTrue(events.all.toString().contains("no room"), events.all::toString);
    receive(0);
    assertEquals("2 at 0 of 2", handler(0).toString());
  }

  @Test
  void sharedTablesEndWithTheFile() throws Exception {
    deploy("1.0.0", "");
    start();
    StateTables tables = tables(bundle("1.0.0"));
    assertSame(tables, tables(bundle("1.0.0")));
    StateTable table = tables.table(SHARED);
    int entry = table.add(new long[] {3});
    Ownership mine = tables.ownership("work");
    mine.claim();
    assertFalse(tables.heldByOther());
    Files.delete(bundles.resolve("keeper.jar"));
    await(() -> !table.holds(entry));
    assertFalse(mine.isMine());
    assertThrows(IllegalStateException.class, () -> tables.table(SHARED));
  }
}
