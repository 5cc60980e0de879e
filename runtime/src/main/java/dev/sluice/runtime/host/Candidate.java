package dev.sluice.runtime.host;

import dev.sluice.runtime.trust.Approved;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;

/// A bundle on its way into the chain: what the steps so far have made of it.
final class Candidate {
  private final StoredBundle stored;
  private final boolean downgradeAllowed;
  private @Nullable Approved approved;
  private @Nullable Bundle bundle;
  private @Nullable HandlerSet handlers;

  /// @param downgradeAllowed whether it may be older than what ran before
  Candidate(StoredBundle stored, boolean downgradeAllowed) {
    this.stored = stored;
    this.downgradeAllowed = downgradeAllowed;
  }

  boolean downgradeAllowed() {
    return downgradeAllowed;
  }

  StoredBundle stored() {
    return stored;
  }

  void trusted(Approved by) {
    approved = by;
  }

  /// Who stands for it; there is somebody behind the step that checks.
  Approved approved() {
    if (approved == null) {
      throw new IllegalStateException(stored.title() + " is not checked yet");
    }
    return approved;
  }

  void installed(Bundle installed) {
    bundle = installed;
  }

  /// The installed bundle; there is one behind the step that installs.
  Bundle bundle() {
    if (bundle == null) {
      throw new IllegalStateException(stored.title() + " is not installed yet");
    }
    return bundle;
  }

  boolean isInstalled() {
    return bundle != null;
  }

  void offers(HandlerSet made) {
    handlers = made;
  }

  /// Its handlers; there are some behind the step that makes them.
  HandlerSet handlers() {
    if (handlers == null) {
      throw new IllegalStateException(stored.title() + " has no handlers yet");
    }
    return handlers;
  }

  /// What every step having succeeded makes of it.
  Deployment deployment() {
    return new Deployment(stored, bundle(), approved(), handlers());
  }

  /// Gives back what the steps took.
  void releaseHandlers() {
    if (handlers != null) {
      handlers.release();
      handlers = null;
    }
  }
}
