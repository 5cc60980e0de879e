package dev.sluice.runtime.pipeline;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The thread that notices when foreign code does not return to a thread of the packet path, and
/// has that thread replaced: [CallingRole] tells how it can be sure, [Crew] what happens then.
///
/// It looks every few milliseconds. What it counts is the time between its own looks, and never
/// more than four times what is between two of them: when the whole process stood still, that was
/// no handler's fault. A thread that wants to run and is given no processor is not stuck either,
/// until it has been so for ten times the budget.
final class Watchdog implements Runnable {
  private static final long LONGEST_PERIOD = 10_000_000;
  private static final long SHORTEST_PERIOD = 500_000;
  private static final int STARVED_BUDGETS = 10;
  private static final int EXPIRE_LOOKS = 100;

  /// For how long packets of a flow are dropped that had a handler stuck.
  static final Duration QUARANTINE = Duration.ofSeconds(60);

  private static final Set<String> CALLED =
      Stream.of(Frame.class, Pipeline.class, SendingHalf.class, StackRoom.class)
          .map(Class::getName)
          .collect(Collectors.toUnmodifiableSet());

  private static final class Accounts {
    static final ThreadMXBean OF_THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  }

  private final Crew crew;
  private final StuckThreads stuckThreads;
  private final FlowQuarantine quarantine;
  private final long budget;
  private final long period;
  private final IdentityHashMap<StageThread, Watch> watches = new IdentityHashMap<>();
  private final Thread thread;
  private volatile Incidents incidents = Watchdog::log;
  private volatile boolean stopping;

  /// How long one call has been seen.
  private static final class Watch {
    long call;
    long age;

    /// The processor's time of the thread, and its age, when the call was seen for the second time.
    long processorTime;

    long agedThen;
  }

  /// @param budget longest call, in nanoseconds; 0 for no limit
  Watchdog(Crew crew, StuckThreads stuckThreads, FlowQuarantine quarantine, long budget) {
    this.crew = crew;
    this.stuckThreads = stuckThreads;
    this.quarantine = quarantine;
    this.budget = budget;
    this.period = Math.clamp(budget / 10, SHORTEST_PERIOD, LONGEST_PERIOD);
    this.thread = Thread.ofPlatform().name("watchdog-0").daemon(true).unstarted(this);
  }

  void start() {
    thread.start();
  }

  /// Who is told of incidents, in place of the log.
  void incidents(Incidents told) {
    incidents = told;
  }

  /// Waits for its end, unless it is the caller.
  void stop() {
    stopping = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive() && Thread.currentThread() != thread) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void run() {
    try {
      long before = System.nanoTime();
      for (int looks = 0; !stopping; looks++) {
        LockSupport.parkNanos(this, period);
        long now = System.nanoTime();
        look(Math.min(now - before, 4 * period));
        before = now;
        stuckThreads.reclaim();
        if (looks % EXPIRE_LOOKS == 0) {
          quarantine.expire();
        }
      }
    } catch (RuntimeException | Error e) {
      crew.failed(e);
      System.getLogger(Watchdog.class.getName())
          .log(System.Logger.Level.ERROR, "the watchdog ended: no handler is watched now", e);
    }
  }

  private void look(long passed) {
    if (budget == 0) {
      return;
    }
    for (StageThread each : crew.threads()) {
      CallingRole calling = calling(each);
      if (calling == null) {
        watches.remove(each);
      } else if (age(each, calling.mark(), passed) >= budget) {
        suspect(each, calling);
      }
    }
  }

  /// At most one role of a thread is in a call.
  private static @Nullable CallingRole calling(StageThread thread) {
    for (DutyCycle role : thread.roles()) {
      if (role instanceof CallingRole calling && CallingRole.isCall(calling.mark())) {
        return calling;
      }
    }
    return null;
  }

  private long age(StageThread each, long call, long passed) {
    Watch watch = watches.computeIfAbsent(each, _ -> new Watch());
    if (watch.call != call) {
      watch.call = call;
      watch.age = 0;
      return 0;
    }
    if (watch.age == 0) {
      watch.processorTime = processorTime(each);
      watch.agedThen = passed;
    }
    watch.age += passed;
    return watch.age;
  }

