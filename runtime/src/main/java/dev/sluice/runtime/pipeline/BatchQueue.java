package dev.sluice.runtime.pipeline;

import org.jctools.queues.MessagePassingQueue;

/// A queue that is put in place of the product's to be measured: what a lane uses of JCTools'
/// interface, batches in and batches out.
abstract class BatchQueue implements MessagePassingQueue<Frame> {
  @Override
  public final boolean offer(Frame frame) {
    return fill(() -> frame, 1) == 1;
  }

  @Override
  public final boolean isEmpty() {
    return size() == 0;
  }

  @Override
  public final int drain(Consumer<Frame> consumer) {
    return drain(consumer, capacity());
  }

  @Override
  public final int fill(Supplier<Frame> supplier) {
    return fill(supplier, capacity());
  }

  @Override
  public final void clear() {
    drain(_ -> {});
  }

  @Override
  public final boolean relaxedOffer(Frame frame) {
    return offer(frame);
  }

  @Override
  public final Frame poll() {
    throw unused();
  }

  @Override
  public final Frame peek() {
    throw unused();
  }

  @Override
  public final Frame relaxedPoll() {
    throw unused();
  }

  @Override
  public final Frame relaxedPeek() {
    throw unused();
  }

  @Override
  public final void drain(Consumer<Frame> consumer, WaitStrategy wait, ExitCondition exit) {
    throw unused();
  }

  @Override
  public final void fill(Supplier<Frame> supplier, WaitStrategy wait, ExitCondition exit) {
    throw unused();
  }

  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("no lane uses it");
  }
}
