package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/// Bytecode that [LoopSpinner] defines anew, as a hidden class, for each handler of each
/// generation's own loop. The class data become `static final` constants, so the compiled code
/// calls exactly this handler and then exactly that next step, whatever stood here in earlier
/// generations.
///
/// This class itself is never used but for its bytes.
final class StepTemplate implements ChainStep {
  /// What a step is made of.
  ///
  /// @param number 1 and up, in the order of the chain, for [CallingRole#calls]
  record Parts(PacketHandler handler, HandlerCounters counters, ChainStep next, int number) {}

  private static final Parts PARTS = parts();
  private static final PacketHandler HANDLER = PARTS.handler();
  private static final HandlerCounters COUNTERS = PARTS.counters();
  private static final ChainStep NEXT = PARTS.next();
  private static final int NUMBER = PARTS.number();

  private static Parts parts() {
    try {
      return MethodHandles.classData(MethodHandles.lookup(), "_", Parts.class);
    } catch (IllegalAccessException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// @throws Deposed if the handler took so long that another thread has taken over
  @Override
  public Verdict receive(Frame frame, WorkThread worker) {
    Verdict verdict = judged(frame, worker);
    if (verdict == null) {
      return DropReason.HANDLER_FAILED.verdict();
    }
    // By now a frame that was handed over may carry another packet.
    if (verdict == Verdict.PASS && worker.owns(frame)) {
      COUNTERS.add(HandlerCounters.PASSED);
      return NEXT.receive(frame, worker);
    }
    return COUNTERS.ended(verdict, worker.owns(frame));
  }

  /// A handler that throws has its packet dropped, whatever it threw: there is no verdict to
  /// follow. By the time it is caught here the handler's part of the stack is free again; and
  /// nothing is allocated, in case it was memory that ran out.
  ///
  /// @return null if it failed, which then is counted
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
