package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.MemoryTables;
import dev.sluice.plugin.Verdict;
import dev.sluice.plugins.terminalauth.Admission.Gate;
import dev.sluice.plugins.terminalauth.Admission.Master;
import dev.sluice.wire.Arp;
import dev.sluice.wire.Tcp;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A gate that takes another's place goes on where that one stopped.
class GateSwapTest {
  private static final EventLog SILENT = (severity, event, fields) -> {};

  private final GateFixture fixture = new GateFixture();

  private GateHandler another(MemoryTables tables) {
    GateHandler gate =
        new GateHandler(fixture.admission, fixture.neighbours, fixture.sender, SILENT);
    gate.begin(tables);
    return gate;
  }

  /// Has another version take the place of the one before, once.
  private void swap() {
    fixture.swap();
  }

  @Test
  void connectionGoesOnOverAHundredSwaps() {
    fixture.begin();
    fixture.open();
    int master = 101;
    int terminal = 901;
    for (int swaps = 0; swaps < 100; swaps++) {
      swap();
      fixture.talk("M PA %d %d 4 pass".formatted(master, terminal));
      fixture.talk("M PA %d %d 4 pass".formatted(master, terminal)); // once more, as TCP may
      master += 4;
      fixture.talk("T PA %d %d 10 pass".formatted(terminal, master));
      terminal += 10;
      fixture.talk("T PA %d %d 1 tcp-out-of-window".formatted(terminal + 1_000_000, master));
    }
    assertEquals(1, fixture.admission.sessions.getFirst().connections().get());
    assertEquals(List.of(), fixture.sender.drain());
    swap();
    fixture.talk("M FA %d %d 0 pass".formatted(master, terminal));
    swap();
    fixture.talk("T FA %d %d 0 pass".formatted(terminal, master + 1));
    swap();
    fixture.talk("M A %d %d 0 pass".formatted(master + 1, terminal + 1));
    assertEquals(0, fixture.admission.sessions.getFirst().connections().get());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void handshakeGoesOn(int swapBefore) {
    String[] steps = {"M S 100 0 0 s=7 pass", "T SA 900 101 0 pass", "M A 101 901 0 pass"};
    fixture.begin();
    for (int step = 0; step < steps.length; step++) {
      if (step == swapBefore) {
        swap();
      }
      fixture.talk(steps[step]);
    }
    swap();
    fixture.talk("M PA 101 901 4 pass");
  }

  @Test
  void oldGateMayJudgeSinglePacketsAfterTheNew() {
    fixture.begin();
    fixture.open();
    GateHandler old = fixture.gate();
    swap();
    for (int round = 0; round < 20; round++) {
      int at = 101 + 8 * round;
      fixture.talk("M PA %d 901 4 pass".formatted(at));
      TestFrame next = fixture.toTerminal().flags(Tcp.PSH | Tcp.ACK).payload(4);
      TestPacket packet = new TestPacket(fixture.masterSide, next.numbers(at + 4, 901).tcp());
      assertEquals(Verdict.PASS, old.receive(packet));
    }
    // A connection that one of the two opens in the place of another is a stranger to the other.
    fixture.talk("M R 261 0 0 pass\nM S 5 0 0 pass\nT SA 900 6 0 pass\nM A 6 901 0 pass");
    TestFrame data = fixture.toTerminal().flags(Tcp.PSH | Tcp.ACK).payload(4).numbers(6, 901);
    assertEquals(Verdict.PASS, old.receive(new TestPacket(fixture.masterSide, data.tcp())));
    TestFrame late =
        fixture.toTerminal().flags(Tcp.PSH | Tcp.ACK).payload(4).numbers(1_000_261, 901);
    assertEquals(
        "drop tcp-out-of-window",
        old.receive(new TestPacket(fixture.masterSide, late.tcp())).toString());
  }

  @Test
  void connectionOfASessionThatEndedDuringTheSwapIsCut() {
    fixture.begin();
    fixture.open();
    fixture.end();
    // The new version has never seen the session.
    swap();
    fixture.pass(1);
    assertEquals(2, fixture.sender.drain().size(), "a RST to each end");
    assertEquals("drop auth-no-session", fixture.fromMaster(data()));
    assertTrue(
        fixture.events.stream().anyMatch(e -> e.toString().contains("terminal=dtu-1")),
        fixture.events::toString);
  }

  private byte[] data() {
    return fixture.toTerminal().flags(Tcp.PSH | Tcp.ACK).payload(4).numbers(101, 901).tcp();
  }

  @Test
  void connectionOfTheSessionBeforeIsNotTheNextOnes() {
    fixture.begin();
    fixture.open();
    fixture.end();
    fixture.begin();
    swap();
    assertEquals("drop tcp-no-connection", fixture.fromMaster(data()));
    assertEquals(0, fixture.admission.sessions.getFirst().connections().get());
  }

  @Test
  void lastGateCutsWhatNobodyGoesOnWith() {
    fixture.begin();
    fixture.open();
    swap();
    assertEquals(List.of(), fixture.sender.drain(), "the old one leaves them");
    fixture.gate().retire();
    assertEquals(2, fixture.sender.drain().size());
  }

  @Test
  void gateThatIsRolledBackLeavesTheConnections() {
    fixture.begin();
    fixture.open();
    MemoryTables tables = fixture.tables().another();
    GateHandler failed = another(tables);
    failed.tick(fixture.now);
    failed.retire();
    tables.close();
    assertEquals(List.of(), fixture.sender.drain());
    fixture.talk("M PA 101 901 4 pass");
  }

  @Test
  void largerTableTakesMoreConnections() {
    fixture.begin();
    fixture.open();
    Gate gate = fixture.admission.gate;
    fixture.admission.gate =
        new Gate(
            gate.authPort(),
            gate.masterSide(),
            gate.ownAddress(),
            gate.masters(),
            gate.connectionIdleNanos(),
            5000);
    GateHandler old = fixture.gate();
    swap();
    fixture.talk("M PA 101 901 4 pass");
    TestFrame next = fixture.toTerminal().flags(Tcp.PSH | Tcp.ACK).payload(4).numbers(105, 901);
    assertEquals(Verdict.PASS, old.receive(new TestPacket(fixture.masterSide, next.tcp())));
  }

  @Test
  void learnedAddressesAreKnownToTheNextVersion() {
    MemoryTables tables = new MemoryTables();
    fixture.sender.devices = List.of(fixture.terminalSide, fixture.masterSide);
    Master master = new Master(fixture.master, OptionalLong.empty());
    Neighbours old = new Neighbours(tables, fixture.sender);
    old.expect(master, fixture.masterSide, GateFixture.NO_VLAN, 1);
    old.learn(master, GateFixture.MASTER_MAC, fixture.masterSide, GateFixture.NO_VLAN, 1);
    Neighbours fresh = new Neighbours(tables.another(), fixture.sender);
    assertEquals(
        GateFixture.MASTER_MAC, fresh.hardware(master, fixture.masterSide, GateFixture.NO_VLAN));
    assertEquals(
        Neighbour.UNKNOWN, fresh.hardware(master, fixture.terminalSide, GateFixture.NO_VLAN));
    assertEquals(1, fresh.changes());
    fresh.expect(master, fixture.masterSide, 5, 1);
    fresh.learn(master, 42, fixture.masterSide, 5, 1);
    old.reportMoves(SILENT, fixture.now);
    assertEquals(42, old.hardware(master, fixture.masterSide, 5), "and the other way round");
    assertEquals(2, old.changes());
  }

  @Test
  void twoVersionsThatLearnAtOnceKnowTheSame() throws Exception {
    MemoryTables tables = new MemoryTables();
    fixture.sender.devices = List.of(fixture.terminalSide, fixture.masterSide);
    Master master = new Master(fixture.master, OptionalLong.empty());
    Neighbours[] versions = {
      new Neighbours(tables, fixture.sender), new Neighbours(tables.another(), fixture.sender)
    };
    Thread[] threads = new Thread[2];
    for (int i = 0; i < 2; i++) {
      Neighbours own = versions[i];
      int odd = i;
      threads[i] =
          new Thread(() -> {
            for (int vlan = 0; vlan < 1000; vlan++) {
              if (vlan % 3 == odd || vlan % 3 == 2) {
                own.expect(master, fixture.masterSide, vlan, 1 + vlan);
                own.learn(master, 1 + vlan, fixture.masterSide, vlan, 1);
              }
            }
          });
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (Neighbours version : versions) {
      for (int ticks = 0; ticks < 20; ticks++) {
        version.reportMoves(SILENT, fixture.now);
      }
      for (int vlan = 0; vlan < 1000; vlan++) {
        assertEquals(1 + vlan, version.hardware(master, fixture.masterSide, vlan));
      }
    }
  }

  @Test
  void rehearsalHasNoEffect() {
    Session session = fixture.begin();
    GateHandler tried =
        new GateHandler(fixture.admission, fixture.neighbours, fixture.sender, SILENT);
    tried.begin(MemoryTables.rehearsing());
    tried.tick(fixture.now);
    TestFrame dial = fixture.toTerminal().flags(Tcp.SYN);
    assertEquals(
        "drop auth-no-session",
        tried.receive(new TestPacket(fixture.masterSide, dial.tcp())).toString());
    TestFrame asks = fixture.toMaster();
    tried.receive(new TestPacket(fixture.terminalSide, asks.arp(Arp.REQUEST, asks.source)));
    TestFrame forged = fixture.toMaster().hardware(GateFixture.STRANGER_MAC, asks.dest);
    tried.receive(new TestPacket(fixture.terminalSide, forged.flags(Tcp.SYN).tcp()));
    tried.retire();
    assertEquals(0, session.connections().get());
    assertEquals(0, session.mismatches().sum());
    assertEquals(List.of(), fixture.sender.drain());
    assertEquals(0, fixture.neighbours.changes());
    assertEquals(List.of(), fixture.admission.datagrams);
  }
}
