package dev.sluice.runtime.host;

import java.nio.file.Path;

/// What became of a change to `bundles/` or to a bundle's configuration.
public sealed interface Outcome {
  /// The bundle's handlers are in the chain in force.
  ///
  /// @param bundle symbolic name and version
  /// @param replaced symbolic name and version of what left the chain for it, or empty
  /// @param generation number of the chain
  /// @param millis from noticing the file to the chain in force on every thread
  record Active(Path file, String bundle, String replaced, long generation, long millis)
      implements Outcome {}

  /// The file is not used; the chain is as it was.
  ///
  /// @param cause one sentence
  record Refused(Path file, String cause) implements Outcome {}

  /// The bundle left the chain with its file.
  record Removed(Path file, String bundle, long generation) implements Outcome {}

  /// The bundle's handlers were made anew for a changed configuration, and are in the chain.
  record Reconfigured(String bundle, long generation) implements Outcome {}

  /// The bundle does not take its changed configuration; its handlers of before stay in the chain.
  ///
  /// @param cause one sentence
  record ConfigurationRefused(String bundle, String cause) implements Outcome {}
}
