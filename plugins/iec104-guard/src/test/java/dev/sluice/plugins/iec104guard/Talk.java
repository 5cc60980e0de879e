package dev.sluice.plugins.iec104guard;

import dev.sluice.plugin.MemoryTables;
import dev.sluice.plugin.SettingsException;
import dev.sluice.plugin.Verdict;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.Tcp;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.Map;

/// A guard and the two ends of one connection, of which a test writes the segments.
final class Talk {
  static final int PORT = 2404;
  static final int MASTER_PORT = 50_000;
  static final String STARTDT = "680407000000";
  static final String TESTFR = "680443000000";
  static final String SUPERVISORY = "680401000200";

  /// General interrogation, activation.
  static final String INTERROGATION = "680e0000000064010600010000000014";

  /// Single command, activation: type 45 = 0x2d, cause 6.
  static final String COMMAND = "680e020000002d010600010001000001";

  /// The same with a time tag: type 58 = 0x3a.
  static final String TIMED_COMMAND = "6815020000003a01060001000100000100000000000000";

  /// Its confirmation: cause 7.
  static final String CONFIRMATION = "680e000002002d010700010001000001";

  private final Map<String, Object> properties;
  private MemoryTables tables = MemoryTables.ofWorkThread();
  Iec104Guard guard;
  boolean isV6;

  Talk() {
    this(Map.of());
  }

  Talk(Map<String, Object> properties) {
    this.properties = properties;
    guard = begun(System.nanoTime());
  }

  private Iec104Guard begun(long nowNanos) {
    try {
      Iec104Guard made = new Iec104Guard(properties);
      made.begin(tables);
      made.tick(nowNanos);
      return made;
    } catch (SettingsException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /// Puts another version in the guard's place.
  void swap(long nowNanos) {
    MemoryTables old = tables;
    tables = old.another();
    Iec104Guard before = guard;
    guard = begun(nowNanos);
    before.retire();
    old.close();
  }

  /// A guard that has seen the master's SYN: its first byte is number 1000.
  static Talk opened() {
    Talk talk = new Talk();
    talk.open();
    return talk;
  }

  /// Begins a connection, after a dial with other numbers: the same ones would be a repetition.
  void open() {
    dial(776, 4776);
    dial(999, 4999);
  }

  private void dial(int ofMaster, int ofStation) {
    expectPass(segment(MASTER_PORT, PORT, Tcp.SYN, ofMaster, new byte[0]));
    expectPass(answerDial(ofStation, ofMaster + 1));
  }

  TestPacket answerDial(int sequence, int acknowledgement) {
    TestPacket packet = segment(PORT, MASTER_PORT, Tcp.SYN | Tcp.ACK, sequence, new byte[0]);
    Tcp.setAcknowledgement(packet.memory(), packet.transportAt(), acknowledgement);
    return packet;
  }

  static byte[] bytes(String... hex) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String part : hex) {
      all.writeBytes(HexFormat.of().parseHex(part));
    }
    return all.toByteArray();
  }

  /// The master's bytes from this sequence number on.
  String toPort(int sequence, byte[] payload) {
    return judged(segment(MASTER_PORT, PORT, Tcp.ACK | Tcp.PSH, sequence, payload)).toString();
  }

  /// The station's bytes from this sequence number on.
  String fromPort(int sequence, byte[] payload) {
    return judged(segment(PORT, MASTER_PORT, Tcp.ACK | Tcp.PSH, sequence, payload)).toString();
  }

  /// The station has all of the master's bytes before this number.
  void acknowledge(int next) {
    TestPacket packet = segment(PORT, MASTER_PORT, Tcp.ACK, 5000, new byte[0]);
    Tcp.setAcknowledgement(packet.memory(), packet.transportAt(), next);
    if (judged(packet) != Verdict.PASS) {
      throw new AssertionError("an acknowledgement was dropped");
    }
  }

  Verdict judged(TestPacket packet) {
    return guard.receive(packet);
  }

  private void expectPass(TestPacket packet) {
    if (judged(packet) != Verdict.PASS) {
      throw new AssertionError("a SYN was dropped");
    }
  }

  TestPacket segment(int sourcePort, int destPort, int flags, int sequence, byte[] payload) {
    int headerBytes = isV6 ? 40 : 20;
    byte[] frame = new byte[14 + headerBytes + 20 + payload.length];
    MemorySegment memory = MemorySegment.ofArray(frame);
    Ethernet.setEtherType(memory, 0, isV6 ? Ethernet.TYPE_IPV6 : Ethernet.TYPE_IPV4);
    int at = 14 + headerBytes;
    if (isV6) {
      Ipv6.setClassAndLabel(memory, 14, 0, 0);
      Ipv6.setPayloadBytes(memory, 14, 20 + payload.length);
      Ipv6.setNextHeader(memory, 14, Tcp.PROTOCOL);
      Ipv6.setSource(memory, 14, 1, sourcePort);
      Ipv6.setDest(memory, 14, 1, destPort);
    } else {
      Ipv4.setHeaderBytes(memory, 14, 20);
      Ipv4.setTotalBytes(memory, 14, 40 + payload.length);
      Ipv4.setProtocol(memory, 14, Tcp.PROTOCOL);
      Ipv4.setSource(memory, 14, sourcePort);
      Ipv4.setDest(memory, 14, destPort);
    }
    Tcp.setSourcePort(memory, at, sourcePort);
    Tcp.setDestPort(memory, at, destPort);
    Tcp.setSequence(memory, at, sequence);
    Tcp.setHeaderBytes(memory, at, 20);
    Tcp.setFlags(memory, at, flags);
    System.arraycopy(payload, 0, frame, at + 20, payload.length);
    return new TestPacket(frame);
  }
}
