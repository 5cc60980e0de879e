package dev.sluice.runtime.bench.swap;

import java.nio.file.Path;

/// A running gateway whose bundle is replaced.
public interface SwapTarget {
  /// The file of `bundles/` that holds the bundle.
  Path file();

  /// What it tells.
  OutcomeBoard board();

  /// What sees the frames that it lets pass.
  Witness witness();

  /// Told when a file was put in its place, good or bad.
  void placed();

  /// Told after each good version is active, on the thread that deploys: a time to look at memory.
  void swapped(int swaps) throws InterruptedException;
}
