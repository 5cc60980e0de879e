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

  /// Packets given to a chain, or to a closed one.
  static final int GIVEN = 9;

  /// Packets that passed the last handler.
  static final int PASSED = 10;

  /// Packets that a closed chain dropped.
  static final int CLOSED = 11;

  private static final int COUNTS = 12;

  /// Longs on either side that are not used, so that what another thread writes to is on no cache
  /// line of these, nor on the one the processor fetches along with it.
  private static final int APART = 16;

  private final AtomicLongArray counts = new AtomicLongArray(APART + COUNTS + APART);
  private final AtomicLongArray dropped =
      new AtomicLongArray(APART + DropReason.MAX_REASONS + APART);

  /// For the owner alone.
  void add(int what, long number) {
    int at = APART + what;
    counts.setOpaque(at, counts.getPlain(at) + number);
  }

  /// For the owner alone.
  void drop(DropReason reason) {
    int at = APART + reason.index();
    dropped.setOpaque(at, dropped.getPlain(at) + 1);
  }

  /// For any thread, in a tally that is only written this way.
  void addShared(int what, long number) {
    counts.getAndAdd(APART + what, number);
  }

  /// For any thread, in a tally that is only written this way.
  void dropShared(DropReason reason) {
    dropped.getAndIncrement(APART + reason.index());
  }

  long count(int what) {
    return counts.getOpaque(APART + what);
  }

  long dropped(int reason) {
    return dropped.getOpaque(APART + reason);
  }
}
