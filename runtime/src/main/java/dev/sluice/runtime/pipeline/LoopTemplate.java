package dev.sluice.runtime.pipeline;

import java.lang.invoke.MethodHandles;

/// Bytecode that [LoopSpinner] defines anew, as a hidden class, for each WorkThread of each
/// generation, for the reason told at [StepTemplate].
final class LoopTemplate implements BatchLoop {
  /// One batch in so many is measured; a power of two.
  static final int EVERY = 256;

  /// What a loop is made of.
  ///
  /// @param sampled takes the first packets of each batch that is measured
  record Parts(ChainStep first, SampledLoop sampled) {}

  private static final Parts PARTS = parts();
  private static final ChainStep FIRST = PARTS.first();
  private static final SampledLoop SAMPLED = PARTS.sampled();

  private int batches;

  private static Parts parts() {
    try {
      return MethodHandles.classData(MethodHandles.lookup(), "_", Parts.class);
    } catch (IllegalAccessException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @Override
  public void run(FrameRun batch, WorkThread worker) {
    batches++;
    int sampled = batches % EVERY == 0 ? SAMPLED.run(batch, worker) : 0;
    int count = batch.count();
    for (int i = sampled; i < count; i++) {
      Frame frame = batch.at(i);
      worker.begin(frame);
      worker.end(frame, FIRST.receive(frame, worker));
    }
  }
}
