package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.KernelException;
import dev.sluice.plugin.HashFunction;
import java.time.Duration;

/// A packet path over two devices in memory, with packets of two flows, for tests outside of this
/// package.
public final class LivePath implements AutoCloseable {
  /// Flows that the packets belong to, in turn.
  public static final int FLOWS = 2;

  private static final int SOURCE_PORT = 34;

  private final Rig rig;
  private long arrived;

  /// A path that runs, with no chain yet.
  ///
  /// @param handlerBudget after which a handler counts as stuck
  public LivePath(int workThreads, Duration handlerBudget) throws KernelException {
    rig =
        new Rig(
            PipelineSettings.standard(workThreads).withHandlerBudget(handlerBudget),
            TestFrames.udp(60),
            otherFlow());
    rig.pipeline.start();
  }

  private static byte[] otherFlow() {
    byte[] frame = TestFrames.udp(60);
    frame[SOURCE_PORT]++;
    return frame;
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

  /// What the path counts, for messages.
  @Override
  public String toString() {
    return rig.pipeline.counters().toString();
  }

  @Override
  public void close() {
    rig.close();
  }
}
