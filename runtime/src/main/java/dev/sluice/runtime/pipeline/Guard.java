package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Puts the handlers of one link on trial: until they have passed, a packet that one of them fails
/// at is judged by the fallback instead, as if the handler on trial had never seen it, and from
/// then on so is every packet, on all WorkThreads, until another chain is published.
///
/// A handler fails if it throws, answers null, breaks an ownership rule, takes longer than the
/// budget, or throws in a tick. What it handed over before it failed stays handed over. What it did
/// besides, such as data it sent, cannot be undone.
///
/// The trial begins when a chain with this guard is first published, and goes on in each later
/// chain that has the same guard. It is passed when its time is over, which counts from the first
/// packet, and so many packets were judged as were asked for; where they do not come, after ten
/// times that time; and all flows have gone over to the handlers on trial ([HandOver]). From then
/// on packets are neither copied nor timed; the host may publish the link without a guard when it
/// likes. One guard serves one link of one pipeline.
public final class Guard {
  /// What [#outcome] is when the trial is passed.
  static final Object PASSED = new Object();

  /// Longs from one WorkThread's count to the next, so that they share no cache line.
  private static final int APART = 16;

  private static final int MOST_WORKERS = 64;

  /// Packets of a WorkThread from one look whether the trial has seen enough to the next.
  private static final int LOOKS = 16;

  /// Budgets that a packet may take, whatever the reason.
  private static final int MOST_BUDGETS = 10;

  /// Budgets that a packet may take for which the virtual machine seems to have kept the thread.
  private static final int INFERRED_BUDGETS = 3;

  /// Such packets of a trial that are excused on each WorkThread: what keeps one keeps others too.
  private static final int MOST_EXCUSES = 3;

  /// Times that a trial lasts for which too few packets come.
  static final int LONGEST = 10;

  private final String bundle;
  private final List<PacketHandler> fallback;
  private final long packets;
  private final long timeNanos;
  private final long budgetNanos;
  private final HandOver handOver;
  private final AtomicLongArray judged = new AtomicLongArray(APART * (MOST_WORKERS + 2));

  /// Null while the trial runs, then [#PASSED] or a [Failure]: set once, by compare-and-set, so
  /// that exactly one of several ends is the one that counts.
  private final AtomicReference<@Nullable Object> outcome = new AtomicReference<>();

  private final AtomicIntegerArray excused = new AtomicIntegerArray(MOST_WORKERS);
  private volatile long begunNanos;
  private volatile boolean begun;

  /// When the first packet was judged, 0 while none was: a chain may be in force for long before
  /// the ports receive.
  private volatile long firstNanos;

  /// Why a trial failed.
  ///
  /// @param what was thrown, as text, or empty
  /// @param packet running number of the packet, about right where several WorkThreads count
  private record Failure(CanaryState.Cause cause, String what, long packet, long tookNanos) {}

  /// What is known where there was no memory to note it.
  private static final Failure NO_MEMORY =
      new Failure(CanaryState.Cause.THREW, FailureText.NO_MEMORY, 0, 0);

  /// A trial that has not begun.
  ///
  /// @param bundle symbolic name and version that the fallback's packets are counted for
  /// @param fallback one instance for each WorkThread: those of the version before, or such as
  ///   answer what was before
  /// @param packets wanted for a trial that tells something, at least 1
  /// @param time that the trial takes
  /// @param budget longest that a handler may take for one packet, but for what is no fault of its
  ///   ([TrialClock])
  /// @param handOver by which flows go over to the handlers on trial, with as many shares
  public Guard(
      String bundle,
      List<PacketHandler> fallback,
      long packets,
      Duration time,
      Duration budget,
      HandOver handOver) {
    if (packets < 1 || time.isNegative() || !budget.isPositive()) {
      throw new IllegalArgumentException(
          "guard: packets = "
              + packets
              + ", time = "
              + time
              + ", budget = "
              + budget
              + ": allowed: packets 1 or more, a time not negative, a budget above 0");
    }
    if (fallback.size() > MOST_WORKERS) {
      throw new IllegalArgumentException(
          "guard: " + fallback.size() + " fallback handlers: allowed: at most " + MOST_WORKERS);
    }
    this.bundle = bundle;
    this.fallback = List.copyOf(fallback);
    this.packets = packets;
    this.timeNanos = nanos(time);
    this.budgetNanos = nanos(budget);
    this.handOver = handOver;
  }

  /// A trial that all flows go over to at once.
  public Guard(
      String bundle, List<PacketHandler> fallback, long packets, Duration time, Duration budget) {
    this(bundle, fallback, packets, time, budget, HandOver.atOnce(fallback.size()));
  }

  /// One that begins anew against other instances of what was before. Flows that have gone over do
  /// not go back.
  public Guard against(List<PacketHandler> instances) {
    return new Guard(
        bundle,
        instances,
        packets,
        Duration.ofNanos(timeNanos),
        Duration.ofNanos(budgetNanos),
        handOver);
  }

  private static long nanos(Duration duration) {
    boolean fits = duration.compareTo(Duration.ofNanos(Long.MAX_VALUE / 2)) < 0;
    return fits ? duration.toNanos() : Long.MAX_VALUE / 2;
  }

  /// The bundle that the fallback's packets are counted for.
  public String bundle() {
    return bundle;
  }

  /// One instance for each WorkThread.
  public List<PacketHandler> fallback() {
    return fallback;
  }

  /// Called when a chain with this guard is put in force; only the first call counts.
  void begin() {
    if (!begun) {
      begunNanos = System.nanoTime();
      handOver.begin(begunNanos);
      begun = true;
    }
  }

