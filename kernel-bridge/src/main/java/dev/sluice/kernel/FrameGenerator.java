package dev.sluice.kernel;

import static dev.sluice.kernel.BpfAssembler.Register.R0;
import static dev.sluice.kernel.BpfAssembler.Register.R1;
import static dev.sluice.kernel.BpfAssembler.Register.R2;
import static dev.sluice.kernel.BpfAssembler.Register.R3;
import static dev.sluice.kernel.BpfAssembler.Register.R8;
import static dev.sluice.kernel.BpfAssembler.Register.R9;
import static dev.sluice.kernel.PatternCode.FRAME;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.sluice.kernel.BpfAssembler.Label;
import dev.sluice.kernel.BpfAssembler.Operation;
import dev.sluice.kernel.BpfAssembler.Width;
import dev.sluice.kernel.XdpLink.Mode;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Makes frames inside the kernel and transmits them by an interface, as a neighbour on the wire
/// would: `BPF_PROG_TEST_RUN` with `BPF_F_TEST_XDP_LIVE_FRAMES`. For measurements. One thread,
/// which may be in any network namespace by then.
///
/// The frames leave by the driver's own path for redirected frames. A driver without one loses all
/// of them, and so does a veth(4) whose peer has neither an XDP program in its driver nor GRO.
public final class FrameGenerator implements AutoCloseable {
  private static final String ANCHOR = "lo";
  private static final int MOST_FRAMES = 1_000_000;

  private final XdpParts parts;
  private final MemorySegment made;
  private final LiveFrames frames;

  private FrameGenerator(XdpParts parts, String interfaceName, FramePattern pattern)
      throws KernelException {
    this.parts = parts;
    BpfMap wayOut = parts.wayOut(XdpParts.index(interfaceName));
    BpfMap counter = parts.memory(Long.BYTES);
    this.made = counter.memory();
    BpfProgram program = parts.program("sluice_generate", program(pattern, counter, wayOut));
    anchor(parts, program);
    this.frames = parts.liveFrames(program, pattern.frame());
  }

  /// A generator that has sent nothing yet, in the network namespace of this thread. There can be
  /// one in a namespace.
  ///
  /// @param interfaceName where frames leave
  /// @throws KernelException if there is no such interface, the namespace's loopback interface has
  ///   an XDP program, or the kernel refuses
  public static FrameGenerator open(String interfaceName, FramePattern pattern)
      throws KernelException {
    XdpParts parts = new XdpParts();
    try {
      return new FrameGenerator(parts, interfaceName, pattern);
    } catch (KernelException e) {
      parts.close();
      throw e;
    }
  }

  /// Makes the next frames and transmits them at once; those that the interface refuses are lost,
  /// as on a wire.
  ///
  /// @param frames 1..1000000
  /// @throws KernelException if the kernel refuses
  public void send(int frames) throws KernelException {
    if (frames < 1 || MOST_FRAMES < frames) {
      throw new IllegalArgumentException(
          "A generator sends 1..1000000 frames at once, not " + frames + ".");
    }
    long all = sent() + frames;
    long outcome = this.frames.make(frames);
    while (outcome == -Errno.EINTR && sent() < all) {
      outcome = this.frames.make((int) (all - sent()));
    }
    if (outcome < 0 && outcome != -Errno.EINTR) {
      Errno.require(outcome, "Making " + frames + " frames");
    }
  }

  /// Frames made since it was opened.
  public long sent() {
    return made.get(JAVA_LONG, 0); // written by the calls of this very thread
  }

  /// Idempotent.
  @Override
  public void close() {
    parts.close();
  }

  /// Attaches the program somewhere. The kernel calls attached programs directly and puts a program
  /// that is not attached among them for each test run, which takes it some 25 ms. The loopback
  /// interface keeps its frames: they have no marker.
  private static void anchor(XdpParts parts, BpfProgram program) throws KernelException {
    try {
      parts.attach(program, ANCHOR, Mode.GENERIC);
    } catch (KernelException e) {
      if (e.errno() != Errno.EBUSY) {
        throw e;
      }
      throw new KernelException(
          "lo has an XDP program already, perhaps another generator's: a generator needs lo for"
              + " its own, so there is one in a network namespace.",
          e.errno());
    }
  }

  private static BpfAssembler program(FramePattern pattern, BpfMap counter, BpfMap wayOut) {
    BpfAssembler code = new BpfAssembler();
    PatternCode frame = new PatternCode(code, pattern);
    Label other = new Label();
    frame.recognise(other);
    code.element(R8, counter)
        .load(Width.DOUBLE, R9, R8, 0)
        .move(R1, R9)
        .compute(Operation.ADD, R1, 1)
        .store(Width.DOUBLE, R8, 0, R1); // one thread runs it: no need for an atomic addition
    frame.storeSequence(R9);
    writeFlow(code, frame, pattern);
    if (pattern.markAt() >= 0) {
      code.store(Width.BYTE, FRAME, pattern.markAt(), pattern.mark());
    }
    if (pattern.versionAt() >= 0) {
      code.store(Width.WORD, FRAME, pattern.versionAt(), 0);
    }
    if (pattern.stampAt() >= 0) {
      code.call(UapiBpf.BPF_FUNC_ktime_get_ns);
      frame.storeStamp(R0);
    }
    writeCheck(code, pattern);
    frame.exitBy(wayOut);
    return code.mark(other).exit(UapiBpf.XDP_PASS);
  }

  /// Adds the flow of frame `R9` to one field and takes from the other what the first has gained:
  /// at a carry out of the field that is one less than the flow's number, RFC 1071.
  private static void writeFlow(BpfAssembler code, PatternCode frame, FramePattern pattern) {
    if (pattern.flowAt() < 0) {
      return;
    }
    int before = pattern.number(pattern.flowAt());
    frame.flow(R1, R9);
    code.compute(Operation.ADD, R1, before)
        .compute(Operation.AND, R1, 0xffff)
        .move(R2, R1)
        .toBigEndian(R1, 16)
        .store(Width.HALF, FRAME, pattern.flowAt(), R1);
    if (pattern.flowCheckAt() < 0) {
      return;
    }
    int both = pattern.number(pattern.flowCheckAt()) + before + 0xffff; // more than R2, always
    code.move(R3, both).compute(Operation.SUBTRACT, R3, R2);
    fold(code);
    fold(code);
    code.toBigEndian(R3, 16).store(Width.HALF, FRAME, pattern.flowCheckAt(), R3);
  }

  /// Takes from the checksum what its fields have gained over those of the pattern, RFC 1624.
  private static void writeCheck(BpfAssembler code, FramePattern pattern) {
    if (pattern.checkAt() < 0) {
      return;
    }
    List<Integer> words = pattern.checkedWords();
    int before = words.stream().mapToInt(pattern::number).sum() + pattern.number(pattern.checkAt());
    code.move(R3, before + words.size() * 0xffff); // more than all words can take from it
    for (int at : words) {
      code.load(Width.HALF, R1, FRAME, at).toBigEndian(R1, 16).compute(Operation.SUBTRACT, R3, R1);
    }
    fold(code);
    fold(code);
    code.toBigEndian(R3, 16).store(Width.HALF, FRAME, pattern.checkAt(), R3);
  }

  /// Adds the carry of `R3` to its low 16 bits: the same number modulo 65535, and 0 only if it was.
  private static void fold(BpfAssembler code) {
    code.move(R1, R3)
        .compute(Operation.SHIFT_RIGHT, R1, 16)
        .compute(Operation.AND, R3, 0xffff)
        .compute(Operation.ADD, R3, R1);
  }
}
