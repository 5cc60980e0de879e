package dev.sluice.runtime.pipeline;

import java.time.Duration;
import java.util.Map;

/// How a rehearsal went.
///
/// @param packets that were judged
/// @param failures packets that a handler threw at or had no verdict for, and ticks that threw
/// @param firstFailure what was thrown first, as text, or empty
/// @param nanosPerPacketLast time of the whole chain for one packet in the last few milliseconds,
///   or NaN if none came through
/// @param verdicts packets by what became of them: `pass` (by the last handler), `answered`,
///   `taken`, `failed`, `drop REASON`
/// @param sends packets and data that were sent to nowhere
/// @param leftBehind whether a handler had not returned when the time was over; its thread ends
///   when it does, and the handlers must not be used or retired before
/// @param took the time it took
public record Rehearsed(
    long packets,
    long failures,
    String firstFailure,
    double nanosPerPacketLast,
    Map<String, Long> verdicts,
    long sends,
    boolean leftBehind,
    Duration took) {

  public Rehearsed {
    verdicts = Map.copyOf(verdicts);
  }
}
