package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The generation in force, and what no generation may call any more: instances that were stuck.
///
/// Where a chain has such an instance, a stand-in answers for it that drops every packet as
/// `handler-stuck`; in place of such a hash function stands one of our own. That lasts until a
/// chain without the instance is published and its thread has ended.
final class InForce {
  private final int workers;
  private final HashFunction ownHash;

  /// What stands in for each stuck instance, by identity. Guarded by this.
  private final IdentityHashMap<PacketHandler, StandIn> handlers = new IdentityHashMap<>();

  /// Threads that are in a stuck hash function, by identity. Guarded by this.
  private final IdentityHashMap<HashFunction, Thread> hashes = new IdentityHashMap<>();

  /// Written under the lock of this; volatile, so that whoever reads it sees it whole.
  private volatile Generation generation;

  /// @param ownHash known to return
  InForce(int workers, HashFunction first, HashFunction ownHash) {
    this.workers = workers;
    this.ownHash = ownHash;
    this.generation = Generation.first(workers, first);
  }

  /// Drops what a stuck handler would have judged: fail closed.
  private record StandIn(Thread stuckThread) implements PacketHandler {
    @Override
    public Verdict receive(Packet packet) {
      return DropReason.HANDLER_STUCK.verdict();
    }
  }

  Generation get() {
    return generation;
  }

  HashFunction ownHash() {
    return ownHash;
  }

  /// Puts a chain in force, but for what is stuck.
  synchronized Generation publish(Chain chain) {
    handlers
        .entrySet()
        .removeIf(e -> !e.getValue().stuckThread().isAlive() && !calls(chain, e.getKey()));
    hashes.entrySet().removeIf(e -> !e.getValue().isAlive() && chain.hash() != e.getKey());
    return put(chain);
  }

  /// Puts the chain in force again without a handler that is stuck.
  synchronized void withdraw(PacketHandler stuck, Thread in) {
    handlers.put(stuck, new StandIn(in));
    put(generation.chain());
  }

  /// Puts the chain in force again without a hash function that is stuck.
  synchronized void withdrawHash(HashFunction stuck, Thread in) {
    hashes.put(stuck, in);
    put(generation.chain());
  }

  /// Whether a thread is in a stuck call of this instance and has not ended.
  synchronized boolean isStuck(PacketHandler instance) {
    StandIn standIn = handlers.get(instance);
    return standIn != null && standIn.stuckThread().isAlive();
  }

  private Generation put(Chain chain) {
    Generation next = generation.next(withoutStuck(chain), workers);
    generation = next;
    return next;
  }

  private static boolean calls(Chain chain, PacketHandler wanted) {
    return chain.links().stream()
        .anyMatch(link -> link.handlers().stream().anyMatch(h -> h == wanted));
  }

  private Chain withoutStuck(Chain chain) {
    if (handlers.isEmpty() && hashes.isEmpty()) {
      return chain;
    }
    List<Chain.Link> links = new ArrayList<>();
    for (Chain.Link link : chain.links()) {
      List<PacketHandler> called = new ArrayList<>();
      for (PacketHandler handler : link.handlers()) {
        @Nullable StandIn standIn = handlers.get(handler);
        called.add(standIn == null ? handler : standIn);
      }
      links.add(new Chain.Link(link.bundle(), called));
    }
    HashFunction hash = hashes.containsKey(chain.hash()) ? ownHash : chain.hash();
    return new Chain(links, hash, chain.open());
  }
}
