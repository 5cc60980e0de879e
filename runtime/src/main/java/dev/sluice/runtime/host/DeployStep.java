package dev.sluice.runtime.host;

import java.time.Duration;

/// One step of a bundle from its private copy to a place in the chain. The steps run in order,
/// beside the version that is in the chain now, which none of them touches; when one refuses, those
/// before it are undone in reverse.
interface DeployStep {
  /// What a step gets that runs nothing of the bundle's: a busy machine must not turn a good bundle
  /// away.
  Duration OF_THE_HOST = Duration.ofMinutes(2);

  /// How the step is named in a sentence: "its start".
  String name();

  /// Does the step, on a thread of its own and for a bounded time.
  void perform(Candidate candidate) throws Exception;

  /// How long it may take.
  ///
  /// @param ofBundles what a step gets that runs a bundle's own code, which may never come back
  default Duration limit(Duration ofBundles) {
    return ofBundles;
  }

  /// Undoes it. Called too when [#perform] failed half-way.
  default void undo(Candidate candidate) throws Exception {}
}
