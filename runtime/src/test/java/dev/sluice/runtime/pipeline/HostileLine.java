package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.MemoryWire;
import dev.sluice.plugins.terminalauth.LiveGate;
import dev.sluice.wire.Arp;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.FrameMutator;
import dev.sluice.wire.Frames;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Layers;
import dev.sluice.wire.Tcp;
import dev.sluice.wire.Udp;
import dev.sluice.wire.WireFrames;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/// What a pipeline with a gate between two wires is given: a connection that is opened honestly,
/// over and over, and between its segments hostile frames, half of them made out of these segments.
/// What comes out to the master is checked.
final class HostileLine {
  /// Hostile frames between two dials.
  static final int EPISODE = 200;

  private static final String TERMINAL_HARDWARE = LiveGate.TERMINAL_HARDWARE;
  private static final int SYN = 2;
  private static final int RESET = 4;
  private static final int ACK = 0x10;
  private static final int PUSH = 0x18;
  private static final String INTERROGATION = "680e0000000064010600010000000014";
  private static final String COMMAND = "680e020000002d010600010001000001";
  private static final String ACTIVE = "680e020000000d010300010001000001";

  private final MemoryWire terminal;
  private final MemoryWire master;
  private final SplittableRandom random;
  private final FrameMutator mutator;
  private final MemorySegment in = MemorySegment.ofArray(new byte[FrameMutator.MAX_BYTES]);
  private final MemorySegment out = MemorySegment.ofArray(new byte[2048]);
  private final Layers layers = new Layers();
  private boolean isAdmissionSpared;
  private int episode;
  private long offered;
  private long toMaster;

  HostileLine(MemoryWire terminal, MemoryWire master, long seed, byte[] hello) {
    this.terminal = terminal;
    this.master = master;
    this.random = new SplittableRandom(seed);
    List<byte[]> honest = new ArrayList<>(WireFrames.all());
    honest.add(hello);
    honest.add(stranger().tcp(2404, 50_000, PUSH).hex(ACTIVE).bytes());
    honest.add(stranger().udp(5000, 2405).hex("16fefd").bytes());
    honest.add(question(LiveGate.TERMINAL, LiveGate.MASTER).bytes());
    honest.add(question(LiveGate.STRANGER, LiveGate.MASTER).bytes());
    this.mutator = new FrameMutator(random.nextLong(), honest);
  }

  /// Frames that the pipeline was given.
  long offered() {
    return offered;
  }

  /// Frames that came out to the master.
  long toMaster() {
    return toMaster;
  }

  /// Leaves out datagrams to the authentication port from now on: they alone are copied.
  void sparesAdmission() {
    isAdmissionSpared = true;
  }

  /// Opens a connection, sends hostile frames, and ends the connection.
  ///
  /// @param settled waits until all that was offered has met its fate
  void episode(Runnable settled) {
    int port = 20_000 + episode++ % 40_000;
    List<byte[]> up = List.of(up(port, SYN | ACK, 900, 101, ""), up(port, PUSH, 901, 101, ACTIVE));
    List<byte[]> down =
        List.of(
            down(port, SYN, 100, 0, ""),
            down(port, ACK, 101, 901, ""),
            down(port, PUSH, 101, 901, "680407000000" + INTERROGATION),
            down(port, PUSH, 123, 901, COMMAND));
    offerAndSettle(master, down.get(0), settled);
    offerAndSettle(terminal, up.get(0), settled);
    offerAndSettle(master, down.get(1), settled);
    for (int i = 0; i < EPISODE; i++) {
      boolean upward = random.nextBoolean();
      List<byte[]> own = upward ? up : down;
      byte[] frame =
          random.nextBoolean()
              ? mutator.mutated(own.get(random.nextInt(own.size())))
              : mutator.next();
      boolean wrongSide = random.nextInt(16) == 0;
      offer(upward == wrongSide ? master : terminal, frame);
    }
    end(port);
    settled.run();
    drain();
  }

