package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.Verdict;
import org.jspecify.annotations.Nullable;

/// Looks on while handlers are called; for the WorkThread.
interface StepProbe {
  /// Keeps the time in the handler's own histogram.
  StepProbe MEASURING = (by, _, nanos) -> by.latency().add(nanos);

  /// A handler has judged a packet.
  ///
  /// @param by its counters
  /// @param verdict null if it failed
  /// @param nanos time that the call took
  void judged(HandlerCounters by, @Nullable Verdict verdict, long nanos);
}