  /// How flows go over to the handlers on trial.
  public HandOver handOver() {
    return handOver;
  }

  /// Null while the trial runs; for each packet, so no more than it must be: what it reads besides
  /// is final, and a moment's delay on another WorkThread does no harm.
  @Nullable Object outcome() {
    return outcome.getOpaque();
  }

  /// Looks at what a handler on trial did with a packet.
  ///
  /// @param worker index of the calling WorkThread
  /// @param failure what was thrown, or null
  /// @param owned whether the packet was not handed over
  /// @param took what of the time since `begun` counts ([TrialClock])
  /// @return whether all is well
  boolean judged(
      int worker,
      @Nullable Verdict verdict,
      @Nullable Object failure,
      boolean owned,
      long begun,
      long took) {
    int at = APART * (worker + 1);
    judged.setOpaque(at, judged.getPlain(at) + 1);
    if (firstNanos == 0) {
      firstNanos = begun;
    }
    CanaryState.Cause cause = cause(verdict, failure, owned, took);
    if (cause != CanaryState.Cause.NONE) {
      fail(cause, failure, took);
      return false;
    }
    // Adding up what all WorkThreads have judged is too much for each packet.
    if (judged.getPlain(at) % LOOKS == 0 && isEnough(sum(), begun + took)) {
      pass();
    }
    return true;
  }

  boolean isWithinBudget(long took) {
    return took <= budgetNanos;
  }

  /// Whether it matters that a part of this time was no fault of the handler's ([TrialClock]).
  /// Threads of a bundle may have taken the processor, so ten budgets are the most.
  boolean mayBeExcused(long took) {
    return !isWithinBudget(took) && took / MOST_BUDGETS <= budgetNanos;
  }

  /// The same of what is only inferred.
  boolean mayBeInferred(long took) {
    return !isWithinBudget(took) && took / INFERRED_BUDGETS <= budgetNanos;
  }

  /// Whether one more packet is excused for what is only inferred.
  boolean excuses(int worker) {
    return excused.getAndIncrement(worker) < MOST_EXCUSES;
  }

  private CanaryState.Cause cause(
      @Nullable Verdict verdict, @Nullable Object failure, boolean owned, long took) {
    if (failure != null) {
      return CanaryState.Cause.THREW;
    }
    if (verdict == null) {
      return CanaryState.Cause.NO_VERDICT;
    }
    if ((verdict == Verdict.TAKEN) == owned) {
      return CanaryState.Cause.MISUSED;
    }
    return isWithinBudget(took) ? CanaryState.Cause.NONE : CanaryState.Cause.SLOW;
  }

  private void fail(CanaryState.Cause cause, @Nullable Object what, long took) {
    if (outcome.get() == null) {
      outcome.compareAndSet(null, failure(cause, what, took));
    }
  }

  private Failure failure(CanaryState.Cause cause, @Nullable Object what, long took) {
    try {
      return new Failure(cause, FailureText.of(what), sum(), took);
    } catch (OutOfMemoryError _) { // most likely it is what was thrown
      return NO_MEMORY;
    }
  }

  /// A thread is stuck in the handler on trial.
  void stuck() {
    fail(CanaryState.Cause.STUCK, null, 0);
  }

  /// A tick of a handler on trial threw; of no account once the trial is over.
  void tickFailed(Throwable failure) {
    fail(CanaryState.Cause.TICK_THREW, failure, 0);
  }

  /// What came with it does not lag behind on a WorkThread that had no packets yet.
  private void pass() {
    handOver.end();
    outcome.compareAndSet(null, PASSED);
  }

  /// Whether a trial has seen enough: the packets that were asked for, or, where so many do not
  /// come, what came in a much longer time; and every flow has gone over.
  private boolean isEnough(long sum, long now) {
    long first = firstNanos;
    long took = now - first;
    return first != 0
        && took >= timeNanos
        && (sum >= packets || took / LONGEST >= timeNanos)
        && !handOver.isPending(now);
  }

  private long sum() {
    long sum = 0;
    for (int worker = 0; worker < MOST_WORKERS; worker++) {
      sum += judged.getOpaque(APART * (worker + 1));
    }
    return sum;
  }

  /// How the trial stands. For any thread; to be asked now and then, for nobody is told, and where
  /// no packet comes any more it is this call that ends a trial whose time is over.
  public CanaryState state() {
    long sum = sum();
    boolean over = begun && System.nanoTime() - begunNanos >= timeNanos;
    if (isEnough(sum, System.nanoTime())) {
      pass();
    }
    // Acquire, by way of the volatile read: what failed is seen whole.
    Object now = outcome.get();
    if (now instanceof Failure failure) {
      return new CanaryState(
          CanaryState.Phase.FAILED, sum, packets, failure.cause(), told(failure), failure.packet());
    }
    CanaryState.Phase unfinished = over ? CanaryState.Phase.WAITING : CanaryState.Phase.RUNNING;
    CanaryState.Phase phase = now == PASSED ? CanaryState.Phase.PASSED : unfinished;
    return new CanaryState(phase, sum, packets, CanaryState.Cause.NONE, "", 0);
  }

  private String told(Failure failure) {
    String what = failure.what();
    return switch (failure.cause()) {
      case THREW -> "threw " + what;
      case TICK_THREW -> "threw in a tick: " + what;
      case NO_VERDICT -> HandlerCounters.NO_VERDICT;
      case MISUSED -> "broke an ownership rule: TAKEN without a hand-over, or the reverse";
      case SLOW ->
          "took " + failure.tookNanos() / 1000 + " us, allowed " + budgetNanos / 1000 + " us";
      case STUCK -> "did not return";
      case NONE -> "";
    };
  }
}
