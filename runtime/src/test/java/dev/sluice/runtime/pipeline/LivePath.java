package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.KernelException;
import dev.sluice.plugin.HashFunction;
import java.time.Duration;

/// A packet path over two devices in memory, for tests outside of this package.
public final class LivePath implements AutoCloseable {
  private final Rig rig;
  private long arrived;

  /// A path that runs, with no chain yet.
  ///
  /// @param handlerBudget after which a handler counts as stuck
  public LivePath(int workThreads, Duration handlerBudget) throws KernelException {
    rig =
        new Rig(
            PipelineSettings.standard(workThreads).withHandlerBudget(handlerBudget),
            TestFrames.udp(60));
    rig.pipeline.start();
  }

  public ChainTarget target() {
    return rig.pipeline;
  }

  /// Spreads the packets over the WorkThreads.
  public HashFunction hash() {
    return Rig.BY_NUMBER;
  }

  /// Lets so many packets come in on the left, and waits until the fate of each is decided.
  public void pass(long packets) {
    arrived += packets;
    rig.left.arrive(packets);
    rig.settle(arrived);
  }

  public long arrived() {
    return arrived;
  }

  /// Packets that went out on the right.
  public long forwarded() {
    return rig.right.sentCount();
  }

  @Override
  public void close() {
    rig.close();
  }
}
