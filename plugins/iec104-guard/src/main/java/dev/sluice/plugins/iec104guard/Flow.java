package dev.sluice.plugins.iec104guard;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.StateTable;
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

  /// Bytes of the record's value.
  static final int BYTES = 24 + 2 * Integer.BYTES * MAX_PLACES;

  private static final int LAST_AT = 0;
  private static final int INITIAL_AT = 8;
  private static final int COUNT_AT = 12;
  private static final int OPENED_AT = 16;
  private static final int CLOSING_AT = 17;
  private static final int SEQUENCES_AT = 24;
  private static final int PLACES_AT = SEQUENCES_AT + Integer.BYTES * MAX_PLACES;

  private final MemorySegment memory;
  private final long at;

  /// A view of an entry.
  Flow(StateTable table, int entry) {
    memory = table.memory(entry);
    at = table.at(entry);
  }

  /// When a segment last passed; [System#nanoTime].
  long lastNanos() {
    return memory.get(JAVA_LONG, at + LAST_AT);
  }

  void setLastNanos(long nanos) {
    memory.set(JAVA_LONG, at + LAST_AT, nanos);
  }

  /// Whether the connection has been closed or reset.
  boolean closing() {
    return memory.get(JAVA_BYTE, at + CLOSING_AT) != 0;
  }

  void setClosing(boolean closing) {
    memory.set(JAVA_BYTE, at + CLOSING_AT, (byte) (closing ? 1 : 0));
  }

  /// Whether it began with a SYN, and that SYN's number. One that was open before the guard did
  /// not, so that the station may have bytes the guard has not seen.
  private boolean opened() {
    return memory.get(JAVA_BYTE, at + OPENED_AT) != 0;
  }

  private void setOpened(boolean opened) {
    memory.set(JAVA_BYTE, at + OPENED_AT, (byte) (opened ? 1 : 0));
  }

  private int initial() {
    return memory.get(JAVA_INT, at + INITIAL_AT);
  }

  private int count() {
    return memory.get(JAVA_INT, at + COUNT_AT);
  }

  private void setCount(int count) {
    memory.set(JAVA_INT, at + COUNT_AT, count);
  }

  private int sequence(int i) {
    return memory.get(JAVA_INT, at + SEQUENCES_AT + (long) Integer.BYTES * i);
  }

  private int place(int i) {
    return memory.get(JAVA_INT, at + PLACES_AT + (long) Integer.BYTES * i);
  }

  /// Begins with nothing known: the next segment must hold whole APDUs.
  private void forget() {
    setCount(0);
    setClosing(false);
    setOpened(false);
  }

  /// Begins with a SYN: the first APDU begins behind it. One that is repeated begins nothing: the
  /// station has bytes behind it already, and would not take them anew.
  void open(int sequence) {
    if (opened() && sequence == initial()) {
      return;
    }
    forget();
    setOpened(true);
    memory.set(JAVA_INT, at + INITIAL_AT, sequence);
    remember(sequence + 1, ApduStream.BOUNDARY);
  }

  /// Whether it began with the SYN that this number acknowledges.
  boolean isDialled(int acknowledgement) {
    return opened() && acknowledgement == initial() + 1;
  }

  /// Whether it began before the guard saw it, or was forgotten.
  boolean isUnknown() {
    return count() == 0;
  }

  /// Takes in what the receiver has acknowledged. Where that is more than the guard has seen, it
  /// began with a repeated segment while newer ones had passed before its time: it must begin once
  /// more, for nobody will repeat those. A flow that it has seen from its SYN on has no such bytes.
  void acknowledged(int acknowledgement) {
    int count = count();
    if (!opened() && count > 0 && acknowledgement - sequence(count - 1) > 0) {
      setCount(0);
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
    if (count() == 0) {
      return pickUp(stream, memory, from, to, sequence, answersPass);
    }
    int end = sequence + (int) (to - from);
    int newest = count() - 1;
    if (sequence - sequence(newest) > 0) {
      return GuardReasons.OUT_OF_ORDER;
    }
    int known = find(sequence);
    if (known < 0) {
      return isKeepAlive(sequence, end) ? null : GuardReasons.NOT_PARSABLE;
    }
    long at = from;
    int place = place(known);
    while (known < newest && sequence(known + 1) - end <= 0) {
      known++;
      long next = from + (sequence(known) - sequence);
      place = stream.follow(memory, at, next, place, answersPass);
      if (place != place(known)) {
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
    int newest = count() - 1;
    return end - sequence == 1 && end == sequence(newest) && place(newest) == ApduStream.BOUNDARY;
  }

  private int find(int sequence) {
    for (int i = count() - 1; i >= 0; i--) {
      if (sequence(i) == sequence) {
        return i;
      }
    }
    return -1;
  }

  private void remember(int sequence, int place) {
    int count = count();
    if (count == MAX_PLACES) {
      count--;
      long bytes = (long) Integer.BYTES * count;
      MemorySegment.copy(
          memory, at + SEQUENCES_AT + Integer.BYTES, memory, at + SEQUENCES_AT, bytes);
      MemorySegment.copy(memory, at + PLACES_AT + Integer.BYTES, memory, at + PLACES_AT, bytes);
    }
    memory.set(JAVA_INT, at + SEQUENCES_AT + (long) Integer.BYTES * count, sequence);
    memory.set(JAVA_INT, at + PLACES_AT + (long) Integer.BYTES * count, place);
    setCount(count + 1);
  }
}
