package dev.sluice.runtime.bench;

import dev.sluice.kernel.Affinity;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.ProcessorWait;
import dev.sluice.kernel.RealTime;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// What a CPU gave to whoever came first on it, so that a loss can be told to be the machine's: a
/// thread that goes before all others wakes there 250 times a second. By how much it is late was
/// withheld from everybody, as by a hypervisor that does not tell. How long the same few system
/// calls take each time tells how fast the machine's kernel was at that moment.
final class CpuWitness implements AutoCloseable {
  private static final long PERIOD_NANOS = 4_000_000;

  /// Less is the timer's own.
  private static final long LATE_NANOS = 5_000_000;

  /// Above the generator, which sends with 50.
  private static final int PRIORITY = 60;

  /// Of so many probes the mean is told: 100 ms.
  private static final int PROBES = 25;

  private final Thread thread;
  private volatile long withheldNanos;
  private volatile long probeNanos;
  private volatile boolean ending;

  private CpuWitness(int cpu) {
    thread = Thread.ofPlatform().name("cpu-witness").daemon().unstarted(() -> run(cpu));
  }

  /// One that looks at nothing.
  static CpuWitness none() {
    return new CpuWitness(0);
  }

  /// Begins to look at one CPU. Tells nothing, that is zeros, where the kernel refuses the
  /// precedence.
  static CpuWitness of(int cpu) {
    CpuWitness witness = new CpuWitness(cpu);
    witness.thread.start();
    return witness;
  }

  /// So far, in milliseconds.
  long withheldMillis() {
    return TimeUnit.NANOSECONDS.toMillis(withheldNanos);
  }

  /// Mean time of a probe within the last 100 ms.
  double probeMicros() {
    return probeNanos / 1000.0;
  }

  private void run(int cpu) {
    try {
      Affinity.pin(cpu);
      RealTime.firstInFirstOut(PRIORITY);
    } catch (KernelException e) {
      return;
    }
    ProcessorWait calls = new ProcessorWait(); // opens, reads and closes a file of the kernel's
    long withheld = 0;
    long sum = 0;
    long due = System.nanoTime();
    for (int probes = 1; !ending; probes++) {
      long woken = System.nanoTime();
      withheld += LATE_NANOS < woken - due ? woken - due : 0;
      calls.nanos();
      sum += System.nanoTime() - woken;
      if (probes % PROBES == 0) {
        withheldNanos = withheld;
        probeNanos = sum / PROBES;
        sum = 0;
      }
      due = System.nanoTime() + PERIOD_NANOS;
      LockSupport.parkNanos(PERIOD_NANOS);
    }
  }

  @Override
  public void close() {
    ending = true;
    LockSupport.unpark(thread);
  }
}