  /// Resets the connection at every number where it may stand, or the terminal would soon have as
  /// many as it may.
  private void end(int port) {
    for (int number : new int[] {101, 102, 123, 139}) {
      offer(master, down(port, RESET, number, 0, ""));
    }
    for (int number : new int[] {901, 902, 917}) {
      offer(terminal, up(port, RESET, number, 0, ""));
    }
  }

  private void offerAndSettle(MemoryWire wire, byte[] frame, Runnable settled) {
    offer(wire, frame);
    settled.run();
  }

  private void offer(MemoryWire wire, byte[] frame) {
    if (frame.length == 0 || (isAdmissionSpared && isForAdmission(frame))) {
      return;
    }
    MemorySegment.copy(frame, 0, in, ValueLayout.JAVA_BYTE, 0, frame.length);
    long start = System.nanoTime();
    while (!wire.offer(in, frame.length)) {
      drain();
      LockSupport.parkNanos(20_000);
      assertTrue(System.nanoTime() - start < 20_000_000_000L, "the pipeline takes no more frames");
    }
    offered++;
  }

  private boolean isForAdmission(byte[] frame) {
    MemorySegment memory = MemorySegment.ofArray(frame);
    layers.parse(memory, frame.length);
    return layers.transportProtocol() == Udp.PROTOCOL
        && Udp.destPort(memory, layers.transportAt()) == 2405;
  }

  /// Takes out what the pipeline has sent.
  void drain() {
    int length;
    while ((length = master.poll(out)) > 0) {
      toMaster++;
      checkToMaster(length);
    }
    while (terminal.poll(out) > 0) {}
  }

  /// To the master goes only TCP of the terminal that has authenticated, as it is bound, and the
  /// gateway's answers in its name.
  private void checkToMaster(int length) {
    String hex = HexFormat.of().formatHex(out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    assertEquals(Layers.Finding.OK, layers.parse(out, length), hex);
    assertEquals(0, layers.vlanTags(), hex);
    int at = layers.networkAt();
    long source;
    if (layers.etherType() == Ethernet.TYPE_ARP) {
      assertEquals(Arp.REPLY, Arp.operation(out, at), hex);
      source = Arp.senderProtocol(out, at);
    } else {
      assertEquals(Ethernet.TYPE_IPV4, layers.etherType(), hex);
      assertEquals(Tcp.PROTOCOL, layers.transportProtocol(), hex);
      assertEquals(hardware(TERMINAL_HARDWARE), Ethernet.source(out, 0), hex);
      assertEquals(address(LiveGate.MASTER), Ipv4.dest(out, at), hex);
      source = Ipv4.source(out, at);
    }
    assertEquals(address(LiveGate.TERMINAL), source, hex);
  }

  private static long hardware(String text) {
    return Long.parseLong(text.replace(":", ""), 16);
  }

  private static long address(String text) {
    byte[] bytes = InetAddress.ofLiteral(text).getAddress();
    return Integer.toUnsignedLong(ByteBuffer.wrap(bytes).getInt());
  }

  private static byte[] up(int port, int flags, long number, long acknowledged, String apdus) {
    return Frames.ethernet(TERMINAL_HARDWARE, LiveGate.MASTER_HARDWARE)
        .ipv4(LiveGate.TERMINAL, LiveGate.MASTER)
        .tcp(2404, port, flags, number, acknowledged, 60_000)
        .hex(apdus)
        .bytes();
  }

  private static byte[] down(int port, int flags, long number, long acknowledged, String apdus) {
    return Frames.ethernet(LiveGate.MASTER_HARDWARE, TERMINAL_HARDWARE)
        .ipv4(LiveGate.MASTER, LiveGate.TERMINAL)
        .tcp(port, 2404, flags, number, acknowledged, 60_000)
        .hex(apdus)
        .bytes();
  }

  private static Frames stranger() {
    return Frames.ethernet("02:00:00:00:00:66", LiveGate.MASTER_HARDWARE)
        .ipv4(LiveGate.STRANGER, LiveGate.MASTER);
  }

  private static Frames question(String asker, String asked) {
    return Frames.ethernet(TERMINAL_HARDWARE, "ff:ff:ff:ff:ff:ff")
        .arp(1, TERMINAL_HARDWARE, asker, "00:00:00:00:00:00", asked);
  }
}
