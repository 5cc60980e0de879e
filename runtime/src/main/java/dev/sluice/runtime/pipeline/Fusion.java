package dev.sluice.runtime.pipeline;

/// What ReadThread, WorkThread and SendThread share where one thread plays all three: frames go
/// from role to role with the turn, and through no queue. What other threads send or give back
/// still comes by the queues.
///
/// Only that thread calls it, or whoever owns its roles once it has ended or was deposed.
final class Fusion {
  private final FramesAtHand atHand;
  private final SendThread send;
  private final int capacity;

  /// What was read in this turn, and not judged.
  private FrameRun waiting;

  /// @param atHand the ReadThread's, which `send` gives chunks back to
  /// @param capacity most frames that a turn brings in
  Fusion(FramesAtHand atHand, SendThread send, int capacity) {
    this.atHand = atHand;
    this.send = send;
    this.capacity = capacity;
    this.waiting = new FrameRun(capacity);
  }

  FramesAtHand atHand() {
    return atHand;
  }

  int capacity() {
    return capacity;
  }

  /// For the ReadThread: leaves what it has read.
  ///
  /// @return an empty run for the next turn
  FrameRun leave(FrameRun read) {
    if (waiting.count() > 0) {
      throw new IllegalStateException("frames of the turn before were not judged");
    }
    FrameRun empty = waiting;
    waiting = read;
    return empty;
  }

  /// For the WorkThread: what was read, which may be nothing.
  ///
  /// @param empty is kept for the next turn
  FrameRun take(FrameRun empty) {
    FrameRun read = waiting;
    waiting = empty;
    return read;
  }

  /// For the WorkThread: has a frame leave by a port behind those that it let through before, and
  /// behind those that handlers and other threads have queued.
  ///
  /// @return false if it was dropped, which is counted
  boolean send(Frame frame, Port port) {
    return send.takeBehindQueued(frame, port);
  }
}
