package dev.sluice.runtime.pipeline;

/// A loop of the code that all generations share. It calls handlers through their interface, which
/// costs a few nanoseconds each, and runs at its full speed from the first packet on.
final class SharedLoop implements BatchLoop {
  private final ChainStep first;

  SharedLoop(ChainStep first) {
    this.first = first;
  }

  @Override
  public void run(FrameRun batch, int from, int to, WorkThread worker) {
    for (int i = from; i < to; i++) {
      Frame frame = batch.at(i);
      worker.begin(frame);
      worker.end(frame, first.receive(frame, worker));
    }
  }
}
