package dev.sluice.runtime.control;

import java.util.List;

/// One bundle as the gateway sees it. A text that is not known, or says nothing, is empty; a number
/// that is not known is -1.
///
/// @param symbolicName of its manifest
/// @param version of its manifest
/// @param sha256 of its file, 64 hexadecimal digits
/// @param file name in the bundles folder
/// @param stage of the chain that it stands in
/// @param order within the stage
/// @param state what has become of it
/// @param cause one sentence: why it is in this state, if that needs a reason
/// @param signer whose signature it carries
/// @param permissions what it was granted, one each
/// @param generation the first that had this version in its chain
/// @param lastKnownGood the version that a rollback would put in force
/// @param uptimeSeconds since it came into the chain
/// @param leakedLoaders class loaders of its earlier versions that something still holds
public record BundleRow(
    String symbolicName,
    String version,
    String sha256,
    String file,
    String stage,
    int order,
    State state,
    String cause,
    String signer,
    List<String> permissions,
    long generation,
    String lastKnownGood,
    long uptimeSeconds,
    int leakedLoaders) {

  /// What has become of a bundle.
  public enum State {
    /// In the chain, for good.
    ACTIVE,
    /// In the chain, and watched: what it does wrong now puts the version before it back.
    CANARY,
    /// Out of the chain because it did harm, until it is released or replaced.
    QUARANTINED,
    /// A file's content that is not taken.
    REFUSED,
    /// Another version took its place again.
    ROLLED_BACK
  }

  public BundleRow {
    permissions = List.copyOf(permissions);
  }
}
