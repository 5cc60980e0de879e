package dev.sluice.runtime.pipeline;

import java.util.List;

/// What became of one packet in the chain.
///
/// @param arrivalNanos nanoseconds since 1970-01-01 UTC
/// @param workThread index of the WorkThread that judged it
/// @param ingress name of the port that it came in by
/// @param length bytes
/// @param flow its VLAN tags, addresses, protocol and ports, as text
/// @param steps one for each handler called, in order
/// @param cut whether there were more steps than a record has room for
/// @param end where it went: `to eth2`, `answered`, `taken` (sent on or held by the last handler of
///   the steps), or `drop REASON`. A packet that is `to` a port may still find its SendQueue full
///   or the port down; the gateway's counters have those
public record TraceRecord(
    long arrivalNanos,
    int workThread,
    String ingress,
    int length,
    String flow,
    List<Step> steps,
    boolean cut,
    String end) {

  /// A handler that judged the packet.
  ///
  /// @param verdict as `pass`, `drop no-session`, or `failed`
  /// @param nanos time that it took
  public record Step(String bundle, String verdict, long nanos) {}

  public TraceRecord {
    steps = List.copyOf(steps);
  }
}
