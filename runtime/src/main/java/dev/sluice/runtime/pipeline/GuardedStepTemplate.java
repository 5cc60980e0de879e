package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/// Bytecode that [LoopSpinner] defines for a handler that is on trial behind a [Guard], for the
/// reason told at [StepTemplate].
///
/// While the trial runs, each packet is copied before the handler sees it, so that what the handler
/// fails at can be judged by the fallback as if the handler had never seen it.
final class GuardedStepTemplate implements ChainStep {
  /// What a step is made of.
  ///
  /// @param number of the handler on trial, for [CallingRole#calls]; the fallback has the next one
  /// @param worker index of the WorkThread
  /// @param copy of this WorkThread's own
  /// @param probe looks on, or null
  record Parts(
      LoopSpinner.Counted trial,
      LoopSpinner.Counted fallback,
      Guard guard,
      int number,
      int worker,
      FrameCopy copy,
      ChainStep next,
      @Nullable StepProbe probe) {}

  private static final Parts PARTS = parts();
  private static final PacketHandler TRIAL = PARTS.trial().handler();
  private static final HandlerCounters TRIAL_COUNTERS = PARTS.trial().counters();
  private static final PacketHandler FALLBACK = PARTS.fallback().handler();
  private static final HandlerCounters FALLBACK_COUNTERS = PARTS.fallback().counters();
  private static final Guard GUARD = PARTS.guard();
  private static final int NUMBER = PARTS.number();
  private static final int WORKER = PARTS.worker();
  private static final FrameCopy COPY = PARTS.copy();
  private static final ChainStep NEXT = PARTS.next();
  private static final @Nullable StepProbe PROBE = PARTS.probe();

  private static Parts parts() {
    try {
      return MethodHandles.classData(MethodHandles.lookup(), "_", Parts.class);
    } catch (IllegalAccessException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @Override
  public Verdict receive(Frame frame, WorkThread worker) {
    Object outcome = GUARD.outcome();
    if (outcome == null) {
      return onTrial(frame, worker);
    }
    if (outcome != Guard.PASSED) {
      return byFallback(frame, worker);
    }
    long begun = PROBE == null ? 0 : System.nanoTime();
    Verdict verdict = judged(TRIAL, NUMBER, TRIAL_COUNTERS, frame, worker);
    return settled(TRIAL_COUNTERS, verdict, begun, frame, worker);
  }

  private static Verdict byFallback(Frame frame, WorkThread worker) {
    TRIAL_COUNTERS.add(HandlerCounters.RESCUED);
    long begun = PROBE == null ? 0 : System.nanoTime();
    Verdict verdict = judged(FALLBACK, NUMBER + 1, FALLBACK_COUNTERS, frame, worker);
    return settled(FALLBACK_COUNTERS, verdict, begun, frame, worker);
  }

  private static @Nullable Verdict judged(
      PacketHandler handler, int number, HandlerCounters counters, Frame frame, WorkThread worker) {
    @Nullable Verdict verdict;
    worker.calls(number);
    try {
      verdict = handler.receive(frame);
    } catch (Throwable failure) {
      worker.returned();
      counters.failed(failure);
      return null;
    }
    worker.returned();
    if (verdict == null) {
      counters.failed(HandlerCounters.NO_VERDICT);
    }
    return verdict;
  }

  /// Counts what became of a packet, and goes on with it.
  private static Verdict settled(
      HandlerCounters by, @Nullable Verdict verdict, long begun, Frame frame, WorkThread worker) {
    if (PROBE != null) {
      PROBE.judged(by, verdict, System.nanoTime() - begun);
    }
    if (verdict == null) {
      return DropReason.HANDLER_FAILED.verdict();
    }
    if (verdict == Verdict.PASS && worker.owns(frame)) {
      by.add(HandlerCounters.PASSED);
      return NEXT.receive(frame, worker);
    }
    return by.ended(verdict, worker.owns(frame));
  }

  private static Verdict onTrial(Frame frame, WorkThread worker) {
    frame.copyTo(COPY);
    @Nullable Verdict verdict = null;
    @Nullable Object failure = null;
    long begun = System.nanoTime();
    worker.calls(NUMBER);
    try {
      verdict = TRIAL.receive(frame);
    } catch (Throwable thrown) {
      failure = thrown;
    }
    worker.returned();
    long now = System.nanoTime();
    boolean owned = worker.owns(frame);
    if (GUARD.judged(WORKER, verdict, failure, owned, begun, now)) {
      return settled(TRIAL_COUNTERS, verdict, begun, frame, worker);
    }
    return owned ? rescued(verdict, failure, begun, frame, worker) : gone(verdict, failure);
  }

  private static Verdict rescued(
      @Nullable Verdict verdict,
      @Nullable Object failure,
      long begun,
      Frame frame,
      WorkThread worker) {
    if (PROBE != null) {
      PROBE.judged(TRIAL_COUNTERS, verdict, System.nanoTime() - begun);
    }
    if (failure != null || verdict == null) {
      TRIAL_COUNTERS.noted(failure == null ? HandlerCounters.NO_VERDICT : failure);
    }
    frame.restore(COPY);
    return byFallback(frame, worker);
  }

  /// The packet was handed over before the handler failed: that stands.
  private static Verdict gone(@Nullable Verdict verdict, @Nullable Object failure) {
    if (failure == null && verdict != null) {
      return TRIAL_COUNTERS.ended(verdict, false);
    }
    TRIAL_COUNTERS.failed(failure == null ? HandlerCounters.NO_VERDICT : failure);
    return DropReason.HANDLER_FAILED.verdict();
  }
}
