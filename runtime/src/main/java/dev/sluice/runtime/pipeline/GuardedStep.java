package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import org.jspecify.annotations.Nullable;

/// The step of a handler that is on trial behind a [Guard].
///
/// While the trial runs, each packet is copied before the handler sees it, so that what the handler
/// fails at can be judged by the fallback as if the handler had never seen it. Packets of flows
/// that have not gone over yet ([HandOver]) it does not see at all.
final class GuardedStep implements ChainStep {
  private final PacketHandler trial;
  private final HandlerCounters trialCounters;
  private final HandlerStep trusted;
  private final HandlerStep fallback;
  private final Guard guard;
  private final FlowShare share;
  private final int number;
  private final int worker;
  private final FrameCopy copy = new FrameCopy(); // of this WorkThread's own
  private final TrialClock clock = new TrialClock();
  private final @Nullable StepProbe probe;

  /// @param number of the handler on trial, for [CallingRole#calls]; the fallback has the next one
  /// @param worker index of the WorkThread
  /// @param probe looks on, or null
  GuardedStep(
      LoopSpinner.Counted trial,
      LoopSpinner.Counted fallback,
      Guard guard,
      int number,
      int worker,
      ChainStep next,
      @Nullable StepProbe probe) {
    this.trial = trial.handler();
    this.trialCounters = trial.counters();
    this.trusted = new HandlerStep(this.trial, trialCounters, next, number, probe);
    this.fallback =
        new HandlerStep(fallback.handler(), fallback.counters(), next, number + 1, probe);
    this.guard = guard;
    this.share = guard.handOver().share(worker);
    this.number = number;
    this.worker = worker;
    this.probe = probe;
  }

  @Override
  public Verdict receive(Frame frame, WorkThread worker) {
    Object outcome = guard.outcome();
    if (outcome != null && outcome != Guard.PASSED) {
      return byFallback(frame, worker);
    }
    // Asked even after the trial, which another thread may have ended in the midst of this turn: a
    // packet that met the version before in an earlier step meets it here.
    if (!share.has(frame, worker)) {
      return asBefore(frame, worker);
    }
    return outcome == null ? onTrial(frame, worker) : trusted.receive(frame, worker);
  }

  private Verdict byFallback(Frame frame, WorkThread worker) {
    trialCounters.add(HandlerCounters.RESCUED);
    return fallback.receive(frame, worker);
  }

  /// A packet of a flow that has not gone over.
  private Verdict asBefore(Frame frame, WorkThread worker) {
    long begun = System.nanoTime();
    Verdict verdict = fallback.judged(frame, worker);
    share.fallbackTook(System.nanoTime() - begun);
    return fallback.settled(verdict, begun, frame, worker);
  }

  private Verdict onTrial(Frame frame, WorkThread worker) {
    frame.copyTo(copy);
    @Nullable Verdict verdict = null;
    @Nullable Object failure = null;
    long begun = System.nanoTime();
    if (clock.begin(begun)) {
      begun = System.nanoTime();
    }
    worker.calls(number);
    try {
      verdict = trial.receive(frame);
    } catch (Throwable thrown) {
      failure = thrown;
    }
    worker.returned();
    long now = System.nanoTime();
    share.trialTook(now - begun);
    boolean owned = worker.owns(frame);
    long counted = clock.counted(now - begun, this.worker, guard);
    if (guard.judged(this.worker, verdict, failure, owned, begun, counted)) {
      return trusted.settled(verdict, begun, frame, worker);
    }
    return owned ? rescued(verdict, failure, begun, frame, worker) : gone(verdict, failure);
  }

  private Verdict rescued(
      @Nullable Verdict verdict,
      @Nullable Object failure,
      long begun,
      Frame frame,
      WorkThread worker) {
    if (probe != null) {
      probe.judged(trialCounters, verdict, System.nanoTime() - begun);
    }
    if (failure != null || verdict == null) {
      trialCounters.noted(failure == null ? HandlerCounters.NO_VERDICT : failure);
    }
    frame.restore(copy);
    return byFallback(frame, worker);
  }

  /// The packet was handed over before the handler failed: that stands.
  private Verdict gone(@Nullable Verdict verdict, @Nullable Object failure) {
    if (failure == null && verdict != null) {
      return trialCounters.ended(verdict, false);
    }
    trialCounters.failed(failure == null ? HandlerCounters.NO_VERDICT : failure);
    return DropReason.HANDLER_FAILED.verdict();
  }
}
