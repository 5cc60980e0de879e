package dev.sluice.runtime.bench;

import dev.sluice.kernel.Affinity;
import dev.sluice.kernel.KernelException;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.RoundRobin;
import dev.sluice.runtime.pipeline.Chain;
import dev.sluice.runtime.pipeline.PipelineLane;
import dev.sluice.runtime.pipeline.QueueKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One measurement of `bench pipeline`: lanes side by side for some time. A JVM of its own measures
/// one kind of queue, so that no other has left its mark on the compiled code.
final class PipelineTrial {
  private static final long NANOS_PER_MS = 1_000_000;

  /// Cores that take so many times as long as they did to hear of each other were moved apart.
  private static final double APART = 2;

  /// Looks at the cores before anything is measured on them, [#LOOK_MS] apart: a host may have
  /// moved them apart for seconds.
  private static final int LOOKS = 20;

  private static final long LOOK_MS = 150;

  /// Rounds of warming up at most until a chain has gone over to its own loop.
  private static final int WARM_UPS = 10;

  /// Whether one thread plays source, WorkThread and sink, or the WorkThread has a core of its own.
  enum Layout {
    FUSED("fused", 1),
    TWO_CORE("two-core", 2);

    private final String word;
    private final int cores;

    Layout(String word, int cores) {
      this.word = word;
      this.cores = cores;
    }

    String word() {
      return word;
    }

    /// Cores that one WorkThread takes.
    int cores() {
      return cores;
    }
  }

  private final QueueKind kind;
  private final long warmNanos;
  private final long nanos;
  private final int[] cores;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean over;

  PipelineTrial(QueueKind kind, long millis) throws KernelException {
    this.kind = kind;
    this.nanos = millis * NANOS_PER_MS;
    this.warmNanos = nanos / 2;
    this.cores = Affinity.allowedCpus();
  }

  /// The child's own main.
  ///
  /// @param args name of a [QueueKind]; milliseconds for each measurement
  public static void main(String[] args) throws Exception {
    PipelineTrial trial = new PipelineTrial(QueueKind.valueOf(args[0]), Long.parseLong(args[1]));
    for (Layout layout : Layout.values()) {
      for (int workers : workers(trial.cores.length / layout.cores())) {
        double nearest = layout == Layout.FUSED ? 0 : trial.nearest(workers);
        for (int handlers : PipelineBench.HANDLERS) {
          Figure figure = trial.undisturbed(layout, workers, handlers, nearest);
          System.out.println(
              String.format(
                  Locale.ROOT,
                  "%s %d %d %.4f %.1f %d",
                  layout,
                  workers,
                  handlers,
                  figure.mpps(),
                  figure.hopNanos(),
                  figure.repeats()));
        }
      }
    }
  }

  /// 1, 2, 4 and so on, and at last so many as there may be.
  static List<Integer> workers(int most) {
    List<Integer> counts = new ArrayList<>();
    for (int count = 1; count < most; count *= 2) {
      counts.add(count);
    }
    if (most > 0) {
      counts.add(most);
    }
    return counts;
  }

  /// One measurement.
  ///
  /// @param mpps millions of packets per second and WorkThread
  /// @param hopNanos of [CoreHop], the longest of any pair before it and after; 0 where there is no
  ///   pair
  /// @param repeats how often it was measured again because the cores were apart
  record Figure(double mpps, double hopNanos, int repeats) {}

  /// A measurement that can be had again.
  interface Again {
    Figure measure() throws Exception;
  }

  /// Measures, and again if the host of a virtual machine has moved the cores apart; keeps what the
  /// nearest have done.
  private Figure undisturbed(Layout layout, int workers, int handlers, double nearest)
      throws Exception {
    return layout == Layout.FUSED
        ? new Figure(measure(layout, workers, handlers), 0, 0)
        : nearest(() -> hopping(workers, handlers), nearest);
  }

  /// @param nearest hop of these cores when they are near each other
  static Figure nearest(Again again, double nearest) throws Exception {
    Figure best = again.measure();
    int repeats = 0;
    while (repeats < Undisturbed.REPEATS && best.hopNanos() > APART * nearest) {
      Figure next = again.measure();
      best = next.hopNanos() < best.hopNanos() ? next : best;
      repeats++;
    }
    return new Figure(best.mpps(), best.hopNanos(), repeats);
  }

