package dev.sluice.runtime.pipeline;

import org.jspecify.annotations.Nullable;

/// Steps of an end, each of which is taken although one before it failed.
final class LastSteps {
  private @Nullable RuntimeException first;

  void take(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      if (first == null) {
        first = e;
      } else {
        first.addSuppressed(e);
      }
    }
  }

  /// Throws what failed first, with what failed later.
  void end() {
    if (first != null) {
      throw first;
    }
  }
}
