package dev.sluice.kernel;

import static dev.sluice.kernel.BpfAssembler.Register.R0;
import static dev.sluice.kernel.BpfAssembler.Register.R1;
import static dev.sluice.kernel.BpfAssembler.Register.R10;
import static dev.sluice.kernel.BpfAssembler.Register.R2;
import static dev.sluice.kernel.BpfAssembler.Register.R8;
import static dev.sluice.kernel.BpfAssembler.Register.R9;

import dev.sluice.kernel.BpfAssembler.Condition;
import dev.sluice.kernel.BpfAssembler.Label;
import dev.sluice.kernel.BpfAssembler.Operation;
import dev.sluice.kernel.BpfAssembler.Width;

/// The XDP program of [RoundTrips]: it launches the frame, and sends it again when it is back. `R8`
/// is where its numbers are and `R9` the frame's sequence number.
///
/// Of all frames only the one that has the expected number is in flight. Whoever changes that
/// number, in one step, has the frame: a launch makes any frame before it a late one.
final class TripCode {
  /// The sequence number in flight, 32 bits.
  static final long EXPECTED_AT = 0;

  static final long COMPLETED_AT = 8;

  /// Frames that came back when they were not expected any more, 64 bits.
  static final long LATE_AT = 16;

  static final int STATE_BYTES = 24;

  private static final int NANOS_AT = -16; // on the stack

  /// What the program uses.
  ///
  /// @param state see the offsets above
  /// @param nanos how long each round trip took
  /// @param wayOut the interface
  record Maps(BpfMap state, BpfMap nanos, BpfMap wayOut) {}

  private final BpfAssembler code = new BpfAssembler();
  private final PatternCode frame;
  private final Maps maps;

  private TripCode(FramePattern pattern, Maps maps) {
    this.frame = new PatternCode(code, pattern);
    this.maps = maps;
  }

  static BpfAssembler program(FramePattern pattern, Maps maps, int interfaceIndex, int most) {
    TripCode trip = new TripCode(pattern, maps);
    Label other = new Label();
    Label back = new Label();
    Label done = new Label();
    Label late = new Label();
    trip.frame.recognise(other);
    trip.code.element(R8, maps.state());
    trip.frame.loadContext(R1, "ingress_ifindex");
    trip.code.jumpIf(Condition.EQUAL, R1, interfaceIndex, back);
    trip.launch(); // a frame of a test run: the loopback interface's, so to speak
    trip.code.mark(back);
    trip.takeExpected(late);
    trip.measure();
    trip.keep(most, done);
    trip.frame.exchangeAddresses();
    trip.code.exit(UapiBpf.XDP_TX).mark(done).exit(UapiBpf.XDP_DROP);
    trip.code.mark(late).move(R1, 1).fetchAndAdd(Width.DOUBLE, R8, (int) LATE_AT, R1);
    trip.code.exit(UapiBpf.XDP_DROP);
    return trip.code.mark(other).exit(UapiBpf.XDP_PASS);
  }

  private void launch() {
    code.move(R9, 1)
        .fetchAndAdd(Width.WORD, R8, (int) EXPECTED_AT, R9)
        .compute32(Operation.ADD, R9, 1);
    frame.storeSequence(R9);
    code.call(UapiBpf.BPF_FUNC_ktime_get_ns);
    frame.storeStamp(R0);
    frame.exitBy(maps.wayOut());
  }

  /// Makes the next number the expected one, and leaves it in `R9`.
  private void takeExpected(Label late) {
    frame.loadSequence(R9);
    code.move(R0, R9)
        .move(R1, R9)
        .compute32(Operation.ADD, R1, 1)
        .compareAndExchange(Width.WORD, R8, (int) EXPECTED_AT, R1)
        .jumpIf(Condition.NOT_EQUAL, R0, R9, late)
        .compute32(Operation.ADD, R9, 1);
  }

  private void measure() {
    code.call(UapiBpf.BPF_FUNC_ktime_get_ns);
    frame.loadStamp(R1);
    code.move(R2, R0).compute(Operation.SUBTRACT, R2, R1).store(Width.DOUBLE, R10, NANOS_AT, R2);
    frame.storeStamp(R0);
    frame.storeSequence(R9);
  }

  /// Notes the time before it counts the round trip: who reads the count finds the time there. The
  /// addition that fetches is one that nothing before it can be seen after.
  private void keep(int most, Label done) {
    code.load(Width.DOUBLE, R1, R8, (int) COMPLETED_AT)
        .jumpIf(Condition.GREATER_OR_EQUAL, R1, most, done);
    frame.element(maps.nanos(), R1, done);
    code.load(Width.DOUBLE, R1, R10, NANOS_AT)
        .store(Width.DOUBLE, R0, 0, R1)
        .move(R1, 1)
        .fetchAndAdd(Width.DOUBLE, R8, (int) COMPLETED_AT, R1)
        .jumpIf(Condition.GREATER_OR_EQUAL, R1, most - 1, done);
  }
}
