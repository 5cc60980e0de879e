package dev.sluice.plugins.iec104guard;

import dev.sluice.plugin.DropReason;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One direction of a TCP connection: where its APDUs begin, at each place where a segment that
/// passed has begun or ended lately.
///
/// A segment that repeats bytes must begin at such a place and lead to the same places again, for
/// the station may take the repeated bytes and not the first ones. An entry of [FlowTable], used
/// again for one flow after another.
final class Flow {
  /// Places remembered. IEC 60870-5-104 lets a sender have 12 I frames without acknowledgement
  /// (clause 5.5, `k`), so what is repeated began not longer ago.
  static final int MAX_PLACES = 32;

  final FlowKey key = new FlowKey();

  /// When a segment last passed; [System#nanoTime].
  long lastNanos;

  /// Whether the connection has been closed or reset.
  boolean closing;

  /// Whether it began with a SYN, and that SYN's number. One that was open before the guard did
  /// not, so that the station may have bytes the guard has not seen.
  private boolean opened;

  private int initial;
  private final int[] sequences = new int[MAX_PLACES];
  private final int[] places = new int[MAX_PLACES];
  private int count;

  /// Begins with nothing known: the next segment must hold whole APDUs.
  void forget() {
    count = 0;
    closing = false;
    opened = false;
  }

  /// Begins with a SYN: the first APDU begins behind it. One that is repeated begins nothing: the
  /// station has bytes behind it already, and would not take them anew.
  void open(int sequence) {
    if (opened && sequence == initial) {
      return;
    }
    forget();
    opened = true;
    initial = sequence;
    remember(sequence + 1, ApduStream.BOUNDARY);
  }

  /// Whether it began with the SYN that this number acknowledges.
  boolean isDialled(int acknowledgement) {
    return opened && acknowledgement == initial + 1;
  }

  /// Whether it began before the guard saw it, or was forgotten.
  boolean isUnknown() {
    return count == 0;
  }

  /// Takes in what the receiver has acknowledged. Where that is more than the guard has seen, it
  /// began with a repeated segment while newer ones had passed before its time: it must begin once
  /// more, for nobody will repeat those. A flow that it has seen from its SYN on has no such bytes.
  void acknowledged(int acknowledgement) {
    if (!opened && count > 0 && acknowledgement - sequences[count - 1] > 0) {
      count = 0;
    }
  }

  /// Judges a segment with payload in `[from, to)`, and follows it if it may pass.
  ///
  /// @return why it is dropped, or null
  @Nullable DropReason judge(
      ApduStream stream,
      MemorySegment memory,
      long from,
      long to,
      int sequence,
      boolean answersPass) {
    if (count == 0) {
      return pickUp(stream, memory, from, to, sequence, answersPass);
    }
    int end = sequence + (int) (to - from);
    int newest = count - 1;
    if (sequence - sequences[newest] > 0) {
      return GuardReasons.OUT_OF_ORDER;
    }
    int known = find(sequence);
    if (known < 0) {
      return isKeepAlive(sequence, end) ? null : GuardReasons.NOT_PARSABLE;
    }
    long at = from;
    int place = places[known];
    while (known < newest && sequences[known + 1] - end <= 0) {
      known++;
      long next = from + (sequences[known] - sequence);
      place = stream.follow(memory, at, next, place, answersPass);
      if (place != places[known]) {
        return place == ApduStream.BLOCKED
            ? GuardReasons.COMMAND_BLOCKED
            : GuardReasons.NOT_PARSABLE;
      }
      at = next;
    }
    if (at == to) {
      return null;
    }
    return known < newest
        ? GuardReasons.NOT_PARSABLE
        : goOn(stream, memory, at, to, end, place, answersPass);
  }

  private @Nullable DropReason goOn(
      ApduStream stream,
      MemorySegment memory,
      long at,
      long to,
      int end,
      int place,
      boolean answersPass) {
    int after = stream.follow(memory, at, to, place, answersPass);
    if (after < 0) {
      return after == ApduStream.BLOCKED ? GuardReasons.COMMAND_BLOCKED : GuardReasons.NOT_PARSABLE;
    }
    remember(end, after);
    return null;
  }

  private @Nullable DropReason pickUp(
      ApduStream stream,
      MemorySegment memory,
      long from,
      long to,
      int sequence,
      boolean answersPass) {
    int after = stream.follow(memory, from, to, ApduStream.BOUNDARY, answersPass);
    if (after == ApduStream.BLOCKED) {
      return GuardReasons.COMMAND_BLOCKED;
    }
    if (after != ApduStream.BOUNDARY) {
      return GuardReasons.NOT_PARSABLE;
    }
    remember(sequence, ApduStream.BOUNDARY);
    remember(sequence + (int) (to - from), ApduStream.BOUNDARY);
    return null;
  }

  /// Some systems ask whether the peer lives by sending the last byte again (RFC 1122, section
  /// 4.2.3.6). The last byte of an APDU has no say in its type or length.
  private boolean isKeepAlive(int sequence, int end) {
    int newest = count - 1;
    return end - sequence == 1 && end == sequences[newest] && places[newest] == ApduStream.BOUNDARY;
  }

  private int find(int sequence) {
    for (int i = count - 1; i >= 0; i--) {
      if (sequences[i] == sequence) {
        return i;
      }
    }
    return -1;
  }

  private void remember(int sequence, int place) {
    if (count == MAX_PLACES) {
      System.arraycopy(sequences, 1, sequences, 0, MAX_PLACES - 1);
      System.arraycopy(places, 1, places, 0, MAX_PLACES - 1);
      count--;
    }
    sequences[count] = sequence;
    places[count] = place;
    count++;
  }
}
