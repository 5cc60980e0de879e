package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.MemoryTables;
import dev.sluice.plugin.Verdict;
import dev.sluice.plugins.terminalauth.Admission.Gate;
import dev.sluice.plugins.terminalauth.Admission.Master;
import dev.sluice.plugins.terminalauth.Terminal.CertificateRule;
import dev.sluice.plugins.terminalauth.Terminal.Direction;
import dev.sluice.wire.Tcp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A gate between one terminal and one master, both on their places, with a session that the test
/// begins and ends.
final class GateFixture {
  static final long TERMINAL_MAC = 0x0200_0000_0010L;
  static final long MASTER_MAC = 0x0200_0000_0001L;
  static final long STRANGER_MAC = 0x0200_0000_0066L;
  static final long TERMINAL_PORT_MAC = 0x0200_0000_00a0L;
  static final long MASTER_PORT_MAC = 0x0200_0000_00a1L;
  static final IpAddress TERMINAL = IpAddress.parse("10.0.0.10");
  static final IpAddress MASTER = IpAddress.parse("10.0.0.1");
  static final IpAddress OWN = IpAddress.parse("10.0.0.254");
  static final IpAddress STRANGER = IpAddress.parse("10.0.0.66");
  static final IpAddress TERMINAL_V6 = IpAddress.parse("2001:db8::10");
  static final IpAddress MASTER_V6 = IpAddress.parse("2001:db8::1");
  static final int NO_VLAN = 0xffffff;
  static final int PORT = 2404;
  static final int DIALLING_PORT = 50_000;
  static final int AUTH_PORT = 2405;
  static final long IDLE_NANOS = 600_000_000_000L;
  static final long SECOND = 1_000_000_000L;

  /// What an event log was told.
  record Event(String name, Map<String, ?> fields) {}

  final TestDevice terminalSide = new TestDevice("t0", 0, TERMINAL_PORT_MAC);
  final TestDevice masterSide = new TestDevice("m0", 1, MASTER_PORT_MAC);
  final RecordingSender sender = new RecordingSender();
  final List<Event> events = new ArrayList<>();
  final Neighbours neighbours = new Neighbours();
  final FakeAdmission admission;
  final GateHandler gate;
  final Terminal terminal;
  final IpAddress master;
  long now = System.nanoTime();
  private static final Pattern BLANKS = Pattern.compile(" +");
  private @Nullable Session session;
  private MemoryTables tables = MemoryTables.ofWorkThread();
  private GateHandler inForce;

  /// IPv4, the terminal listens, the master's hardware address is set.
  GateFixture() {
    this(TERMINAL, MASTER, Direction.TERMINAL_LISTENS, OptionalLong.of(MASTER_MAC), 8, 4);
  }

  GateFixture(Direction direction) {
    this(TERMINAL, MASTER, direction, OptionalLong.of(MASTER_MAC), 8, 4);
  }

  /// IPv4, the terminal listens.
  static GateFixture withUnknownMaster() {
    return new GateFixture(
        TERMINAL, MASTER, Direction.TERMINAL_LISTENS, OptionalLong.empty(), 8, 4);
  }

  static GateFixture v6(OptionalLong masterHardware) {
    return new GateFixture(
        TERMINAL_V6, MASTER_V6, Direction.TERMINAL_LISTENS, masterHardware, 8, 4);
  }

  GateFixture(
      IpAddress terminalAddress,
      IpAddress master,
      Direction direction,
      OptionalLong masterHardware,
      int tableConnections,
      int terminalConnections) {
    TestDevice.pair(terminalSide, masterSide);
    this.master = master;
    this.terminal =
        new Terminal(
            "dtu-1",
            new CertificateRule("CN=dtu-1", ""),
            terminalAddress,
            "t0",
            NO_VLAN,
            OptionalLong.empty(),
            List.of(master),
            List.of(PORT),
            direction,
            terminalConnections);
    admission =
        new FakeAdmission(
            new Gate(
                AUTH_PORT,
                List.of(masterSide),
                OWN,
                List.of(new Master(master, masterHardware)),
                IDLE_NANOS,
                tableConnections));
    admission.terminals.add(terminal);
    EventLog log = (severity, event, fields) -> events.add(new Event(event, fields));
    sender.devices = List.of(terminalSide, masterSide);
    gate = new GateHandler(admission, neighbours, sender, log);
    gate.begin(tables);
    gate.tick(now);
    inForce = gate;
  }