  private static long processorTime(StageThread of) {
    Thread thread = of.thread();
    return thread == null ? -1 : Accounts.OF_THREADS.getThreadCpuTime(thread.threadId());
  }

  /// A call has lasted too long, as far as one can see from outside.
  private void suspect(StageThread each, CallingRole role) {
    Watch watch = watches.get(each);
    Thread suspected = each.thread();
    if (watch == null || suspected == null || !CallingRole.isCall(watch.call) || !role.request()) {
      return;
    }
    StackTraceElement[] stack = suspected.getStackTrace(); // the handshake
    if (starved(watch, each, suspected, stack) || stack.length == 0 || !role.depose(watch.call)) {
      role.withdraw();
      return;
    }
    boolean deadlocked = isDeadlocked(suspected);
    Crew.Culprit culprit = crew.replace(each, role, watch.call, this::isolate);
    watches.remove(each);
    tell(each, suspected, stack, deadlocked, watch.age, culprit);
  }

  private boolean starved(
      Watch watch, StageThread each, Thread suspected, StackTraceElement[] stack) {
    if (suspected.getState() != Thread.State.RUNNABLE
        || (stack.length > 0 && stack[0].isNativeMethod())
        || watch.age >= STARVED_BUDGETS * budget) {
      return false;
    }
    long had = processorTime(each) - watch.processorTime;
    return had < (watch.age - watch.agedThen) / 10;
  }

  private static boolean isDeadlocked(Thread suspected) {
    if (suspected.getState() == Thread.State.RUNNABLE) {
      return false;
    }
    long[] ids = Accounts.OF_THREADS.findDeadlockedThreads();
    return ids != null && Arrays.stream(ids).anyMatch(id -> id == suspected.threadId());
  }

  private void isolate(Frame packet) {
    quarantine.add(packet, QUARANTINE.toNanos());
  }

  private void tell(
      StageThread each,
      Thread suspected,
      StackTraceElement[] stack,
      boolean deadlocked,
      long age,
      Crew.Culprit culprit) {
    Frame looks = culprit.looks();
    Stuck stuck =
        new Stuck(
            culprit.bundle(),
            culprit.instance(),
            culprit.call(),
            culprit.worker(),
            each.name(),
            where(stack),
            deadlocked,
            Duration.ofNanos(age),
            culprit.generation(),
            looks == null ? "" : told(looks),
            suspected);
    try {
      incidents.stuck(stuck);
    } catch (RuntimeException | Error e) {
      System.getLogger(Watchdog.class.getName())
          .log(System.Logger.Level.ERROR, "telling of a stuck handler: " + stuck.text(), e);
    }
  }

  private static String told(Frame packet) {
    String start = packet.length() + " bytes from " + packet.arrivedBy().name();
    return start + ", " + FlowText.of(packet);
  }

  /// The topmost frame of the stack that is not the JDK's, nor of what handlers call of ours.
  static String where(StackTraceElement[] stack) {
    StackTraceElement found = stack[0];
    for (int i = stack.length - 1; i >= 0; i--) {
      if (!isLibrary(stack[i])) {
        found = stack[i];
      }
    }
    String file = found.getFileName() == null ? "?" : found.getFileName();
    String line = found.getLineNumber() < 0 ? "" : ":" + found.getLineNumber();
    return found.getClassName() + "." + found.getMethodName() + "(" + file + line + ")";
  }

  private static boolean isLibrary(StackTraceElement frame) {
    String module = frame.getModuleName();
    String name = frame.getClassName();
    return (module != null && (module.startsWith("java.") || module.startsWith("jdk.")))
        || name.startsWith("dev.sluice.plugin.")
        || name.startsWith("dev.sluice.wire.")
        || CALLED.contains(name);
  }

  private static void log(Stuck stuck) {
    System.getLogger(Watchdog.class.getName()).log(System.Logger.Level.WARNING, stuck.text());
  }
}
