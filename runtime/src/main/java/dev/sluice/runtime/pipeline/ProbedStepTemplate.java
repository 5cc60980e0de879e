package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/// What [StepTemplate] is, with a probe that looks on: bytecode for measured and traced loops.
final class ProbedStepTemplate implements ChainStep {
  /// What a step is made of.
  ///
  /// @param number 1 and up, in the order of the chain, for [CallingRole#calls]
  record Parts(
      PacketHandler handler,
      HandlerCounters counters,
      ChainStep next,
      int number,
      StepProbe probe) {}

  private static final Parts PARTS = parts();
  private static final PacketHandler HANDLER = PARTS.handler();
  private static final HandlerCounters COUNTERS = PARTS.counters();
  private static final ChainStep NEXT = PARTS.next();
  private static final int NUMBER = PARTS.number();
  private static final StepProbe PROBE = PARTS.probe();

  private static Parts parts() {
    try {
      return MethodHandles.classData(MethodHandles.lookup(), "_", Parts.class);
    } catch (IllegalAccessException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @Override
  public Verdict receive(Frame frame, WorkThread worker) {
    long begun = System.nanoTime();
    Verdict verdict = judged(frame, worker);
    PROBE.judged(COUNTERS, verdict, System.nanoTime() - begun);
    if (verdict == null) {
      return DropReason.HANDLER_FAILED.verdict();
    }
    if (verdict == Verdict.PASS && worker.owns(frame)) {
      COUNTERS.add(HandlerCounters.PASSED);
      return NEXT.receive(frame, worker);
    }
    return COUNTERS.ended(verdict, worker.owns(frame));
  }

  private static @Nullable Verdict judged(Frame frame, WorkThread worker) {
    @Nullable Verdict verdict;
    worker.calls(NUMBER);
    try {
      verdict = HANDLER.receive(frame);
    } catch (Throwable failure) {
      worker.returned();
      COUNTERS.failed(failure);
      return null;
    }
    worker.returned();
    if (verdict == null) {
      COUNTERS.failed(HandlerCounters.NO_VERDICT);
    }
    return verdict;
  }
}
