package dev.sluice.kernel;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Transmits many frames at once by a virtual wire. Out of a transmit ring the kernel makes each
/// frame a socket buffer, hands it over, and lets the far end take it in, one after the other. Here
/// it makes frames of a page each (`BPF_PROG_TEST_RUN` with `BPF_F_TEST_XDP_LIVE_FRAMES`), which
/// the port's own XDP program fills from memory shared with this process, and redirects them all
/// together: for 64 frames some 400 ns each instead of 1000. A call costs some 11 microseconds
/// beside, so few frames are better off in the ring.
///
/// The far end takes such frames only if it has an XDP program or GRO. So programs at the
/// tracepoints that tell of redirected frames count what became of each call; if none was taken
/// there, all are still the caller's, to be sent by the ring.
///
/// Why not on other wires: each call has a page pool of its own, which stays until the last of its
/// frames was freed, and a driver with a ring of its own keeps them beyond the call. And two ways
/// out that lead by different queues could change the order of frames, so there must be one queue.
///
/// One thread, after the constructor; what a call wrote, this thread sees when it has returned.
final class XdpBurst implements AutoCloseable {
  /// Fewer frames are better off in the ring.
  static final int LEAST = 32;

  /// Half of what waits for the far end at most (`VETH_RING_SIZE`), so that it has room for them.
  static final int MOST = 128;

  /// What [#send] answers if all frames are still the caller's.
  static final int NOT_TAKEN = -1;

  /// Up to so many bytes a loop over words takes less than a call of the copying function.
  private static final int LONGEST_BY_WORDS = 128;

  private static final String VIRTUAL_WIRE = "veth";
  private static final Path REAL_TIME = Path.of("/sys/kernel/realtime");

  private static final long REPEAT_AT = at("repeat");
  private static final long BATCH_AT = at("batch_size");
  private static final long SIZE_AT = at("data_size_in");
  private static final long SIZE_OUT_AT = at("data_size_out");

  private final Arena arena = Arena.ofShared(); // whoever sends need not be who opened it
  private final MemorySegment attributes = arena.allocate(UapiBpf.ATTR_TEST_RUN);
  private final MemorySegment state = arena.allocate(Libc.STATE);
  private final AtomicBoolean closed = new AtomicBoolean();
  private final BpfMap controlMap;
  private final BpfMap slotMap;
  private final BpfMap wayOut;
  private final MemorySegment control;
  private final MemorySegment slots;

  /// The programs at the tracepoints, once they are there.
  private final List<Integer> witnesses = new ArrayList<>();

  private boolean ready;
  private int slot;
  private int longest;

  /// Its own program and where that is attached, if it is not the port's; or null.
  private @Nullable BpfProgram own;

  private @Nullable XdpAnchor anchor;

  /// One for a port without a program that it could be part of, or null where frames leave by the
  /// ring alone: if the port is no virtual wire with one queue, or the kernel refuses.
  static @Nullable XdpBurst alone(ControlSocket port) {
    XdpBurst burst = on(port);
    if (burst != null) {
      try {
        burst.beginAlone();
      } catch (KernelException _) {
        burst.close();
        return null;
      }
    }
    return burst;
  }

  /// One for a port that has a program, [#code] and [#begin] are to follow; or null, as [#alone].
  static @Nullable XdpBurst on(ControlSocket port) {
    if (!isVirtualWire(port) || !Channels.of(port).areOne() || isRealTime()) {
      return null;
    }
    try {
      return new XdpBurst(port);
    } catch (KernelException _) {
      return null; // the ring does as well, if more slowly
    }
  }

  static boolean isVirtualWire(ControlSocket port) {
    return Driver.of(port).name().equals(VIRTUAL_WIRE);
  }

  /// A kernel that lets other threads run where ordinary ones do not (`PREEMPT_RT`): what the
  /// tracepoints tell could be another's then.
  private static boolean isRealTime() {
    return Files.exists(REAL_TIME);
  }

  private void beginAlone() throws KernelException {
    BpfAssembler code = new BpfAssembler();
    code(code);
    BpfProgram program = BpfProgram.load("sluice_burst", code.exit(UapiBpf.XDP_PASS));
    own = program;
    anchor = XdpAnchor.attach(program);
    begin(program);
  }

  /// Maps for a port.
  ///
  /// @throws KernelException if the kernel refuses
  private XdpBurst(ControlSocket port) throws KernelException {
    XdpParts parts = new XdpParts();
    try {
      controlMap = parts.memory(BurstCode.CONTROL_BYTES);
      slotMap = parts.array(BurstCode.SLOT_BYTES, BurstCode.SLOTS);
      wayOut = parts.wayOut(port.index());
      control = controlMap.memory();
      slots = slotMap.memory();
    } catch (KernelException e) {
      parts.close();
      arena.close();
      throw e;
    }
  }

