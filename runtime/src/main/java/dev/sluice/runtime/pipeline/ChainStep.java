package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.Verdict;

/// A handler of a generation's chain with all that come after it.
interface ChainStep {
  /// Never throws but [Deposed], and never answers null.
  ///
  /// @param worker that the frame was given to
  Verdict receive(Frame frame, WorkThread worker);
}
