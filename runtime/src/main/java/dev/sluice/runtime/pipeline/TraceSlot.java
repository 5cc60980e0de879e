package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Verdict;
import dev.sluice.wire.Layers;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a WorkThread writes down what becomes of one packet, without allocating. Whoever claimed
/// it writes it, then says that it is done; from then on others read it.
final class TraceSlot {
  /// Room for so many handlers.
  static final int MOST_STEPS = 32;

  /// Enough for the headers of all but the oddest packets; ports behind that are not told.
  static final int HEAD_BYTES = 128;

  private final MemorySegment head = MemorySegment.ofArray(new byte[HEAD_BYTES]);
  private final Layers layers = new Layers();
  private final @Nullable HandlerCounters[] by = new HandlerCounters[MOST_STEPS];
  private final @Nullable Verdict[] verdicts = new Verdict[MOST_STEPS];
  private final long[] nanos = new long[MOST_STEPS];
  private int worker;
  private int steps;
  private int length;
  private long arrivalNanos;
  private @Nullable Port ingress;
  private @Nullable Port egress;
  private boolean owned;
  private @Nullable Verdict verdict;

  /// Release: all of the above is written before.
  private volatile boolean done;

  void begin(int index, Frame frame) {
    worker = index;
    length = frame.length();
    arrivalNanos = frame.arrivalNanos();
    ingress = frame.arrivedBy();
    frame.copyHead(head, layers);
  }

  void step(HandlerCounters handler, @Nullable Verdict said, long took) {
    if (steps < MOST_STEPS) {
      by[steps] = handler;
      verdicts[steps] = said;
      nanos[steps] = took;
    }
    steps++;
  }

  /// @param stillOwned whether no handler handed the frame over; else it may be another packet's by
  ///   now, and is not looked at
  void end(Frame frame, Verdict said, boolean stillOwned) {
    verdict = said;
    owned = stillOwned;
    egress = stillOwned ? frame.leavesBy() : null;
    done = true;
  }

  boolean isDone() {
    return done;
  }

  /// For a slot that is done.
  TraceRecord told() {
    List<TraceRecord.Step> told = new ArrayList<>();
    for (int i = 0; i < Math.min(steps, MOST_STEPS); i++) {
      HandlerCounters handler = by[i];
      Verdict said = verdicts[i];
      String bundle = handler == null ? "" : handler.bundle();
      told.add(new TraceRecord.Step(bundle, said == null ? "failed" : said.toString(), nanos[i]));
    }
    return new TraceRecord(
        arrivalNanos,
        worker,
        ingress == null ? "" : ingress.name(),
        length,
        FlowText.of(head, layers, Math.min(length, HEAD_BYTES)),
        told,
        steps > MOST_STEPS,
        whereTo());
  }

  private String whereTo() {
    if (!owned) {
      return Verdict.TAKEN.toString();
    }
    if (verdict == Verdict.PASS) {
      return egress == null ? DropReason.NO_EGRESS.verdict().toString() : "to " + egress.name();
    }
    return verdict == null || verdict == Verdict.TAKEN
        ? DropReason.HANDLER_MISUSE.verdict().toString()
        : verdict.toString();
  }
}
