package dev.sluice.kernel;

import static dev.sluice.kernel.BpfAssembler.Register.R0;
import static dev.sluice.kernel.BpfAssembler.Register.R1;
import static dev.sluice.kernel.BpfAssembler.Register.R2;
import static dev.sluice.kernel.BpfAssembler.Register.R8;
import static dev.sluice.kernel.BpfAssembler.Register.R9;
import static dev.sluice.kernel.PatternCode.FRAME;

import dev.sluice.kernel.BpfAssembler.Condition;
import dev.sluice.kernel.BpfAssembler.Label;
import dev.sluice.kernel.BpfAssembler.Operation;
import dev.sluice.kernel.BpfAssembler.Width;

/// The XDP program of a [FrameSink]. Several processors may run it at once. `R8` is where its
/// counters are and `R9` the frame's sequence number.
final class SinkCode {
  static final int RECEIVED_AT = 0;
  static final int DUPLICATED_AT = 8;
  static final int REORDERED_AT = 16;
  static final int OTHERS_AT = 24;
  static final int SAMPLES_AT = 32;
  static final int MARKS_AT = 40;
  static final int COUNTER_BYTES = MARKS_AT + 256 * Long.BYTES;

  private static final int LATE = Integer.MAX_VALUE; // a greater distance is a negative one

  /// What the program writes to.
  ///
  /// @param counters see the offsets above
  /// @param seen see [SeenCode]
  /// @param last for each flow its latest sequence number plus 2^32, or 0 before the first
  /// @param delays in nanoseconds
  record Maps(BpfMap counters, BpfMap seen, BpfMap last, BpfMap delays) {}

  private final BpfAssembler code = new BpfAssembler();
  private final PatternCode frame;
  private final FramePattern pattern;
  private final Maps maps;

  private SinkCode(FramePattern pattern, Maps maps) {
    this.frame = new PatternCode(code, pattern);
    this.pattern = pattern;
    this.maps = maps;
  }

  static BpfAssembler program(FramePattern pattern, Maps maps, int samples) {
    SinkCode sink = new SinkCode(pattern, maps);
    Label other = new Label();
    sink.frame.recognise(other);
    sink.code.element(R8, maps.counters());
    sink.frame.count(R8, RECEIVED_AT);
    sink.frame.loadSequence(R9);
    if (pattern.markAt() >= 0) {
      sink.countMark();
    }
    sink.countRepeated();
    sink.noteOrder();
    if (samples > 0) {
      sink.noteDelay(samples);
    }
    sink.code.exit(UapiBpf.XDP_DROP).mark(other).element(R8, maps.counters());
    sink.frame.count(R8, OTHERS_AT);
    return sink.code.exit(UapiBpf.XDP_PASS);
  }

  private void countMark() {
    code.load(Width.BYTE, R1, FRAME, pattern.markAt())
        .compute(Operation.SHIFT_LEFT, R1, 3)
        .move(R2, R8)
        .compute(Operation.ADD, R2, R1);
    frame.count(R2, MARKS_AT);
  }

  private void countRepeated() {
    Label first = new Label();
    new SeenCode(code, frame).note(maps.seen(), R9, first);
    frame.count(R8, DUPLICATED_AT);
    code.mark(first);
  }

  /// Counts the frame if a later one of its flow was here. The latest number is read and written in
  /// two steps: where two processors receive frames of one flow at the same moment, which no
  /// network card does, a frame out of order may be missed.
  private void noteOrder() {
    Label done = new Label();
    Label late = new Label();
    Label first = new Label();
    frame.flow(R1, R9);
    frame.element(maps.last(), R1, done);
    code.load(Width.DOUBLE, R1, R0, 0)
        .jumpIf(Condition.EQUAL, R1, 0, first)
        .move(R2, R9)
        .compute32(Operation.SUBTRACT, R2, R1)
        .jumpIf(Condition.GREATER, R2, LATE, late)
        .mark(first)
        .moveWide(R1, 1L << 32)
        .compute(Operation.OR, R1, R9)
        .store(Width.DOUBLE, R0, 0, R1)
        .jump(done)
        .mark(late);
    frame.count(R8, REORDERED_AT);
    code.mark(done);
  }

  private void noteDelay(int samples) {
    Label done = new Label();
    code.load(Width.DOUBLE, R1, R8, SAMPLES_AT)
        .jumpIf(Condition.GREATER_OR_EQUAL, R1, samples, done)
        .call(UapiBpf.BPF_FUNC_ktime_get_ns);
    frame.loadStamp(R1);
    code.move(R9, R0)
        .compute(Operation.SUBTRACT, R9, R1)
        .move(R1, 1)
        .fetchAndAdd(Width.DOUBLE, R8, SAMPLES_AT, R1);
    frame.element(maps.delays(), R1, done);
    code.store(Width.DOUBLE, R0, 0, R9).mark(done);
  }
}
