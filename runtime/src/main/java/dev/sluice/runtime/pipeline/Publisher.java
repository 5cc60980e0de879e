package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Puts chains in force, one generation after the other, and waits until no thread uses the one
/// before. For any thread but those of the packet path.
final class Publisher {
  /// How long the end of a trace waits for WorkThreads that are still at a packet.
  private static final Duration TRACE_END_PATIENCE = Duration.ofSeconds(1);

  private final int workers;
  private final LongPredicate reached;
  private final Runnable wake;
  private final BundleTotals totals;
  private final StandIns standIns;

  /// Held by whoever publishes until the old generation is not used any more.
  private final ReentrantLock publishing = new ReentrantLock();

  /// Written under the lock of this, which nobody waits with; volatile, so that whoever reads it
  /// sees it whole.
  private volatile Generation inForce;

  /// Guarded by this.
  private @Nullable Trace tracing;

  private volatile boolean started;

  /// Nothing passes yet.
  ///
  /// @param reached whether all threads that count have come to a generation
  /// @param wake has idle threads take a turn
  ///
  /// @param ownHash stands in for a hash function that is stuck; known to return
  Publisher(
      int workers, HashFunction hash, HashFunction ownHash, LongPredicate reached, Runnable wake) {
    this.workers = workers;
    this.reached = reached;
    this.wake = wake;
    this.inForce = Generation.first(workers, hash);
    this.standIns = new StandIns(ownHash);
    this.totals = new BundleTotals(inForce, reached);
  }

  Generation current() {
    return inForce;
  }

  /// To be called when threads take turns from now on, and so can be waited for.
  void started() {
    started = true;
  }

  boolean publish(Chain chain, Duration patience) throws InterruptedException {
    for (Chain.Link link : chain.links()) {
      link.check(workers);
    }
    publishing.lockInterruptibly();
    try {
      standIns.forgetBut(chain);
      long number = put(chain);
      return !started || awaitReached(number, patience);
    } finally {
      publishing.unlock();
    }
  }

  /// @return its number
  private synchronized long put(Chain chain) {
    if (chain.hash() != inForce.chain().hash()) {
      endHandOvers(chain);
    }
    for (Chain.Link link : chain.links()) {
      if (link.guard() != null) {
        link.guard().begin();
      }
    }
    Generation next = inForce.next(chain, tracing, standIns);
    inForce = next;
    totals.replaced(next);
    wake.run();
    return next.number();
  }

  /// Puts the chain in force again without a handler that a thread is stuck in. For the watchdog,
  /// which waits for nobody: whoever publishes may wait for the very thread that it replaces. If
  /// the handler is on trial, it has failed.
  void withdraw(PacketHandler stuck, Thread in) {
    standIns.add(stuck, in);
    for (Chain.Link link : inForce.chain().links()) {
      if (link.guard() != null && StandIns.has(link.handlers(), stuck)) {
        link.guard().stuck();
      }
    }
    putAgain();
  }

  /// Puts the chain in force again without a hash function that a thread is stuck in.
  void withdrawHash(HashFunction stuck, Thread in) {
    standIns.addHash(stuck, in);
    endHandOvers(inForce.chain());
    putAgain();
  }

  /// Flows come to other WorkThreads now, which may not have handed them over.
  private static void endHandOvers(Chain chain) {
    for (Chain.Link link : chain.links()) {
      if (link.guard() != null) {
        link.guard().handOver().end();
      }
    }
  }

  private synchronized long putAgain() {
    return put(inForce.chain());
  }

  StandIns standIns() {
    return standIns;
  }

  private boolean awaitReached(long number, Duration patience) throws InterruptedException {
    long start = System.nanoTime();
    while (!reached.test(number)) {
      if (System.nanoTime() - start > patience.toNanos()) {
        return false;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(20_000);
    }
    return true;
  }

  /// As [Pipeline#trace].
  List<TraceRecord> trace(int packets, Predicate<Packet> filter, Duration patience)
      throws InterruptedException {
    Trace trace = new Trace(packets, filter);
    begin(trace);
    try {
      trace.await(patience);
    } finally {
      end();
    }
    return trace.records();
  }

  private void begin(Trace trace) {
    synchronized (this) {
      if (tracing != null) {
        throw new IllegalStateException("trace: another one runs: wait for its end");
      }
      tracing = trace;
      put(inForce.chain());
    }
  }

  private void end() throws InterruptedException {
    publishing.lock();
    try {
      long number;
      synchronized (this) {
        tracing = null;
        number = put(inForce.chain());
      }
      if (started) {
        awaitReached(number, TRACE_END_PATIENCE);
      }
    } finally {
      publishing.unlock();
    }
  }

  List<BundleCounters> bundles() {
    return totals.rows();
  }
}
