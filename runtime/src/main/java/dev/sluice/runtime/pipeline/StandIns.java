package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What no generation may call any more because a thread is stuck in it, and what stands in for it:
/// for a handler one that drops every packet as `handler-stuck`, for a hash function one of our
/// own. That lasts until the thread has ended and a chain without it is published. Safe for any
/// thread.
final class StandIns {
  private final HashFunction ownHash;

  /// By identity. Guarded by this.
  private final IdentityHashMap<PacketHandler, StandIn> handlers = new IdentityHashMap<>();

  /// Threads that are in a stuck hash function, by identity. Guarded by this.
  private final IdentityHashMap<HashFunction, Thread> hashes = new IdentityHashMap<>();

  /// Drops what a stuck handler would have judged: fail closed.
  private record StandIn(Thread stuckThread) implements PacketHandler {
    @Override
    public Verdict receive(Packet packet) {
      return DropReason.HANDLER_STUCK.verdict();
    }
  }

  /// @param ownHash known to return
  StandIns(HashFunction ownHash) {
    this.ownHash = ownHash;
  }

  HashFunction ownHash() {
    return ownHash;
  }

  /// Has a handler never be called again.
  synchronized void add(PacketHandler stuck, Thread in) {
    handlers.put(stuck, new StandIn(in));
  }

  /// Has a hash function never be called again.
  synchronized void addHash(HashFunction stuck, Thread in) {
    hashes.put(stuck, in);
  }

  /// What is to be called in the place of a handler: mostly itself.
  synchronized PacketHandler callable(PacketHandler handler) {
    StandIn standIn = handlers.get(handler);
    return standIn == null ? handler : standIn;
  }

  /// What is to be called in the place of a hash function: mostly itself.
  synchronized HashFunction callableHash(HashFunction hash) {
    return hashes.containsKey(hash) ? ownHash : hash;
  }

  /// Whether a thread is in a stuck call of this instance and has not ended.
  synchronized boolean isStuck(PacketHandler instance) {
    StandIn standIn = handlers.get(instance);
    return standIn != null && standIn.stuckThread().isAlive();
  }

  /// Forgets what is over and what the chain does not call.
  synchronized void forgetBut(Chain chain) {
    handlers
        .entrySet()
        .removeIf(e -> !e.getValue().stuckThread().isAlive() && !calls(chain, e.getKey()));
    hashes.entrySet().removeIf(e -> !e.getValue().isAlive() && chain.hash() != e.getKey());
  }

  private static boolean calls(Chain chain, PacketHandler wanted) {
    return chain.links().stream()
        .anyMatch(link -> has(link.handlers(), wanted) || isFallback(link.guard(), wanted));
  }

  private static boolean isFallback(@Nullable Guard guard, PacketHandler wanted) {
    return guard != null && has(guard.fallback(), wanted);
  }

  static boolean has(List<PacketHandler> all, PacketHandler wanted) {
    return all.stream().anyMatch(each -> each == wanted);
  }
}
