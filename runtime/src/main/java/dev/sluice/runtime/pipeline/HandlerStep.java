package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import org.jspecify.annotations.Nullable;

/// The step of one handler, in loops that all generations share.
final class HandlerStep implements ChainStep {
  private final PacketHandler handler;
  private final HandlerCounters counters;
  private final ChainStep next;
  private final int number;
  private final @Nullable StepProbe probe;

  /// @param number 1 and up, in the order of the chain, for [CallingRole#calls]
  /// @param probe looks on, or null
  HandlerStep(
      PacketHandler handler,
      HandlerCounters counters,
      ChainStep next,
      int number,
      @Nullable StepProbe probe) {
    this.handler = handler;
    this.counters = counters;
    this.next = next;
    this.number = number;
    this.probe = probe;
  }

  /// @throws Deposed if the handler took so long that another thread has taken over
  @Override
  public Verdict receive(Frame frame, WorkThread worker) {
    long begun = probe == null ? 0 : System.nanoTime();
    return settled(judged(frame, worker), begun, frame, worker);
  }

  /// Counts what became of a packet, and goes on with it.
  ///
  /// @param verdict null if the handler failed, which is counted already
  /// @param begun when it was called, for the probe
  Verdict settled(@Nullable Verdict verdict, long begun, Frame frame, WorkThread worker) {
    if (probe != null) {
      probe.judged(counters, verdict, System.nanoTime() - begun);
    }
    if (verdict == null) {
      return DropReason.HANDLER_FAILED.verdict();
    }
    // By now a frame that was handed over may carry another packet.
    if (verdict == Verdict.PASS && worker.owns(frame)) {
      counters.add(HandlerCounters.PASSED);
      return next.receive(frame, worker);
    }
    return counters.ended(verdict, worker.owns(frame));
  }

  /// As [StepTemplate] does it, for the same reasons. [#settled] is to follow.
  @Nullable Verdict judged(Frame frame, WorkThread worker) {
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
}
