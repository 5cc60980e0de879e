package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.MemoryTables;
import dev.sluice.wire.Tcp;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The whole bundle, replaced again and again by one with classes of its own.
@Timeout(900)
class VersionSwapTest {
  private static final int TERMINALS = Integer.getInteger("sluice.swap.terminals", 100);
  private static final int SWAPS = Integer.getInteger("sluice.swap.count", 20);
  private static final long HARDWARE = 0x02_00_00_00_10_00L;

  private final TestDevice terminalSide = new TestDevice("t0", 0, 0x0200_0000_00a0L);
  private final TestDevice masterSide = new TestDevice("m0", 1, 0x0200_0000_00a1L);
  private final AuthSite site = new AuthSite(terminalSide, masterSide);
  private final List<DtlsTerminal> terminals = new ArrayList<>();
  private MemoryTables tables = new MemoryTables();
  private MemoryTables context = MemoryTables.ofWorkThread();
  private VersionLoader.Version inForce;

  private static String address(int i) {
    return "10.1." + i / 250 + "." + (1 + i % 250);
  }

  VersionSwapTest() {
    TestDevice.pair(terminalSide, masterSide);
    // This machine may be slow: nobody is to miss a keep-alive for that.
    site.set("keep-alive-misses", 100)
        .set("masters", AuthSite.MASTER + "=02:00:00:00:00:01")
        .set("connection-idle-s", 86_400);
    for (int i = 0; i < TERMINALS; i++) {
      site.list("T" + i, "CN=T" + i, address(i));
    }
    site.writeRegistry();
    inForce = version();
    site.enter(packet -> inForce.authenticate(packet));
  }

  @AfterEach
  void close() {
    inForce.stop();
    site.close();
  }

  private VersionLoader.Version version() {
    return new VersionLoader.Version(tables, context, site, site.events, site.properties);
  }

  /// @return the class loader of the version that has gone
  private WeakReference<ClassLoader> swap() {
    VersionLoader.Version old = inForce;
    MemoryTables oldTables = tables;
    MemoryTables oldContext = context;
    tables = oldTables.another();
    context = oldContext.another();
    inForce = version();
    inForce.gate().tick(System.nanoTime());
    old.stop();
    oldTables.close();
    oldContext.close();
    inForce.gate().tick(System.nanoTime());
    return new WeakReference<>(old.loader());
  }

  private void authenticateAll() throws IOException {
    for (int i = 0; i < TERMINALS; i++) {
      DtlsTerminal terminal = new DtlsTerminal(site, address(i), HARDWARE + i);
      assertTrue(
          terminal.authenticate(site.authority.terminal("CN=T" + i)).startsWith("SLUICE/1 OK"));
      terminals.add(terminal);
    }
  }

  private String judged(
      boolean fromMaster, int flags, int sequence, int acknowledgement, int load) {
    IpAddress master = IpAddress.parse(AuthSite.MASTER);
    IpAddress terminal = IpAddress.parse(address(0));
    TestFrame frame =
        fromMaster
            ? new TestFrame(AuthSite.MASTER_HARDWARE, HARDWARE, master, terminal).ports(5000, 2404)
            : new TestFrame(HARDWARE, AuthSite.MASTER_HARDWARE, terminal, master).ports(2404, 5000);
    byte[] bytes = frame.flags(flags).payload(load).numbers(sequence, acknowledgement).tcp();
    return inForce
        .gate()
        .receive(new TestPacket(fromMaster ? masterSide : terminalSide, bytes))
        .toString();
  }

  private void openConnection() {
    assertEquals("pass", judged(true, Tcp.SYN, 100, 0, 0));
    assertEquals("pass", judged(false, Tcp.SYN | Tcp.ACK, 900, 101, 0));
    assertEquals("pass", judged(true, Tcp.ACK, 101, 901, 0));
  }

  @Test
  void nobodyNoticesAndNoOldVersionStays() throws Exception {
    authenticateAll();
    openConnection();
    List<WeakReference<ClassLoader>> gone = new ArrayList<>();
    for (int swaps = 0; swaps < SWAPS; swaps++) {
      gone.add(swap());
      String hint = "after " + (swaps + 1) + " swaps";
      assertNotSame(DtlsAdmission.class.getClassLoader(), inForce.loader());
      for (DtlsTerminal terminal : terminals) {
        assertTrue(terminal.ask("PING").startsWith("PONG lease="), hint);
      }
      int at = 4 * swaps;
      assertEquals("pass", judged(true, Tcp.PSH | Tcp.ACK, 101 + at, 901 + at, 4), hint);
      assertEquals("pass", judged(false, Tcp.PSH | Tcp.ACK, 901 + at, 105 + at, 4), hint);
    }
    assertEquals(TERMINALS, site.events.count("auth-accepted", Map.of()));
    assertEquals(0, site.events.count("session-ended", Map.of()));
    assertEquals(0, site.events.count("connections-cut", Map.of()));
    for (WeakReference<ClassLoader> loader : gone) {
      assertCollected(loader);
    }
    terminals.getFirst().hangUp();
    site.events.await("session-ended", Map.of("cause", "closed-by-terminal", "terminal", "T0"));
    inForce.stop();
    assertEquals(
        TERMINALS - 1, site.events.count("session-ended", Map.of("cause", "gateway-stopped")));
    assertThrows(IOException.class, () -> terminals.getLast().line());
  }

  private static void assertCollected(WeakReference<ClassLoader> loader) {
    for (int tries = 0; tries < 200 && loader.get() != null; tries++) {
      System.gc();
      Pause.millis(10);
    }
    assertFalse(loader.get() != null, "something still holds the classes of an old version");
  }
}
