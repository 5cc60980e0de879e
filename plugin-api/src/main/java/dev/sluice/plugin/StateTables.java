package dev.sluice.plugin;

import org.osgi.annotation.versioning.ProviderType;

/// Tables of a bundle that its WorkThreads and control threads share, and that outlive a version of
/// it. A service of the host, with an object of its own for each bundle: version 1 and version 2 of
/// one bundle find the same tables by name, another bundle finds others.
///
/// Tables live until no version of the bundle holds them any more. A replacement, a rollback, or
/// another configuration lets them be; the removal of the bundle's file ends them, and so does the
/// end of the process.
@ProviderType
public interface StateTables {
  /// The shared table of this name, as [HandlerContext#table] has it.
  ///
  /// @throws IllegalStateException if the bundle's tables would take more memory than one may have,
  ///   with a sentence
  StateTable table(TableShape shape);

  /// This version's claim to what only one version may do at a time.
  ///
  /// @param name unique among those of the bundle
  Ownership ownership(String name);

  /// Whether another version of the bundle holds its tables now.
  boolean heldByOther();
}
