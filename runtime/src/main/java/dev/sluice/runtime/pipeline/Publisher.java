package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.Packet;
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
  private final ReentrantLock publishing = new ReentrantLock();

  /// Written under [#publishing]; volatile, so that whoever reads it sees it whole.
  private volatile Generation inForce;

  /// Guarded by [#publishing].
  private @Nullable Trace tracing;

  private volatile boolean started;

  /// Nothing passes yet.
  ///
  /// @param reached whether all threads that count have come to a generation
  /// @param wake has idle threads take a turn
  Publisher(int workers, HashFunction hash, LongPredicate reached, Runnable wake) {
    this.workers = workers;
    this.reached = reached;
    this.wake = wake;
    this.inForce = Generation.first(workers, hash);
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
      long number = put(chain);
      return !started || awaitReached(number, patience);
    } finally {
      publishing.unlock();
    }
  }

  /// For the holder of [#publishing].
  ///
  /// @return its number
  private long put(Chain chain) {
    for (Chain.Link link : chain.links()) {
      if (link.guard() != null) {
        link.guard().begin();
      }
    }
    Generation next = inForce.next(chain, tracing);
    inForce = next;
    totals.replaced(next);
    wake.run();
    return next.number();
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
    publishing.lock();
    try {
      if (tracing != null) {
        throw new IllegalStateException("trace: another one runs: wait for its end");
      }
      tracing = trace;
      put(inForce.chain());
    } finally {
      publishing.unlock();
    }
  }

  private void end() throws InterruptedException {
    publishing.lock();
    try {
      tracing = null;
      long number = put(inForce.chain());
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
