package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugins.terminalauth.Admission.Gate;
import dev.sluice.plugins.terminalauth.Admission.Master;
import dev.sluice.plugins.terminalauth.GateFixture.Event;
import dev.sluice.plugins.terminalauth.Terminal.Direction;
import dev.sluice.wire.Tcp;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same random life twice: through a gate that approves, and through one for which admission
/// has changed before each packet, so that every one goes the whole way. Nobody can tell them
/// apart.
class GateApprovalSameTest {
  private static final int PACKETS = 100_000;
  private static final int PORTS = 3;

  /// So large that it is never full, and so small that each tick visits all of it: what else
  /// happens depends on where the table's random seed puts a connection.
  private static final int TABLE = 64;

  private static final long[] HARDWARE = {
    GateFixture.TERMINAL_MAC, GateFixture.MASTER_MAC, GateFixture.STRANGER_MAC
  };

  private final List<GateFixture> both = List.of(fixture(), fixture());
  private final GateFixture approves = both.get(0);
  private final GateFixture asksAlways = both.get(1);
  private final int[] atMaster = new int[PORTS];
  private final int[] atTerminal = new int[PORTS];
  private int passed;
  private int ended;

  private static GateFixture fixture() {
    return new GateFixture(
        GateFixture.TERMINAL,
        GateFixture.MASTER,
        Direction.TERMINAL_LISTENS,
        OptionalLong.empty(),
        TABLE,
        3);
  }

  private void inBoth(Consumer<GateFixture> act) {
    both.forEach(act);
  }

  /// A packet that both judge alike.
  private String judged(boolean up, byte[] frame) {
    asksAlways.admission.changed();
    List<String> verdicts = new ArrayList<>();
    inBoth(each -> {
      TestDevice ingress = up ? each.terminalSide : each.masterSide;
      verdicts.add(each.gate.receive(new TestPacket(ingress, frame)).toString());
    });
    assertEquals(verdicts.get(1), verdicts.get(0));
    return verdicts.get(0);
  }

  private void send(Random random) {
    boolean up = random.nextBoolean();
    int port = random.nextInt(PORTS);
    TestFrame frame = up ? approves.toMaster() : approves.toTerminal();
    frame.ports(up ? 2404 : port + 1, up ? port + 1 : 2404);
    frame.flags(Tcp.ACK).payload(random.nextInt(40)).window(2000);
    int sequence = up ? atTerminal[port] : atMaster[port];
    frame.numbers(sequence, up ? atMaster[port] : atTerminal[port]);
    if (random.nextInt(8) == 0) {
      disturb(frame, random);
    }
    boolean counts = frame.sequence == sequence && judged(up, frame.tcp()).equals("pass");
    if (counts) {
      passed++;
      boolean fin = (frame.flags & Tcp.FIN) != 0;
      (up ? atTerminal : atMaster)[port] += frame.payload.length + (fin ? 1 : 0);
    }
  }

  private static void disturb(TestFrame frame, Random random) {
    switch (random.nextInt(9)) {
      case 0 -> frame.source = HARDWARE[random.nextInt(3)];
      case 1 -> frame.dest = HARDWARE[random.nextInt(3)];
      case 2 -> frame.vlans(random.nextInt(3));
      case 3 -> frame.sequence += random.nextInt(6000) - 3000;
      case 4 -> frame.acknowledgement += random.nextInt(6000) - 3000;
      case 5 -> frame.spoiltTcp = random.nextInt(2);
      case 6 -> frame.spoiltIp = random.nextInt(2);
      case 7 -> frame.flags(random.nextInt(64)).payload(random.nextInt(2));
      default -> {
        frame.sourcePort += random.nextInt(2);
        frame.destPort -= random.nextInt(2);
      }
    }
  }

  /// The master dials, and mostly gets through.
  private void dial(Random random) {
    int port = random.nextInt(PORTS);
    int first = random.nextInt();
    TestFrame syn = approves.toTerminal().ports(port + 1, 2404).window(2000);
    if (!judged(false, syn.flags(Tcp.SYN).numbers(first, 0).tcp()).equals("pass")) {
      return;
    }
    atMaster[port] = first + 1;
    atTerminal[port] = random.nextInt();
    TestFrame answer = approves.toMaster().ports(2404, port + 1).window(2000);
    answer.flags(Tcp.SYN | Tcp.ACK).numbers(atTerminal[port]++, atMaster[port]);
    judged(true, answer.tcp());
    judged(false, syn.flags(Tcp.ACK).numbers(atMaster[port], atTerminal[port]).tcp());
  }