  /// The gate that judges.
  GateHandler gate() {
    return inForce;
  }

  MemoryTables tables() {
    return tables;
  }

  /// Puts another version in the place of the gate.
  void swap() {
    MemoryTables old = tables;
    GateHandler before = inForce;
    tables = old.another();
    EventLog log = (severity, event, fields) -> events.add(new Event(event, fields));
    inForce = new GateHandler(admission, neighbours, sender, log);
    inForce.begin(tables);
    inForce.tick(now);
    before.retire();
    old.close();
  }

  /// The terminal authenticates.
  Session begin() {
    return begin(new Binding(terminalSide, NO_VLAN, TERMINAL_MAC, terminal.address()));
  }

  Session begin(Binding binding) {
    Session begun = new Session(admission.revision() + 1, terminal, binding, now);
    admission.begin(begun);
    session = begun;
    return begun;
  }

  void end() {
    Session ended = session;
    if (ended == null) {
      throw new IllegalStateException("no session has begun");
    }
    admission.end(ended);
  }

  /// Time goes on, with a tick at its end.
  void pass(long nanos) {
    now += nanos;
    inForce.tick(now);
  }

  /// A frame from the terminal to the master, to be filled.
  TestFrame toMaster() {
    boolean dials = terminal.direction() == Direction.TERMINAL_DIALS;
    return new TestFrame(TERMINAL_MAC, MASTER_MAC, terminal.address(), master)
        .ports(dials ? DIALLING_PORT : PORT, dials ? PORT : DIALLING_PORT);
  }

  /// A frame from the master to the terminal, to be filled.
  TestFrame toTerminal() {
    boolean dials = terminal.direction() == Direction.TERMINAL_DIALS;
    return new TestFrame(MASTER_MAC, TERMINAL_MAC, master, terminal.address())
        .ports(dials ? PORT : DIALLING_PORT, dials ? DIALLING_PORT : PORT);
  }

  String fromTerminal(byte[] frame) {
    return judged(terminalSide, frame).toString();
  }

  String fromMaster(byte[] frame) {
    return judged(masterSide, frame).toString();
  }

  Verdict judged(TestDevice ingress, byte[] frame) {
    TestPacket packet = new TestPacket(ingress, frame);
    Verdict verdict = inForce.receive(packet);
    if (!Arrays.equals(frame, packet.bytes())) {
      throw new AssertionError("the gate has changed the frame");
    }
    return verdict;
  }

  /// The master dials and the connection is open: the master is at 101, the terminal at 901.
  void open() {
    talk(
        """
        M S   100   0 0 pass
        T SA  900 101 0 pass
        M A   101 901 0 pass\
        """);
  }

  /// Sends segments and holds each verdict against the last word of its line: side (`M`, `T`),
  /// flags, sequence number, acknowledgement, bytes of payload; then, where wanted, `w=` window and
  /// `s=` window shift; then the verdict, where `pass` stands for itself and all else for a drop.
  void talk(String lines) {
    lines
        .lines()
        .forEach(line -> {
          String[] words = BLANKS.split(line.strip(), -1);
          TestFrame frame = words[0].equals("M") ? toTerminal() : toMaster();
          frame.flags(flags(words[1])).payload(Integer.parseInt(words[4]));
          frame.numbers(number(words[2]), number(words[3]));
          for (int i = 5; i < words.length - 1; i++) {
            int value = Integer.parseInt(words[i].substring(2));
            if (words[i].startsWith("w=")) {
              frame.window(value);
            } else {
              frame.shift(value);
            }
          }
          String last = words[words.length - 1];
          String expected = last.equals("pass") ? last : "drop " + last;
          String found = words[0].equals("M") ? fromMaster(frame.tcp()) : fromTerminal(frame.tcp());
          if (!expected.equals(found)) {
            throw new AssertionError(line.strip() + ": was " + found);
          }
        });
  }

  private static int number(String word) {
    return (int) Long.parseLong(word);
  }

  private static int flags(String letters) {
    int flags = 0;
    for (int i = 0; i < letters.length(); i++) {
      flags |=
          switch (letters.charAt(i)) {
            case 'F' -> Tcp.FIN;
            case 'S' -> Tcp.SYN;
            case 'R' -> Tcp.RST;
            case 'P' -> Tcp.PSH;
            case 'A' -> Tcp.ACK;
            case 'U' -> Tcp.URG;
            case '-' -> 0;
            default -> throw new IllegalArgumentException("flags " + letters);
          };
    }
    return flags;
  }
}
