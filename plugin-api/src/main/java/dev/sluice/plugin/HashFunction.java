package dev.sluice.plugin;

import org.osgi.annotation.versioning.ConsumerType;

/// The paper's `hash_fun`: spreads packets over the WorkThreads.
///
/// The number is folded on the count of WorkThreads, so equal numbers meet in one WorkThread. A
/// bundle that tracks connections needs a function that gives both directions of a flow the same
/// number. Called on the ReadThread: no allocation, lock, log or blocking call. A function that
/// throws has its packet dropped with [DropReason#HASH_FAILED].
@ConsumerType
@FunctionalInterface
public interface HashFunction {
  /// Any 32 bits for this packet, which must not be changed.
  int hash(Packet packet);
}
