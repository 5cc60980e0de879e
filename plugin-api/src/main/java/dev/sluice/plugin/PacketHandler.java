package dev.sluice.plugin;

import org.osgi.annotation.versioning.ConsumerType;

/// The paper's `recv_fun`: says what becomes of each packet.
///
/// A bundle offers one as a Declarative Services component in **prototype scope**, with
/// [HandlerStage] saying where in the chain it stands. The host makes one instance for each
/// WorkThread, calls all its methods on that thread (but [#retire]), and so its fields need no
/// lock. What several WorkThreads share lives in a second component of the bundle, in singleton
/// scope, which must be safe for concurrent use.
///
/// A new configuration makes new instances; the old ones are called until the new ones are in
/// place. A `@Deactivate` method may therefore run while `receive` is still called: free in
/// [#retire], not there, what `receive` uses.
@ConsumerType
public interface PacketHandler {
  /// Called once, on a control thread, before this instance's first packet and tick, while the
  /// instance that it replaces is still called. Tables that outlive the instance are asked for
  /// here. An instance that throws does not come into the chain. Not called for the handler that a
  /// program without a host gives to [Gateway#init].
  default void begin(HandlerContext context) {}

  /// Judges one packet. Called on the hot path: no allocation, lock, log or blocking call. A
  /// handler that throws has its packet dropped with [DropReason#HANDLER_FAILED]. One that does not
  /// return, or takes longer than the gateway's budget of 100 ms, loses its thread: the packet is
  /// dropped with [DropReason#HANDLER_STUCK], is not the handler's any more, and neither this
  /// instance's `receive` nor its `tick` is called again.
  Verdict receive(Packet packet);

  /// Called on the WorkThread between batches, about every 10 ms, also while no packet arrives: for
  /// time-outs and for changes that other threads left to be noticed. The nanoseconds are those of
  /// [System#nanoTime]. Packets wait meanwhile, so be brief.
  default void tick(long nowNanos) {}

  /// Called once, on a control thread, when no WorkThread uses this instance any more.
  default void retire() {}
}
