package dev.sluice.runtime.control;

import java.time.Instant;
import java.util.List;

/// One packet's way through the chain.
///
/// @param time of arrival
/// @param ingress name of the port that it came in by
/// @param egress name of the port that it was to leave by
/// @param length bytes, when it came
/// @param flow what it was, in the words of [dev.sluice.runtime.pipeline.TraceRecord]
/// @param steps the handlers that saw it, in order
/// @param end what became of it: `forwarded`, `answered`, `taken`, or `dropped` and the reason
public record TraceRow(
    Instant time,
    String ingress,
    String egress,
    int length,
    String flow,
    List<Step> steps,
    String end) {
  public TraceRow {
    steps = List.copyOf(steps);
  }

  /// What one handler did.
  ///
  /// @param bundle symbolic name and version
  /// @param verdict `PASS`, `ANSWERED`, `TAKEN`, `DROP` or `FAILED`
  /// @param reason of a drop, else empty
  /// @param nanos that it took
  public record Step(String bundle, String verdict, String reason, long nanos) {}
}
