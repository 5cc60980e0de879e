package dev.sluice.runtime.pipeline;

import java.lang.invoke.MethodHandles;

/// Bytecode that [LoopSpinner] defines anew, as a hidden class, for each WorkThread of each
/// generation, for the reason told at [StepTemplate].
final class LoopTemplate implements BatchLoop {
  private static final ChainStep FIRST = first();

  private static ChainStep first() {
    try {
      return MethodHandles.classData(MethodHandles.lookup(), "_", ChainStep.class);
    } catch (IllegalAccessException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @Override
  public void run(FrameRun batch, int from, int to, WorkThread worker) {
    for (int i = from; i < to; i++) {
      Frame frame = batch.at(i);
      worker.begin(frame);
      worker.end(frame, FIRST.receive(frame, worker));
    }
  }
}
