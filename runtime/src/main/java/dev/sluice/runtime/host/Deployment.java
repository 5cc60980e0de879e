package dev.sluice.runtime.host;

import dev.sluice.runtime.pipeline.Chain;
import org.osgi.framework.Bundle;

/// A bundle that runs, with the handlers that it has in the chain. For the deploying thread alone.
final class Deployment {
  private StoredBundle stored;
  private final Bundle bundle;
  private HandlerSet handlers;

  Deployment(StoredBundle stored, Bundle bundle, HandlerSet handlers) {
    this.stored = stored;
    this.bundle = bundle;
    this.handlers = handlers;
  }

  StoredBundle stored() {
    return stored;
  }

  /// Follows the same content into another file.
  void foundIn(StoredBundle elsewhere) {
    stored = elsewhere;
  }

  Bundle bundle() {
    return bundle;
  }

  HandlerSet handlers() {
    return handlers;
  }

  /// Puts instances of a newer configuration in the place of the old ones.
  ///
  /// @return the old ones, which the chain in force still uses
  HandlerSet renew(HandlerSet fresh) {
    HandlerSet old = handlers;
    handlers = fresh;
    return old;
  }

  Chain.Link link() {
    return new Chain.Link(stored.title(), handlers.instances());
  }
}