  private void reset(Random random) {
    int port = random.nextInt(PORTS);
    TestFrame reset = approves.toTerminal().ports(port + 1, 2404).flags(Tcp.RST);
    judged(false, reset.numbers(atMaster[port], 0).tcp());
  }

  private void renew(Random random) {
    boolean begins = random.nextInt(4) > 0;
    long hardware = random.nextInt(8) == 0 ? GateFixture.STRANGER_MAC : GateFixture.TERMINAL_MAC;
    ended++;
    inBoth(each -> {
      if (!each.admission.sessions.isEmpty()) {
        each.admission.end(each.admission.sessions.get(0));
      }
      if (begins) {
        each.begin(
            new Binding(each.terminalSide, GateFixture.NO_VLAN, hardware, each.terminal.address()));
      }
    });
  }

  private void learn(Random random) {
    long hardware = random.nextInt(8) == 0 ? GateFixture.STRANGER_MAC : GateFixture.MASTER_MAC;
    inBoth(each ->
        each.neighbours.learn(
            new Master(each.master, OptionalLong.empty()),
            hardware,
            each.masterSide,
            GateFixture.NO_VLAN,
            each.now));
  }

  private void set(Random random) {
    boolean listed = random.nextInt(8) > 0;
    boolean set = random.nextInt(4) == 0;
    OptionalLong hardware = set ? OptionalLong.of(HARDWARE[1]) : OptionalLong.empty();
    inBoth(each -> {
      List<Master> masters = listed ? List.of(new Master(each.master, hardware)) : List.of();
      Gate gate = each.admission.gate;
      each.admission.gate =
          new Gate(
              gate.authPort(),
              gate.masterSide(),
              gate.ownAddress(),
              masters,
              gate.connectionIdleNanos(),
              gate.maxConnections());
      each.admission.changed();
    });
  }

  private void disrupt(Random random) {
    switch (random.nextInt(10)) {
      case 0 -> renew(random);
      case 1, 2 -> learn(random);
      case 3 -> set(random);
      case 4, 5, 6, 7 -> pass(10_000_000);
      case 8 -> pause(random);
      default -> reset(random);
    }
  }

  private void pause(Random random) {
    long nanos = random.nextLong(30 * GateFixture.SECOND);
    pass(nanos);
  }

  /// With two ticks: one that removes a connection leaves out a place at its round's end.
  private void pass(long nanos) {
    inBoth(each -> {
      each.pass(nanos);
      each.pass(0);
    });
  }

  /// In one order, as the seed gives another to each table.
  private static List<String> frames(GateFixture fixture) {
    return fixture.sender.drain().stream()
        .map(sent -> sent.device().name() + HexFormat.of().formatHex(sent.packet().bytes()))
        .sorted()
        .toList();
  }

  private static List<String> events(GateFixture fixture) {
    return fixture.events.stream()
        .map(Event::name)
        .filter(name -> !name.equals("connections-cut"))
        .toList();
  }

  private void assertSameEffects() {
    assertEquals(events(asksAlways), events(approves));
    assertEquals(frames(asksAlways), frames(approves));
    assertEquals(asksAlways.admission.sessions.size(), approves.admission.sessions.size());
    for (int i = 0; i < approves.admission.sessions.size(); i++) {
      Session one = approves.admission.sessions.get(i);
      Session other = asksAlways.admission.sessions.get(i);
      assertEquals(other.connections().get(), one.connections().get());
      assertEquals(other.mismatches().sum(), one.mismatches().sum());
      assertEquals(other.lastTrafficNanos(), one.lastTrafficNanos());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void gateThatApprovesJudgesAsOneThatDoesNot(long seed) {
    Random random = new Random(seed);
    asksAlways.now = approves.now;
    inBoth(each -> {
      each.pass(0);
      Master master = each.admission.gate.masters().get(0);
      each.neighbours.expect(master, each.masterSide, GateFixture.NO_VLAN, each.now);
    });
    renew(random);
    for (int i = 0; i < PACKETS; i++) {
      send(random);
      if (random.nextInt(16) == 0) {
        dial(random);
      }
      if (random.nextInt(32) == 0) {
        disrupt(random);
        assertSameEffects();
      }
    }
    int whole = asksAlways.admission.sessionQuestions;
    int approved = whole - approves.admission.sessionQuestions;
    assertTrue(passed > PACKETS / 4, () -> "only " + passed + " passed");
    assertTrue(approved > passed / 2, () -> "only " + approved + " were approved");
    assertTrue(ended > 100, () -> "only " + ended + " sessions");
  }
}
