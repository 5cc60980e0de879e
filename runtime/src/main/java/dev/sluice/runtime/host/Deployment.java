package dev.sluice.runtime.host;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import dev.sluice.runtime.pipeline.Chain;
import dev.sluice.runtime.pipeline.Guard;
import dev.sluice.runtime.trust.Approved;
import java.time.Instant;
import java.util.List;
import org.osgi.framework.Bundle;

/// A bundle that runs, with the handlers that it has in the chain. For the deploying thread alone.
final class Deployment {
  private static final Verdict CLOSED = DropReason.of("bundle-quarantined").verdict();

  private StoredBundle stored;
  private final Bundle bundle;
  private final Approved approved;
  private final Instant since = Instant.now();
  private HandlerSet handlers;
  private long generation;
  private boolean quarantined;
  private List<PacketHandler> closed = List.of();

  Deployment(StoredBundle stored, Bundle bundle, Approved approved, HandlerSet handlers) {
    this.stored = stored;
    this.bundle = bundle;
    this.approved = approved;
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

  /// Who stands for it, and what it may do.
  Approved approved() {
    return approved;
  }

  /// The first generation that it was in; 0 before.
  long generation() {
    return generation;
  }

  /// Notes that a generation has it.
  void isIn(long number) {
    generation = generation == 0 ? number : generation;
  }

  /// When it was ready for the chain.
  Instant since() {
    return since;
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

  /// Whether this content runs.
  boolean runs(String sha256) {
    return !quarantined && stored.sha256().equals(sha256);
  }

  /// Whether its place in the chain lets nothing pass.
  boolean isQuarantined() {
    return quarantined;
  }

  /// Leaves its place in the chain to handlers that let nothing pass.
  ///
  /// @return what was there, to be retired
  Deployment quarantine() {
    Deployment leaving = new Deployment(stored, bundle, approved, handlers);
    quarantined = true;
    closed = handlers.instances().stream().<PacketHandler>map(_ -> _ -> CLOSED).toList();
    handlers = handlers.emptied();
    return leaving;
  }

  private List<PacketHandler> inChain() {
    return quarantined ? closed : handlers.instances();
  }

  Chain.Link link() {
    return new Chain.Link(title(), inChain());
  }

  Chain.Link link(Guard guard) {
    return new Chain.Link(title(), inChain(), guard);
  }

  /// What judges packets in its place now.
  List<PacketHandler> judges() {
    return inChain();
  }

  private String title() {
    return quarantined ? stored.title() + " (quarantined)" : stored.title();
  }
}
