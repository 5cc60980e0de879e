package dev.sluice.runtime.control;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The packet path at one moment. The numbers are read one after the other while packets move, so
/// that they fit each other exactly only when nothing does.
///
/// @param roles threads and queues, in the order that packets meet them
/// @param steps the handlers of the chain in force, in its order
public record PipelineView(List<Role> roles, List<Step> steps, Totals totals) {
  public PipelineView {
    roles = List.copyOf(roles);
    steps = List.copyOf(steps);
  }

  /// A thread or a queue; -1 for what a role does not have.
  ///
  /// @param name such as `ReadThread`, `RecvQueue 0`, `WorkThread 0`, `SendQueue`, `SendThread`
  /// @param frames that have gone through it
  /// @param depth frames in the queue now
  /// @param capacity most frames in the queue
  /// @param highest most frames that were in the queue at once
  public record Role(String name, long frames, long depth, long capacity, long highest) {}

  /// One bundle's handlers, those of all WorkThreads together.
  ///
  /// @param title symbolic name and version
  /// @param stage of the chain
  /// @param in packets given to it
  /// @param failed packets dropped because it threw
  /// @param rescued packets that went on because the operator has it so although it threw
  /// @param dropsByReason of `dropped`
  /// @param nanosP50 what one packet costs, in the middle; -1 if not measured
  /// @param nanosP99 what 99 of 100 packets stay below; -1 if not measured
  /// @param nanosMax the worst; -1 if not measured
  public record Step(
      String title,
      String stage,
      long in,
      long passed,
      long answered,
      long taken,
      long dropped,
      long failed,
      long rescued,
      Map<String, Long> dropsByReason,
      long nanosP50,
      long nanosP99,
      long nanosMax) {
    public Step {
      dropsByReason = Collections.unmodifiableMap(new TreeMap<>(dropsByReason));
    }
  }

  /// What became of all that was received.
  ///
  /// @param dropped the sum of `dropsByReason`
  /// @param held by handlers now
  /// @param inFlight received and not yet anything else
  /// @param dropsByReason of the whole path, whoever dropped
  /// @param conserved whether no frame is unaccounted for: what is in flight is no less than
  ///   nothing and no more than the queues and batches hold
  public record Totals(
      long received,
      long forwarded,
      long answered,
      long dropped,
      long held,
      long inFlight,
      Map<String, Long> dropsByReason,
      boolean conserved) {
    public Totals {
      dropsByReason = Collections.unmodifiableMap(new TreeMap<>(dropsByReason));
    }
  }
}
