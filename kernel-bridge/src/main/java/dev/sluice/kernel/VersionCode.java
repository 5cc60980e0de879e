package dev.sluice.kernel;

import static dev.sluice.kernel.BpfAssembler.Register.R0;
import static dev.sluice.kernel.BpfAssembler.Register.R1;
import static dev.sluice.kernel.BpfAssembler.Register.R10;
import static dev.sluice.kernel.BpfAssembler.Register.R2;
import static dev.sluice.kernel.BpfAssembler.Register.R3;
import static dev.sluice.kernel.BpfAssembler.Register.R8;
import static dev.sluice.kernel.BpfAssembler.Register.R9;

import dev.sluice.kernel.BpfAssembler.Condition;
import dev.sluice.kernel.BpfAssembler.Label;
import dev.sluice.kernel.BpfAssembler.Operation;
import dev.sluice.kernel.BpfAssembler.Register;
import dev.sluice.kernel.BpfAssembler.Width;

/// The XDP program of a [VersionSink]. The frames of one flow come on one processor at a time. `R8`
/// is where its counters are and `R9` the frame's sequence number.
final class VersionCode {
  // The counters, eight bytes each.
  static final int RECEIVED_AT = 0;
  static final int DUPLICATED_AT = 8;
  static final int REORDERED_AT = 16;
  static final int MISSING_AT = 24;
  static final int UNMARKED_AT = 32;
  static final int FORBIDDEN_AT = 40;
  static final int BACKWARDS_AT = 48;
  static final int STRANGE_AT = 56;
  static final int OTHERS_AT = 64;
  static final int SAMPLES_AT = 72;
  static final int COUNTER_BYTES = 80;

  // What is kept of a flow: its latest number plus 2^32, or 0; its highest version.
  private static final int LATEST_AT = 0;
  private static final int HIGHEST_AT = 8;
  static final int FLOW_BYTES = 16;

  // What is kept of a version; `ENDS` and `TRIAL` are written by who measures.
  static final int COUNT_AT = 0;
  static final int FIRST_AT = 8;
  static final int LAST_MADE_AT = 16;
  static final int STALE_AT = 24;
  static final int ENDS_AT = 32;
  static final int TRIAL_AT = 40;
  static final int VERSION_BYTES = 48;

  /// A sample: when the frame was made, how long it took.
  static final int SAMPLE_BYTES = 16;

  /// Samples of the ring, a power of two.
  static final int SAMPLES = 1 << 17;

  /// One frame of so many is timed; it has no factor in common with usual numbers of flows.
  static final int TIMED_OF = 17;

  private static final int LATE = Integer.MAX_VALUE; // a greater distance is a negative one

  // On the stack; PatternCode uses the first four bytes.
  private static final int FLOW_ON_STACK = -16;
  private static final int REPEATED_ON_STACK = -24;
  private static final int VERSION_ON_STACK = -32;

  /// What the program writes to.
  ///
  /// @param seen see [SeenCode]
  record Maps(BpfMap counters, BpfMap seen, BpfMap flows, BpfMap versions, BpfMap samples) {}

  private final BpfAssembler code = new BpfAssembler();
  private final PatternCode frame;
  private final Maps maps;

  private VersionCode(FramePattern pattern, Maps maps) {
    this.frame = new PatternCode(code, pattern);
    this.maps = maps;
  }

  /// @param forbidden the flow that must not arrive
  static BpfAssembler program(FramePattern pattern, Maps maps, int forbidden) {
    VersionCode sink = new VersionCode(pattern, maps);
    Label other = new Label();
    Label judged = new Label();
    sink.frame.recognise(other);
    sink.code.element(R8, maps.counters());
    sink.count(RECEIVED_AT);
    sink.frame.loadSequence(R9);
    sink.noteRepeated();
    sink.noteFlow(forbidden, judged);
    sink.noteOrder(pattern.flows());
    sink.noteVersion(judged);
    sink.code.mark(judged);
    sink.noteDelay();
    sink.code.exit(UapiBpf.XDP_DROP).mark(other).element(R8, maps.counters());
    sink.count(OTHERS_AT);
    return sink.code.exit(UapiBpf.XDP_PASS);
  }

  private void count(int at) {
    frame.count(R8, at);
  }

  private void noteRepeated() {
    Label first = new Label();
    code.store(Width.DOUBLE, R10, REPEATED_ON_STACK, 0);
    new SeenCode(code, frame).note(maps.seen(), R9, first);
    count(DUPLICATED_AT);
    code.store(Width.DOUBLE, R10, REPEATED_ON_STACK, 1);
    code.mark(first);
  }

  /// Finds what is kept of the frame's flow.
  private void noteFlow(int forbidden, Label judged) {
    Label allowed = new Label();
    frame.flow(R1, R9);
    code.jumpIf(Condition.NOT_EQUAL, R1, forbidden, allowed);
    count(FORBIDDEN_AT);
    code.mark(allowed);
    frame.flow(R1, R9);
    frame.element(maps.flows(), R1, judged);
    code.store(Width.DOUBLE, R10, FLOW_ON_STACK, R0);
  }

