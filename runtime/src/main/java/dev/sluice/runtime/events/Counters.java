package dev.sluice.runtime.events;

import java.util.List;
import java.util.Map;

/// What the gateway has counted since it started.
///
/// Once no packet is on its way, `received = forwarded + answered + held + all that is dropped`.
///
/// @param received frames that the devices gave to the pipeline
/// @param forwarded received frames that a device took to transmit
/// @param answered packets whose content the gateway answered or took in
/// @param held packets that handlers keep now
/// @param sentData frames of the gateway's own that a device took to transmit
/// @param dropped packets by reason; reasons that never occurred may be missing
/// @param packetThreadsAllocatedBytes what the threads of the packet path have taken from the heap
/// @param generation number of the chain in force
/// @param chain symbolic name and version of each handler's bundle, in order
/// @param devices each device with what it counted, as names and numbers
public record Counters(
    long received,
    long forwarded,
    long answered,
    long held,
    long sentData,
    Map<String, Long> dropped,
    long packetThreadsAllocatedBytes,
    long generation,
    List<String> chain,
    List<Map<String, Object>> devices) {

  /// Where the counters come from; asked from any thread.
  @FunctionalInterface
  public interface Source {
    Counters snapshot();
  }
}
