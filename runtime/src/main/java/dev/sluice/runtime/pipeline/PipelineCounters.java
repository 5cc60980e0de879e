package dev.sluice.runtime.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A reading of all counters. When nothing moves, `received` = `forwarded` + `answered` + the sum
/// of `dropped` + `held`, exactly; meanwhile the difference is what is in flight.
///
/// @param received frames that came in by the ports
/// @param forwarded frames of those that a device took to transmit
/// @param answered packets whose content the gateway took in or answered
/// @param held packets that handlers keep now
/// @param dropped packets by the name of the reason, only those counted at least once
/// @param dataSent frames of the gateway's own that a device took to transmit
/// @param dataDropped frames of the gateway's own that were refused, or queued and not sent
/// @param misuses times that a handler broke an ownership rule without a packet being lost by it
/// @param allocatedBytes what the threads of the packet path have taken from the heap since they
///   began: it stands still while packets pass
/// @param generation number of the chain in force
/// @param handlers one row for each handler and WorkThread of the chain in force
/// @param devices one row for each port
/// @param chain what went into the chains and came out
/// @param bundles one row for each bundle, in the chain or not any more: no count of it goes down
public record PipelineCounters(
    long received,
    long forwarded,
    long answered,
    long held,
    Map<String, Long> dropped,
    long dataSent,
    long dataDropped,
    long misuses,
    long allocatedBytes,
    long generation,
    List<Handler> handlers,
    List<Port> devices,
    ChainCounters chain,
    List<BundleCounters> bundles) {

  /// What became of the packets one handler instance saw.
  ///
  /// @param dropped without those that failed
  /// @param failed packets and ticks
  /// @param failure what it last threw, or empty
  public record Handler(
      String bundle,
      int workThread,
      long passed,
      long dropped,
      long answered,
      long taken,
      long failed,
      String failure) {}

  /// What one device counted.
  ///
  /// @param name as it was opened
  /// @param interfaceName what the interface is called now, or empty
  /// @param method how the device works, or empty
  /// @param statistics what the kernel counted apart from these, by its own names
  public record Port(
      String name,
      String interfaceName,
      String link,
      String method,
      long received,
      long kernelDropped,
      long tooLong,
      long sent,
      long sendFailed,
      Map<String, Long> statistics) {}

  /// All drops together.
  public long droppedTotal() {
    return dropped.values().stream().mapToLong(Long::longValue).sum();
  }

  /// Frames received whose fate is not decided yet.
  public long inFlight() {
    return received - forwarded - answered - held - droppedTotal();
  }

  /// Where the counters of bundles do not add up to those of the gateway: a sentence each, none
  /// when all is well. Exact when nothing moves, of a pipeline that is not closed; meanwhile
  /// packets in flight are told as if they were missing.
  public List<String> imbalances() {
    List<String> found = new ArrayList<>();
    long ended = bundles.stream().mapToLong(BundleCounters::ended).sum();
    long answeredByBundles = bundles.stream().mapToLong(BundleCounters::answered).sum();
    compare(
        found,
        "packets given to chains",
        chain.given(),
        "received - refused - queued",
        received - chain.refused() - chain.queued());
    compare(
        found,
        "packets given to chains",
        chain.given(),
        "passed by the last handler + ended by a handler + dropped by a closed chain + stuck",
        chain.passed() + ended + chain.closed() + chain.stuck());
    compare(found, "answered by bundles", answeredByBundles, "answered", answered);
    return found;
  }

  private static void compare(
      List<String> found, String what, long value, String other, long otherValue) {
    if (value != otherValue) {
      found.add(what + " = " + value + ", but " + other + " = " + otherValue);
    }
  }
}
