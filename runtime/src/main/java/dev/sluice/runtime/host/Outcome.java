package dev.sluice.runtime.host;

import java.nio.file.Path;

/// What became of a change to `bundles/` or to a bundle's configuration.
public sealed interface Outcome {
  /// Packets pass through the bundle's handlers, and it has passed its trial.
  ///
  /// @param bundle symbolic name and version
  /// @param replaced symbolic name and version of what left the chain for it, or empty
  /// @param generation number of the chain
  /// @param millis from noticing the file to this outcome
  /// @param packets that it had judged by then; 0 if trials are switched off
  record Active(
      Path file, String bundle, String replaced, long generation, long millis, long packets)
      implements Outcome {}

  /// The bundle's handlers are in the chain, and no packet has come yet. Its trial goes on, and
  /// ends with [Active] or [RolledBack].
  record InForce(Path file, String bundle, String replaced, long generation) implements Outcome {}

  /// The file is not used; the chain is as it was.
  ///
  /// @param cause one sentence
  record Refused(Path file, String cause) implements Outcome {}

  /// The bundle was in the chain and failed its trial; what it took the place of goes on.
  ///
  /// @param back symbolic name and version of that, or empty if nothing was there
  /// @param cause one sentence
  record RolledBack(Path file, String bundle, String back, String cause, long generation)
      implements Outcome {}

  /// The bundle did harm after its trial; its place in the chain lets nothing pass.
  record Quarantined(Path file, String bundle, String cause, long generation) implements Outcome {}

  /// The bundle left the chain with its file.
  record Removed(Path file, String bundle, long generation) implements Outcome {}

  /// The bundle's handlers were made anew for a changed configuration, and are in the chain.
  record Reconfigured(String bundle, long generation) implements Outcome {}

  /// The bundle does not take its changed configuration; its handlers of before stay in the chain.
  ///
  /// @param cause one sentence
  record ConfigurationRefused(String bundle, String cause) implements Outcome {}
}