  private double nearest(int workers) throws KernelException, InterruptedException {
    double nearest = Double.MAX_VALUE;
    for (int look = 0; look < LOOKS; look++) {
      nearest = Math.min(nearest, hop(workers));
      Thread.sleep(LOOK_MS);
    }
    return nearest;
  }

  private Figure hopping(int workers, int handlers) throws Exception {
    double before = hop(workers);
    double mpps = measure(Layout.TWO_CORE, workers, handlers);
    return new Figure(mpps, Math.max(before, hop(workers)), 0);
  }

  private double hop(int workers) throws KernelException, InterruptedException {
    double longest = 0;
    for (int i = 0; i < workers; i++) {
      longest = Math.max(longest, CoreHop.nanos(cores[2 * i], cores[2 * i + 1]));
    }
    return longest;
  }

  /// Millions of packets per second and WorkThread.
  double measure(Layout layout, int workers, int handlers) throws Exception {
    List<Course> courses = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    over = false;
    try {
      for (int i = 0; i < workers; i++) {
        Course course = new Course(layout, handlers);
        courses.add(course);
        int core = i * layout.cores();
        threads.add(start(cores[core], course::drive));
        if (layout == Layout.TWO_CORE) {
          threads.add(start(cores[core + 1], course::work));
        }
      }
      for (Thread thread : threads) {
        thread.join();
      }
    } finally {
      over = true;
      courses.forEach(course -> course.lane.close());
    }
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw new IllegalStateException("a thread of the measurement failed", thrown);
    }
    return courses.stream().mapToDouble(Course::mpps).average().orElseThrow();
  }

  /// What a thread does.
  private interface Body {
    void run() throws KernelException;
  }

  private Thread start(int core, Body body) {
    return Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            Affinity.pin(core);
            body.run();
          } catch (KernelException | RuntimeException | Error e) {
            failure.compareAndSet(null, e);
            over = true;
          }
        });
  }

  /// One lane with what is measured on it.
  private final class Course {
    final PipelineLane lane;
    private final boolean works;
    private final List<PacketHandler> handlers = new ArrayList<>();
    private long underWay;
    private volatile boolean emptied;
    private volatile double mpps;

    Course(Layout layout, int count) throws KernelException {
      lane = new PipelineLane(kind, PipelineBench.datagram());
      works = layout == Layout.FUSED;
      List<Chain.Link> links = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        PacketHandler handler = FreshClass.handler(HeaderHandler.class);
        handlers.add(handler);
        links.add(new Chain.Link("handler-" + i, List.of(handler)));
      }
      if (count == 0) {
        // A chain without handlers lets nothing pass; one that only passes costs next to nothing.
        links.add(new Chain.Link("none", List.of(PipelineBench.PASSING)));
      }
      lane.publish(new Chain(links, new RoundRobin(), true));
    }

    double mpps() {
      return mpps;
    }

    /// Source and sink, and the WorkThread too where one thread plays them all.
    void drive() {
      round(warmNanos);
      for (int more = 1; more < WARM_UPS && !lane.isOwn(); more++) {
        round(warmNanos);
      }
      long begun = System.nanoTime();
      long packets = round(nanos);
      mpps = packets * 1000.0 / (System.nanoTime() - begun);
      empty();
      emptied = true;
      requireLookedAt();
    }

    private long round(long forNanos) {
      long begun = System.nanoTime();
      long packets = 0;
      while (!over && System.nanoTime() - begun < forNanos) {
        for (int i = 0; i < 64; i++) {
          packets += turn(true);
        }
      }
      return packets;
    }

    private int turn(boolean more) {
      int put = more ? lane.source() : 0;
      if (works) {
        lane.work();
      }
      int taken = lane.sink();
      underWay += put - taken;
      if (put + taken == 0) {
        Thread.onSpinWait();
      }
      return taken;
    }

    private void empty() {
      while (!over && underWay > 0) {
        turn(false);
      }
    }

    void work() {
      while (!over && !emptied) {
        if (lane.work() == 0) {
          Thread.onSpinWait();
        }
      }
    }

    /// A figure counts only if no handler's look at a packet was optimised away.
    private void requireLookedAt() {
      for (PacketHandler handler : handlers) {
        long seen = ((LongSupplier) handler).getAsLong();
        if (seen != lane.numbers() && !over) {
          throw new IllegalStateException(
              "a handler saw numbers to the sum of " + seen + ", not " + lane.numbers());
        }
      }
    }
  }
}
