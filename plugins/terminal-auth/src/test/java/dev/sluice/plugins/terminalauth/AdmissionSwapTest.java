package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.MemoryTables;
import dev.sluice.plugin.Ownership;
import dev.sluice.plugin.SettingsException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Sessions and associations that one version of admission begins and another goes on with.
class AdmissionSwapTest {
  private static final int TERMINALS = 20;
  private static final String ADDRESS = "10.0.0.11";
  private static final long HARDWARE = 0x02_00_00_00_00_11L;
  private static final String SUBJECT = "CN=DTU-0001,O=Example";

  private final AuthSite site = new AuthSite().list("DTU-0001", SUBJECT, ADDRESS);
  private final TestAuthority.Identity identity = site.authority.terminal(SUBJECT);

  @AfterEach
  void close() {
    site.close();
  }

  private DtlsTerminal authenticated() throws IOException {
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    assertTrue(terminal.authenticate(identity).startsWith("SLUICE/1 OK"));
    return terminal;
  }

  private static String address(int i) {
    return "10.1.0." + (1 + i);
  }

  /// With a session for each of them.
  private List<DtlsTerminal> startWithTerminals() throws IOException {
    for (int i = 0; i < TERMINALS; i++) {
      site.list("T" + i, "CN=T" + i, address(i));
    }
    site.start();
    List<DtlsTerminal> terminals = new ArrayList<>();
    for (int i = 0; i < TERMINALS; i++) {
      DtlsTerminal terminal = new DtlsTerminal(site, address(i), HARDWARE + 100 + i);
      TestAuthority.Identity own = site.authority.terminal("CN=T" + i);
      assertTrue(terminal.authenticate(own).startsWith("SLUICE/1 OK"));
      terminals.add(terminal);
    }
    return terminals;
  }

  @Test
  void sessionsOutliveTwentySwaps() throws Exception {
    List<DtlsTerminal> terminals = startWithTerminals();
    List<Long> before = ids();
    for (int swaps = 0; swaps < 20; swaps++) {
      site.swap();
      for (DtlsTerminal terminal : terminals) {
        assertTrue(terminal.ask("PING").startsWith("PONG lease=3"), "after " + swaps + " swaps");
      }
    }
    assertEquals(before, ids());
    assertEquals(TERMINALS, site.events.count("auth-accepted", Map.of()));
    assertEquals(0, site.events.count("session-ended", Map.of()));
    terminals.getFirst().send("BYE");
    site.events.await(
        "session-ended", Map.of("cause", "closed-by-terminal", "terminal", "T0", "detail", "BYE"));
    assertNull(site.session(address(0)));
  }