  /// Counts numbers that were skipped, and takes back those that come late: what is missing at the
  /// end never came.
  private void noteOrder(int flows) {
    Label done = new Label();
    Label late = new Label();
    Label known = new Label();
    Label latest = new Label();
    code.load(Width.DOUBLE, R1, R0, LATEST_AT).jumpIf(Condition.NOT_EQUAL, R1, 0, known);
    code.move(R2, R9).compute(Operation.DIVIDE, R2, flows).jump(latest);
    code.mark(known)
        .move(R2, R9)
        .compute32(Operation.SUBTRACT, R2, R1)
        .jumpIf(Condition.EQUAL, R2, 0, done) // the very same again
        .jumpIf(Condition.GREATER, R2, LATE, late)
        .compute(Operation.DIVIDE, R2, flows)
        .compute(Operation.SUBTRACT, R2, 1)
        .mark(latest)
        .add(Width.DOUBLE, R8, MISSING_AT, R2)
        .moveWide(R1, 1L << 32)
        .compute(Operation.OR, R1, R9)
        .store(Width.DOUBLE, R0, LATEST_AT, R1)
        .jump(done)
        .mark(late)
        .load(Width.DOUBLE, R1, R10, REPEATED_ON_STACK)
        .jumpIf(Condition.NOT_EQUAL, R1, 0, done)
        .move(R1, -1)
        .add(Width.DOUBLE, R8, MISSING_AT, R1);
    count(REORDERED_AT);
    code.mark(done);
  }

  private void noteVersion(Label judged) {
    Label marked = new Label();
    Label known = new Label();
    Label strange = new Label();
    frame.loadVersion(R1);
    code.jumpIf(Condition.NOT_EQUAL, R1, 0, marked);
    count(UNMARKED_AT);
    code.jump(judged).mark(marked);
    frame.element(maps.versions(), R1, strange);
    code.jump(known).mark(strange);
    count(STRANGE_AT);
    code.jump(judged).mark(known).store(Width.DOUBLE, R10, VERSION_ON_STACK, R0);
    noteFirst();
    noteStale();
    noteBackwards(judged);
  }

  /// When the version's first frame came.
  private void noteFirst() {
    Label later = new Label();
    code.move(R1, 1)
        .fetchAndAdd(Width.DOUBLE, R0, COUNT_AT, R1)
        .jumpIf(Condition.NOT_EQUAL, R1, 0, later)
        .call(UapiBpf.BPF_FUNC_ktime_get_ns)
        .load(Width.DOUBLE, R1, R10, VERSION_ON_STACK)
        .store(Width.DOUBLE, R1, FIRST_AT, R0)
        .mark(later);
  }

  /// When its last frame was made, and whether that was after the version's end was told.
  private void noteStale() {
    Label notLast = new Label();
    Label inTime = new Label();
    code.load(Width.DOUBLE, R2, R10, VERSION_ON_STACK);
    frame.loadStamp(R3);
    code.load(Width.DOUBLE, R1, R2, LAST_MADE_AT)
        .jumpIf(Condition.LESS_OR_EQUAL, R3, R1, notLast)
        .store(Width.DOUBLE, R2, LAST_MADE_AT, R3)
        .mark(notLast)
        .load(Width.DOUBLE, R1, R2, ENDS_AT)
        .jumpIf(Condition.EQUAL, R1, 0, inTime)
        .jumpIf(Condition.LESS_OR_EQUAL, R3, R1, inTime)
        .move(R1, 1)
        .add(Width.DOUBLE, R2, STALE_AT, R1)
        .mark(inTime);
  }

  /// A version on trial may be followed by the one before.
  private void noteBackwards(Label judged) {
    Label fallen = new Label();
    code.load(Width.DOUBLE, R1, R2, TRIAL_AT).jumpIf(Condition.NOT_EQUAL, R1, 0, judged);
    code.load(Width.DOUBLE, R2, R10, FLOW_ON_STACK);
    frame.loadVersion(R1);
    code.load(Width.DOUBLE, R3, R2, HIGHEST_AT)
        .jumpIf(Condition.LESS, R1, R3, fallen)
        .store(Width.DOUBLE, R2, HIGHEST_AT, R1)
        .jump(judged)
        .mark(fallen);
    count(BACKWARDS_AT);
  }

  private void noteDelay() {
    Label done = new Label();
    Register delay = R9; // the number is not needed any more
    code.move(R1, R9)
        .compute(Operation.MODULO, R1, TIMED_OF)
        .jumpIf(Condition.NOT_EQUAL, R1, 0, done)
        .call(UapiBpf.BPF_FUNC_ktime_get_ns);
    frame.loadStamp(R1);
    code.move(delay, R0)
        .compute(Operation.SUBTRACT, delay, R1)
        .move(R1, 1)
        .fetchAndAdd(Width.DOUBLE, R8, SAMPLES_AT, R1)
        .compute(Operation.AND, R1, SAMPLES - 1);
    frame.element(maps.samples(), R1, done);
    frame.loadStamp(R1);
    code.store(Width.DOUBLE, R0, 0, R1).store(Width.DOUBLE, R0, 8, delay).mark(done);
  }
}
