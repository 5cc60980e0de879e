package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.Verdict;
import org.jspecify.annotations.Nullable;

/// A trace as one WorkThread's loop sees it.
final class TraceLane implements StepProbe {
  private final Trace trace;
  private final int worker;
  private @Nullable TraceSlot current;

  TraceLane(Trace trace, int worker) {
    this.trace = trace;
    this.worker = worker;
  }

  void begin(Frame frame) {
    TraceSlot slot = trace.claim(frame);
    if (slot != null) {
      slot.begin(worker, frame);
    }
    current = slot;
  }

  @Override
  public void judged(HandlerCounters by, @Nullable Verdict verdict, long nanos) {
    if (current != null) {
      current.step(by, verdict, nanos);
    }
  }

  void end(Frame frame, Verdict verdict, boolean owned) {
    if (current != null) {
      current.end(frame, verdict, owned);
      current = null;
    }
  }
}
