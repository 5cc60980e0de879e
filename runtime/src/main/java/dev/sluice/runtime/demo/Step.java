package dev.sluice.runtime.demo;

/// A part of the demo that can fail by itself.
interface Step {
  /// What the newcomer is about to see.
  String title();

  /// Shows it, measures it, and puts the figures where they belong.
  ///
  /// @throws StepException if it did not turn out as it should
  void run(Scene scene) throws StepException, InterruptedException;
}