  /// Begins the program of the port.
  void code(BpfAssembler code) {
    BurstCode.transmit(code, controlMap, slotMap, wayOut);
  }

  /// Makes it ready to send.
  ///
  /// @param program that [#code] began; it must be attached when [#send] is called, for the kernel
  ///   puts one that is not among those that are for each call, which takes it some 25 ms
  /// @throws KernelException if the kernel cannot say what becomes of frames
  void begin(BpfProgram program) throws KernelException {
    witness("xdp_devmap_xmit", "sluice_lots", BurstCode.lots(controlMap));
    witness("xdp_redirect_err", "sluice_errors", BurstCode.errors(controlMap));
    attributes.set(JAVA_INT, at("prog_fd"), program.fd());
    attributes.set(JAVA_LONG, at("data_in"), arena.allocate(FramePool.FRAME_BYTES).address());
    attributes.set(JAVA_INT, at("flags"), UapiBpf.BPF_F_TEST_XDP_LIVE_FRAMES);
    ready = true;
  }

  private void witness(String tracepoint, String name, BpfAssembler code) throws KernelException {
    try (BpfProgram program = BpfProgram.load(UapiBpf.BPF_PROG_TYPE_RAW_TRACEPOINT, name, code);
        Arena temporary = Arena.ofConfined()) {
      MemorySegment open = temporary.allocate(UapiBpf.ATTR_RAW_TRACEPOINT);
      open.set(JAVA_LONG, 0, temporary.allocateFrom(tracepoint).address());
      open.set(JAVA_INT, 8, program.fd());
      long outcome = BpfCalls.bpf(UapiBpf.BPF_RAW_TRACEPOINT_OPEN, open);
      String what = "Attaching a program to the tracepoint " + tracepoint;
      witnesses.add((int) BpfCalls.require(outcome, what));
    }
  }

  /// Whether it can send: [#begin] had no objection.
  boolean isReady() {
    return ready && !closed.get();
  }

  /// Begins a burst.
  void clear() {
    slot = 0;
    longest = 0;
  }

  /// Copies a frame into the burst.
  ///
  /// @param frame of [FramePool#frame]
  /// @param length 14..1792 bytes
  void add(MemorySegment frame, int length) {
    long at = (long) slot * BurstCode.SLOT_BYTES;
    slots.set(JAVA_INT, at + BurstCode.LENGTH_AT, length);
    long to = at + BurstCode.FRAME_AT;
    if (length <= LONGEST_BY_WORDS) {
      // What lies behind the frame's end in its last word is copied, and not sent.
      for (int i = 0; i < length; i += Long.BYTES) {
        slots.set(JAVA_LONG, to + i, frame.get(JAVA_LONG, i));
      }
    } else {
      MemorySegment.copy(frame, 0, slots, to, length);
    }
    slot++;
    longest = Math.max(longest, length);
  }

  /// Frames added since [#clear].
  int count() {
    return slot;
  }

  /// Transmits the burst.
  ///
  /// @return how many frames the driver took; the others are lost. `NOT_TAKEN` if nothing has left
  ///   because such frames are not taken there
  int send() {
    control.set(JAVA_LONG, BurstCode.MADE_AT, 0);
    control.set(JAVA_LONG, BurstCode.SETTLED_AT, 0);
    control.set(JAVA_LONG, BurstCode.TAKEN_AT, 0);
    control.set(JAVA_LONG, BurstCode.ERROR_AT, 0);
    control.set(JAVA_INT, BurstCode.SIZE_AT, longest);
    attributes.set(JAVA_INT, SIZE_AT, longest);
    attributes.set(JAVA_INT, SIZE_OUT_AT, 0); // the kernel writes there
    attributes.set(JAVA_INT, REPEAT_AT, slot);
    attributes.set(JAVA_INT, BATCH_AT, slot);
    long outcome = BpfCalls.bpf(UapiBpf.BPF_PROG_TEST_RUN, attributes, state);
    long taken = control.get(JAVA_LONG, BurstCode.TAKEN_AT);
    control.set(JAVA_INT, BurstCode.PROCESSOR_AT, -1);
    if (taken == 0 && (outcome < 0 || control.get(JAVA_LONG, BurstCode.ERROR_AT) != 0)) {
      return NOT_TAKEN;
    }
    return Math.clamp(taken, 0, slot);
  }

  /// After the port's program was detached. Idempotent.
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      witnesses.forEach(FileCalls::close);
      if (anchor != null) {
        anchor.close();
      }
      if (own != null) {
        own.close();
      }
      controlMap.close();
      slotMap.close();
      wayOut.close();
      arena.close();
    }
  }

  private static long at(String member) {
    return UapiBpf.ATTR_TEST_RUN.byteOffset(groupElement(member));
  }
}
