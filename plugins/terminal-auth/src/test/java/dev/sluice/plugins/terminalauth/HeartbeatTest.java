package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.MemoryTables;
import dev.sluice.plugin.Ownership;
import dev.sluice.wire.Tcp;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// What the gate does when nobody looks after the sessions.
class HeartbeatTest {
  private static final long TICK = 10_000_000;

  private final GateFixture fixture = new GateFixture();

  private void ticks(int count) {
    for (int i = 0; i < count; i++) {
      fixture.gate().tick(fixture.now += TICK);
    }
  }

  private String data() {
    return fixture.fromMaster(
        fixture.toTerminal().flags(Tcp.PSH | Tcp.ACK).payload(4).numbers(101, 901).tcp());
  }

  @Test
  void nothingPassesWhenNobodyLooksAfterTheSessions() {
    fixture.begin();
    fixture.open();
    fixture.admission.stuck = true;
    ticks(490);
    assertEquals("pass", data());
    ticks(20);
    assertEquals("drop auth-not-watched", data());
    fixture.admission.stuck = false;
    ticks(1);
    assertEquals("pass", data());
  }

  @Test
  void processThatWasPausedGoesOn() {
    fixture.begin();
    fixture.open();
    fixture.admission.stuck = true;
    ticks(10);
    fixture.gate().tick(fixture.now += 300 * GateFixture.SECOND);
    assertEquals("pass", data());
  }

  @Test
  void admissionThatLooksAfterNoSessionBeatsToo() throws Exception {
    try (AuthSite site = new AuthSite().list("T", "CN=T", "10.0.0.11").start()) {
      long before = site.admission().heartbeat();
      Pause.millis(500);
      assertTrue(site.admission().heartbeat() > before);
    }
  }

  @Test
  void threadThatIsStuckStopsTheHeartbeatAndNoVersionWaitsForIt() throws Exception {
    AuthSite site = new AuthSite().list("T", "CN=T", "10.0.0.11").start();
    DtlsTerminal terminal = new DtlsTerminal(site, "10.0.0.11", 0x02_00_00_00_00_11L);
    terminal.authenticate(site.authority.terminal("CN=T"));
    Ownership lock = site.tables().ownership("admission");
    CountDownLatch stuck = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              lock.enterAnyway();
              stuck.countDown();
              Pause.millis(4500);
              lock.leave();
              done.countDown();
            });
    stuck.await();
    Pause.millis(300);
    long before = site.admission().heartbeat();
    long began = System.nanoTime();
    assertThrows(IllegalStateException.class, () -> site.beside(new MemoryTables[1]));
    assertTrue(System.nanoTime() - began < 4_000_000_000L);
    site.events.await("admission-failed", Map.of());
    assertEquals(before, site.admission().heartbeat());
    done.await();
    thread.join();
    Pause.millis(500);
    assertTrue(site.admission().heartbeat() > before);
    site.close();
  }
}
