package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.PacketHandler;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Where chains are put in force.
public interface ChainTarget {
  /// Number of WorkThreads, at least 1; a chain has one handler instance for each.
  int workThreads();

  /// Puts a chain in force at the next batch boundary of each thread, and waits until no thread
  /// uses the one before. Handlers of the old chain that are not in the new one can be retired
  /// after this returns true.
  ///
  /// @return false if some thread still used the old chain when `patience` ended; the new chain is
  ///   in force for the others all the same
  boolean publish(Chain chain, Duration patience) throws InterruptedException;

  /// Number of the chain in force: 0 before the first, then counting up.
  long generation();

  /// Whether packets come. Until then whatever takes time prolongs the outage.
  default boolean receives() {
    return true;
  }

  /// Longest turn of a WorkThread with which it took up the chain in force, in microseconds; 0
  /// while none has.
  default long lastSwitchMicros() {
    return 0;
  }

  /// Has incidents reported from now on.
  default void report(Incidents incidents) {}

  /// Whether a thread that was replaced is still in a call of this handler, which therefore must
  /// not be retired, although a chain without it was published.
  default boolean isStuck(PacketHandler handler) {
    return false;
  }

  /// What the handlers in the chain have done.
  default List<PipelineCounters.Handler> handlerRows() {
    return List.of();
  }

  /// Runs spare handlers beside the packet path: see [Rehearsal].
  ///
  /// @param spares the links of a chain, each with one handler that is used for nothing else
  /// @return nothing where there is no packet path
  default Optional<Rehearsed> rehearsed(List<Chain.Link> spares, Duration limit)
      throws InterruptedException {
    return Optional.empty();
  }
}
