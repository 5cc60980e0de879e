package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;
import java.util.concurrent.atomic.AtomicLongArray;

/// What one thread counted. The owner writes without a locked instruction; others read values that
/// are whole but perhaps a moment old, and exact once the owner is quiet and they have synchronised
/// with it.
final class Tally {
  /// Frames that came in by a port.
  static final int RECEIVED = 0;

  /// Frames that a device took to transmit, of those received.
  static final int FORWARDED = 1;

  /// Packets whose content the gateway took in or answered.
  static final int ANSWERED = 2;

  /// Packets that a handler kept.
  static final int HELD = 3;

  /// Kept packets that were given back.
  static final int RELEASED = 4;

  /// Frames of the gateway's own that a device took to transmit.
  static final int DATA_SENT = 5;

  /// Frames of the gateway's own that were queued and then not sent.
  static final int DATA_DROPPED = 6;

  /// Calls of `sendData` that found no free frame or no room.
  static final int DATA_REFUSED = 7;

  /// Times that a handler broke an ownership rule and its packet was already out of its hands.
  static final int MISUSES = 8;

  private static final int COUNTS = 9;

  private final AtomicLongArray counts = new AtomicLongArray(COUNTS);
  private final AtomicLongArray dropped = new AtomicLongArray(DropReason.MAX_REASONS);

  /// For the owner alone.
  void add(int what, long number) {
    counts.setOpaque(what, counts.getPlain(what) + number);
  }

  /// For the owner alone.
  void drop(DropReason reason) {
    int at = reason.index();
    dropped.setOpaque(at, dropped.getPlain(at) + 1);
  }

  /// For any thread, in a tally that is only written this way.
  void addShared(int what, long number) {
    counts.getAndAdd(what, number);
  }

  /// For any thread, in a tally that is only written this way.
  void dropShared(DropReason reason) {
    dropped.getAndIncrement(reason.index());
  }

  long count(int what) {
    return counts.getOpaque(what);
  }

  long dropped(int reason) {
    return dropped.getOpaque(reason);
  }
}
