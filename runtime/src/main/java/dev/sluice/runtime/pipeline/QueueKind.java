package dev.sluice.runtime.pipeline;

/// Queues that can be measured against each other in a [PipelineLane].
public enum QueueKind {
  /// What the product uses: JCTools' SPSC queue before the WorkThread, its MPSC queue behind.
  JCTOOLS("jctools"),
  /// The paper's ring with heads and tails, on both sides.
  PAPER("paper"),
  /// [java.util.concurrent.ArrayBlockingQueue], on both sides.
  ARRAY_BLOCKING("array-blocking");

  private final String word;

  QueueKind(String word) {
    this.word = word;
  }

  /// As it is called in tables and on command lines.
  public String word() {
    return word;
  }

  RecvQueue recvQueue(int capacity, Bell consumer) {
    return switch (this) {
      case JCTOOLS -> new RecvQueue(capacity, consumer);
      case PAPER -> new RecvQueue(new PaperQueue(capacity), consumer);
      case ARRAY_BLOCKING -> new RecvQueue(new LockedQueue(capacity), consumer);
    };
  }

  SendQueue sendQueue(int capacity, Bell consumer) {
    return switch (this) {
      case JCTOOLS -> new SendQueue(capacity, consumer);
      case PAPER -> new SendQueue(new PaperQueue(capacity), consumer);
      case ARRAY_BLOCKING -> new SendQueue(new LockedQueue(capacity), consumer);
    };
  }
}
