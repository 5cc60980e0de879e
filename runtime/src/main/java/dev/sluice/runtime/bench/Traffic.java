package dev.sluice.runtime.bench;

import dev.sluice.kernel.Affinity;
import dev.sluice.kernel.FrameGenerator;
import dev.sluice.kernel.FramePattern;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.RealTime;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;

/// Frames that leave `gen0` of a [World], made by a thread on the generator's CPU: as many as the
/// kernel can make, or at a rate, in [Bursts]. At a rate the thread goes before all others of its
/// CPU, as a station at the other end of a wire would, and sleeps between bursts.
final class Traffic implements AutoCloseable {
  /// How often a burst is sent at a rate. Each costs the CPU some tens of microseconds, however few
  /// frames it has.
  enum Bursts {
    /// Each 200 microseconds, nearer to an even stream.
    SHORT(200_000),
    /// Each millisecond, for ports whose rings hold many times as much, and a CPU that others need.
    LONG(1_000_000);

    private final long nanos;

    Bursts(long nanos) {
      this.nanos = nanos;
    }
  }

  /// Frames of one system call at full speed: a few milliseconds, so that it ends when told to.
  private static final int FULL_BURST = 8192;

  /// Ticks that one burst makes up for at most. What a thread that was kept from running for longer
  /// owes is let off: sent afterwards, it would ask of the receiver what this rate does not.
  private static final int MOST_TICKS = 2;

  private static final int PRIORITY = 50;

  /// So little is awaited on the CPU.
  private static final long SPIN_NANOS = 2_000;

  /// After ticks of so long without sleep a thread that goes first becomes an ordinary one: the
  /// kernel would hold it up for 50 ms of each second.
  private static final long SLEEPLESS_NANOS = 10_000_000;

  /// What was sent.
  ///
  /// @param frames that the kernel made
  /// @param late ticks that came too late by more than a tick
  record Sent(long frames, double seconds, long late) {
    double mpps() {
      return 0 < seconds ? frames / seconds / 1e6 : 0;
    }
  }

  /// At what rate to send, for how long, and in which bursts.
  record Pace(double mpps, double seconds, Bursts bursts) {}

  /// The sending itself, on the thread that has opened the generator.
  private interface Sending {
    Sent by(FrameGenerator generator) throws KernelException;
  }

  private final CompletableFuture<Sent> sent = new CompletableFuture<>();
  private volatile boolean ending;

  private Traffic() {}

  /// Begins to send as fast as the kernel can, until it is closed.
  static Traffic saturated(World world, int cpu, FramePattern pattern) {
    Traffic traffic = new Traffic();
    traffic.start(world, cpu, pattern, generator -> traffic.atFullSpeed(generator));
    return traffic;
  }

  /// Sends at a rate in short bursts, for a time, or until it is closed.
  static Traffic paced(World world, int cpu, FramePattern pattern, double mpps, double seconds) {
    return paced(world, cpu, pattern, new Pace(mpps, seconds, Bursts.SHORT));
  }

  /// Sends at a rate, for a time, or until it is closed.
  static Traffic paced(World world, int cpu, FramePattern pattern, Pace pace) {
    Traffic traffic = new Traffic();
    traffic.start(world, cpu, pattern, generator -> traffic.atRate(generator, pace));
    return traffic;
  }

  private void start(World world, int cpu, FramePattern pattern, Sending sending) {
    Thread.ofPlatform()
        .name("traffic")
        .daemon()
        .start(() -> {
          try {
            sent.complete(world.inside("sending", () -> run(cpu, pattern, sending)));
          } catch (BenchException | RuntimeException e) {
            sent.completeExceptionally(e);
          }
        });
  }

  private static Sent run(int cpu, FramePattern pattern, Sending sending) throws KernelException {
    Affinity.pin(cpu);
    try (FrameGenerator generator = FrameGenerator.open(World.GENERATOR, pattern)) {
      return sending.by(generator);
    }
  }

  private Sent atFullSpeed(FrameGenerator generator) throws KernelException {
    long start = System.nanoTime();
    while (!ending) {
      generator.send(FULL_BURST);
    }
    return new Sent(generator.sent(), (System.nanoTime() - start) / 1e9, 0);
  }

  private Sent atRate(FrameGenerator generator, Pace pace) throws KernelException {
    Precedence precedence = new Precedence(SLEEPLESS_NANOS / pace.bursts().nanos);
    long tick = pace.bursts().nanos;
    double framesPerNano = pace.mpps() / 1000;
    long start = System.nanoTime();
    long length = (long) (pace.seconds() * 1e9);
    long late = 0;
    long letOff = 0;
    long next = 0;
    for (long at = 0; at < length && !ending; at = System.nanoTime() - start) {
      if (at < next) {
        precedence.await(next - at);
        continue;
      }
      precedence.tick();
      late += tick < at - next ? 1 : 0;
      letOff += Math.max(0, at - next - (MOST_TICKS - 1) * tick);
      next = Math.max(next + tick, at);
      long due = (long) ((at - letOff) * framesPerNano) - generator.sent();
      if (0 < due) {
        generator.send((int) due);
      }
    }
    return new Sent(generator.sent(), (System.nanoTime() - start) / 1e9, late);
  }

  /// Has the sending thread go before all others of its CPU, as long as it sleeps now and then.
  private static final class Precedence {
    private final long most;
    private final boolean mayGoFirst = goFirst();
    private boolean first = mayGoFirst;
    private int sleepless;

    /// @param most ticks without sleep
    Precedence(long most) {
      this.most = most;
    }

    private static boolean goFirst() {
      try {
        RealTime.firstInFirstOut(PRIORITY);
        return true;
      } catch (KernelException e) {
        return false; // it never sleeps then, and is late more often, which is told
      }
    }

    /// Waits, about so long. One that became an ordinary thread has caught up: it goes first again,
    /// or it would stay behind others, with a third of the rate.
    void await(long nanos) {
      if (!mayGoFirst || nanos <= SPIN_NANOS) {
        Thread.onSpinWait();
        return;
      }
      if (!first) {
        first = goFirst();
      }
      sleepless = 0;
      LockSupport.parkNanos(nanos);
    }

    void tick() throws KernelException {
      if (first && ++sleepless > most) {
        RealTime.end();
        first = false;
        sleepless = 0;
      }
    }
  }

  /// Waits until all is sent.
  Sent await() throws BenchException {
    try {
      return sent.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof BenchException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /// Ends the sending and waits for its end.
  Sent stop() throws BenchException {
    ending = true;
    return await();
  }

  /// Whether the sending has ended.
  boolean isOver() {
    return sent.isDone();
  }

  @Override
  public void close() {
    ending = true;
    // A failure is told by whoever asked for the result.
    sent.handle((result, failure) -> 0).join();
  }
}