  private List<Long> ids() {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < TERMINALS; i++) {
      ids.add(site.live(address(i)).id());
    }
    return ids;
  }

  @Test
  void newVersionSeesAtOnceWhatTheOldBeginsAndEnds() throws Exception {
    site.start();
    DtlsAdmission fresh = site.beside(new MemoryTables[1]);
    IpAddress ip = IpAddress.parse(ADDRESS);
    long revision = fresh.revision();
    DtlsTerminal terminal = authenticated();
    Session seen = fresh.session(ip.high(), ip.low());
    assertNotNull(seen);
    assertTrue(fresh.revision() > revision);
    assertEquals(site.live(ADDRESS).id(), seen.id());
    assertEquals(site.live(ADDRESS).binding(), seen.binding());
    seen.connections().add(4);
    seen.mismatches().increment();
    assertEquals(1, site.live(ADDRESS).connections().get());
    assertEquals(1, site.live(ADDRESS).mismatches().sum());
    revision = fresh.revision();
    terminal.send("BYE");
    site.events.await("session-ended", Map.of());
    assertFalse(seen.live());
    assertNull(fresh.session(ip.high(), ip.low()));
    assertTrue(fresh.revision() > revision);
    fresh.deactivate();
    assertEquals(1, site.events.count("session-ended", Map.of()));
  }

  @Test
  void terminalThatIsRevokedAfterASwapIsCut() throws Exception {
    site.start();
    authenticated();
    site.swap();
    Session session = site.live(ADDRESS);
    site.write("ca.crl", TestAuthority.pem(site.authority.revocationList(identity)));
    site.events.await("session-ended", Map.of("cause", "revoked", "terminal", "DTU-0001"));
    assertFalse(session.live());
  }

  @Test
  void terminalThatIsRevokedDuringASwapIsCut() throws Exception {
    site.start();
    authenticated();
    Session session = site.live(ADDRESS);
    site.stopOld();
    site.write("ca.crl", TestAuthority.pem(site.authority.revocationList(identity)));
    site.startNew();
    site.events.await("session-ended", Map.of("cause", "revoked", "terminal", "DTU-0001"));
    assertFalse(session.live());
    assertEquals(0, site.events.count("session-ended", Map.of("cause", "gateway-stopped")));
  }

  @Test
  void terminalThatIsListedNoMoreAfterASwapIsCut() throws Exception {
    site.start();
    authenticated();
    Session session = site.live(ADDRESS);
    site.stopOld();
    site.write("terminals.ini", site.registry().replace("[DTU-0001]", "[DTU-0009]"));
    site.startNew();
    site.events.await("session-ended", Map.of("cause", "registry-changed"));
    assertFalse(session.live());
    assertNull(site.session(ADDRESS));
  }

  @Test
  void keepAliveIsAskedForByTheVersionInForce() throws Exception {
    site.set("keep-alive-s", 2).set("keep-alive-misses", 2).start();
    DtlsTerminal terminal = authenticated();
    Session session = site.live(ADDRESS);
    for (int i = 0; i < 6; i++) {
      Pause.millis(1000);
      terminal.send("");
      site.swap();
    }
    assertTrue(session.live());
    site.events.await("session-ended", Map.of("cause", "keep-alive-missed"));
    assertFalse(session.live());
  }

  @Test
  void leaseGoesOnFromItsBegin() throws Exception {
    site.set("lease-s", 2).start();
    authenticated();
    Session session = site.live(ADDRESS);
    Pause.millis(1000);
    site.swap();
    assertTrue(session.live());
    long began = System.nanoTime();
    site.events.await("session-ended", Map.of("cause", "lease-ended"));
    assertTrue(System.nanoTime() - began < 1_900_000_000L, "not a new lease");
  }

  @Test
  void versionThatIsRolledBackToGoesOn() throws Exception {
    site.set("keep-alive-s", 2).set("keep-alive-misses", 3).start();
    DtlsTerminal terminal = authenticated();
    Session session = site.live(ADDRESS);
    MemoryTables[] tables = new MemoryTables[1];
    DtlsAdmission failed = site.beside(tables);
    failed.inForce(System.nanoTime(), true);
    // In force again, with the other one gone.
    failed.deactivate();
    tables[0].close();
    assertTrue(session.live());
    site.admission().inForce(System.nanoTime(), true);
    assertTrue(terminal.ask("PING").startsWith("PONG"));
    DtlsTerminal again = authenticated();
    assertEquals(session.id(), site.live(ADDRESS).id());
    assertTrue(again.ask("PING").startsWith("PONG"));
    site.events.await("session-ended", Map.of("cause", "keep-alive-missed"));
    assertEquals(0, site.events.count("session-ended", Map.of("cause", "gateway-stopped")));
  }

  /// While flows go over to a new version, both judge for some seconds.
  @Test
  void versionThatStillJudgesLeavesTheSessionsToTheNewOne() throws Exception {
    site.start();
    DtlsAdmission other = site.beside(new MemoryTables[1]);
    long now = System.nanoTime();
    for (int second = 0; second < 15; second++) {
      other.inForce(now + second * 1_000_000_000L, true);
      long heard = site.admission().heartbeat();
      while (heard == site.admission().heartbeat()) {
        Pause.millis(1);
      }
      site.admission().inForce(now + second * 1_000_000_000L + 1, true);
      assertFalse(site.admission().owns(), "the new one judges and looks after them");
    }
    other.deactivate();
  }

  @Test
  void versionThatJudgesClaimsBackFromOneThatDoesNot() throws Exception {
    site.start();
    DtlsAdmission other = site.beside(new MemoryTables[1]);
    long now = System.nanoTime();
    other.inForce(now, true);
    site.admission().inForce(now + 1, true);
    site.admission().inForce(now + 500_000_000L, true);
    assertFalse(site.admission().owns(), "the old gate is called for a moment after the new one's");
    other.inForce(now + 1_000_000_000L, false);
    site.admission().inForce(now + 1_100_000_000L, false);
    assertFalse(site.admission().owns(), "it only stands by");
    site.admission().inForce(now + 1_100_000_000L, true);
    assertTrue(site.admission().owns());
    assertFalse(other.owns());
    other.deactivate();
  }

  /// Another version that looks at all sessions has it again as soon as it has let it go.
  @Test
  void sessionsAreWatchedWhileAnotherVersionDoesOneItemAfterAnother() throws Exception {
    site.set("mismatch-limit", 0);
    startWithTerminals();
    MemoryTables tables = site.tables().another();
    Ownership other = tables.ownership("admission");
    long before = site.admission().heartbeat();
    for (int item = 0; item < 20; item++) {
      other.enterAnyway();
      try {
        for (int i = 0; i < TERMINALS; i++) {
          site.live(address(i)).mismatches().increment();
        }
        Pause.millis(100);
      } finally {
        other.leave();
      }
    }
    tables.close();
    long beats = site.admission().heartbeat() - before;
    assertTrue(beats > 5, beats + " heartbeats in twenty items");
  }

  @Test
  void sessionsAreWatchedWhileManyLinesWaitForTheLock() throws Exception {
    List<DtlsTerminal> terminals = startWithTerminals();
    site.swap();
    MemoryTables tables = site.tables().another();
    Ownership other = tables.ownership("admission");
    other.enterAnyway();
    for (int lines = 0; lines < 15; lines++) {
      for (DtlsTerminal terminal : terminals) {
        terminal.send("PING");
      }
    }
    other.leave();
    long before = site.admission().heartbeat();
    for (int item = 0; item < 150; item++) {
      other.enterAnyway();
      Pause.millis(20);
      other.leave();
    }
    tables.close();
    long beats = site.admission().heartbeat() - before;
    assertTrue(beats > 10, beats + " heartbeats in three seconds");
  }

  /// Or whoever wants the lock meanwhile waits for code that is cold, once for each session.
  @Test
  void sessionsAreJudgedAfterASwapWithoutTheLock() throws Exception {
    startWithTerminals();
    MemoryTables probe = site.tables().another();
    MemoryTables tables = site.tables().another();
    Ownership lock = probe.ownership("admission");
    List<Boolean> wasFree = Collections.synchronizedList(new ArrayList<>());
    InstantSource clock =
        () -> {
          if (Thread.currentThread().getName().equals("terminal-auth-files")) {
            wasFree.add(isFree(lock));
          }
          return Instant.now();
        };
    DtlsAdmission next = new DtlsAdmission(tables, site, site.events, site.properties, clock);
    next.inForce(System.nanoTime(), true);
    Pause.until("all are looked at", () -> wasFree.size() > 2 * TERMINALS);
    next.deactivate();
    tables.close();
    probe.close();
    assertFalse(wasFree.contains(false), wasFree::toString);
  }

  private static boolean isFree(Ownership lock) {
    return CompletableFuture.supplyAsync(
            () -> {
              boolean entered = lock.enterWithin(Duration.ofSeconds(1));
              if (entered) {
                lock.leave();
              }
              return entered;
            })
        .join();
  }

  @Test
  void lastVersionEndsAllAndTellsTheTerminals() throws Exception {
    site.start();
    DtlsTerminal terminal = authenticated();
    site.swap();
    site.admission().deactivate();
    site.events.await("session-ended", Map.of("cause", "gateway-stopped"));
    assertThrows(IOException.class, terminal::line);
  }

  @Test
  void candidateWithWrongSettingsChangesNothing() throws Exception {
    site.start();
    DtlsTerminal terminal = authenticated();
    site.set("lease-s", 0);
    MemoryTables candidate = site.tables().another();
    assertThrows(
        SettingsException.class,
        () -> new DtlsAdmission(candidate, site, site.events, site.properties));
    candidate.close();
    site.set("lease-s", 3600);
    assertTrue(terminal.ask("PING").startsWith("PONG"));
    assertTrue(site.live(ADDRESS).live());
  }

  @Test
  void terminalAuthenticatesAnewWithTheNewVersion() throws Exception {
    site.start();
    authenticated();
    long id = site.live(ADDRESS).id();
    site.swap();
    DtlsTerminal renewed = authenticated();
    assertEquals(id, site.live(ADDRESS).id());
    site.events.await("auth-accepted", Map.of("renewed", true));
    site.swap();
    assertTrue(renewed.ask("PING").startsWith("PONG"));
    renewed.hangUp();
    site.events.await("session-ended", Map.of("cause", "closed-by-terminal"));
    site.swap();
    authenticated();
    assertTrue(site.live(ADDRESS).id() > id, "numbers go on too");
  }

  @Test
  void suspensionOutlivesASwap() throws Exception {
    site.set("mismatch-limit", 3).set("suspension-s", 30).start();
    authenticated();
    site.live(ADDRESS).mismatches().add(2);
    site.events.await("binding-mismatch", Map.of("packets", 2L));
    site.swap();
    site.live(ADDRESS).mismatches().add(1);
    site.events.await("session-ended", Map.of("cause", "binding-mismatch"));
    site.swap();
    assertEquals(
        "drop auth-suspended",
        new DtlsTerminal(site, ADDRESS, HARDWARE).sendRaw(new byte[60]).toString());
  }

  @Test
  void lineThatComesInTheMidstOfASwapIsAnswered() throws Exception {
    site.start();
    DtlsTerminal terminal = authenticated();
    for (int round = 0; round < 20; round++) {
      terminal.send("PING");
      site.swap();
      assertTrue(terminal.line().startsWith("PONG"), "round " + round);
    }
  }

  @Test
  void lostLastFlightIsRepeated() throws Exception {
    site.start();
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE).losesFirstFinished();
    terminal.authenticate(identity);
    assertTrue(terminal.ask("PING").startsWith("PONG"));
    assertEquals(1, site.events.count("auth-accepted", Map.of()));
  }
}
