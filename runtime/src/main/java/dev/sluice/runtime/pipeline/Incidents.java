package dev.sluice.runtime.pipeline;

/// Whoever is to be told what the packet path had to contain.
@FunctionalInterface
public interface Incidents {
  /// A thread was stuck in foreign code, and another has taken over by now. Called on the thread
  /// that watches: the next one is not noticed before this returns.
  void stuck(Stuck what);
}
