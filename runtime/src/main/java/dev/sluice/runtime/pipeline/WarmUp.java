package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.Poller;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Has the packet path's code compiled before the first packet comes: frames made in memory go
/// through its roles, between two devices that lead nowhere.
///
/// The compilers take their time, so it goes on beside the first packets, more quietly, until they
/// have nothing left to do.
///
/// What bundles bring along is not run: a handler may do with a packet what no rehearsal can undo.
/// Nothing of the gateway that is to be started is touched, so this may run beside its start.
public final class WarmUp implements AutoCloseable {
  /// Enough for all of the path to have been loaded and compiled on one core of an ordinary
  /// machine; loading alone takes a third of it while a framework starts beside.
  static final Duration LIMIT = Duration.ofMillis(250);

  /// How long it may go on. The compilers of a machine with two busy cores need some seconds.
  private static final Duration LONGEST = Duration.ofSeconds(30);

  /// By then the compiler has all that it will ask for.
  private static final long MOST_FRAMES = 300_000;

  /// Frames while it goes on, before the compilers are first looked at.
  private static final long QUIET_FRAMES = 100_000;

  /// Looks for as many frames more.
  private static final int LOOKS = 16;

  /// From one batch to the next meanwhile.
  private static final long QUIET_NANOS = 1_000_000;

  private static final int WORKERS = 2;

  /// Times that the path comes to rest meanwhile.
  private static final int PARTS = 4;

  /// The turns in which a thread spins and yields, and few more.
  private static final int IDLE_TURNS = 85;

  /// Waits each time, more than 127 in all: at that number the JDK makes a form of its own for a
  /// method handle (`MethodHandle.customize`), which takes 64 KiB from the heap of the thread that
  /// makes the call.
  private static final int WAITS = 40;

  private static final AtomicBoolean DONE = new AtomicBoolean();
  private final Bell bell;

  /// One for each layout, which a gateway may have either of.
  private final WarmUpPath apart;

  private final WarmUpPath fused;
  private boolean turnOfFused;

  /// @param poller closed by whoever made it
  private WarmUp(Poller poller) throws KernelException {
    bell = Bell.polling(poller);
    apart = new WarmUpPath(WORKERS, bell);
    try {
      fused = new WarmUpPath(0, bell);
    } catch (KernelException e) {
      apart.close();
      throw e;
    }
  }

  /// Warms up on a thread of its own. Only the first call in a process has anything to do.
  ///
  /// @param failed told if there is no memory for a few hundred frames, or no descriptor
  /// @return open when most of it is done, after [#LIMIT] at the latest; the rest goes on beside
  public static CountDownLatch begin(Consumer<? super Exception> failed) {
    CountDownLatch warm = new CountDownLatch(1);
    Thread.ofPlatform()
        .name("warm-up")
        .daemon()
        .start(() -> {
          try {
            once(LIMIT, LONGEST, warm::countDown);
          } catch (KernelException | RuntimeException e) {
            failed.accept(e);
          } finally {
            warm.countDown();
          }
        });
    return warm;
  }

  /// Warms up on the calling thread.
  ///
  /// @param limit of the first part; the time that its classes take to load counts
  /// @param longest of all
  /// @param first told when the first part is over
  /// @return frames that went through
  static long once(Duration limit, Duration longest, Runnable first) throws KernelException {
    if (!DONE.compareAndSet(false, true)) {
      return 0;
    }
    long begun = System.nanoTime();
    try (Poller poller = new Poller(List.of());
        WarmUp path = new WarmUp(poller)) {
      long frames = path.run(begun, limit.toNanos());
      first.run();
      return frames + path.goOn(begun + longest.toNanos());
    }
  }

  private long run(long begun, long nanos) {
    long frames = 0;
    for (int part = 1; part <= PARTS && System.nanoTime() - begun < nanos; part++) {
      long until = begun + nanos * part / PARTS;
      long most = MOST_FRAMES * part / PARTS;
      while (frames < most && System.nanoTime() - until < 0) {
        frames += turn();
      }
      restBriefly();
    }
    return frames;
  }

  /// Goes on until the compilers rest.
  private long goOn(long until) {
    Compilers compilers = new Compilers();
    long frames = 0;
    long look = QUIET_FRAMES;
    while (System.nanoTime() - until < 0) {
      frames += turn();
      if (frames >= look) {
        look = frames + QUIET_FRAMES / LOOKS;
        if (compilers.areAtRest()) {
          break;
        }
      }
      LockSupport.parkNanos(QUIET_NANOS);
    }
    return frames;
  }

  /// A path that has nothing to do is code too: turns without work, and some short waits.
  private void restBriefly() {
    Idle idle = new Idle(Idle.Kind.POLL, bell, fused.roles(), new Vigil(true));
    idle.after(1);
    for (int i = 0; i < IDLE_TURNS; i++) {
      idle.after(0);
    }
    for (int i = 0; i < WAITS; i++) {
      bell.ringAnyway();
      bell.await(0, () -> false);
    }
  }

  /// Sends a batch through either path, by turns.
  private int turn() {
    turnOfFused = !turnOfFused;
    return turnOfFused ? fused.turn() : apart.turn();
  }

  @Override
  public void close() {
    apart.close();
    fused.close();
  }
}
