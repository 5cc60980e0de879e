package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.PacketHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The threads of a pipeline with the roles they play now, and how one is replaced that is stuck in
/// foreign code.
final class Crew {
  private final Publisher publisher;
  private final StuckThreads stuckThreads;

  /// Written under the lock of this; volatile, so that whoever reads it sees it whole.
  private volatile Roster roster;

  /// Guarded by this.
  private boolean stopping;

  private volatile @Nullable Throwable failure;

  /// What replaced threads had allocated by then.
  private volatile long allocatedBefore;

  /// Who plays which role.
  private record Roster(ReadThread read, List<WorkThread> workers, List<StageThread> threads) {}

  Crew(
      ReadThread read,
      List<WorkThread> workers,
      List<StageThread> threads,
      Publisher publisher,
      StuckThreads stuckThreads) {
    this.roster = new Roster(read, List.copyOf(workers), List.copyOf(threads));
    this.publisher = publisher;
    this.stuckThreads = stuckThreads;
  }

  ReadThread read() {
    return roster.read();
  }

  List<WorkThread> workers() {
    return roster.workers();
  }

  List<StageThread> threads() {
    return roster.threads();
  }

  void start() {
    threads().forEach(StageThread::start);
  }

  /// Asks all to end after their turn; none is started any more.
  synchronized void stop() {
    stopping = true;
    threads().forEach(StageThread::stop);
  }

  void wake() {
    threads().forEach(StageThread::wake);
  }

  /// Waits for the end of all, those included that are replaced meanwhile.
  ///
  /// @param until as [System#nanoTime] says
  /// @return those that have not ended
  List<StageThread> join(long until) {
    boolean interrupted = Thread.interrupted();
    List<StageThread> left = running();
    while (!left.isEmpty() && until - System.nanoTime() > 0) {
      LockSupport.parkNanos(200_000);
      interrupted |= Thread.interrupted();
      left = running();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return left;
  }

  private List<StageThread> running() {
    return threads().stream().filter(thread -> !thread.hasEnded()).toList();
  }

  /// Whether the caller is one of the threads, or was one.
  boolean isCaller() {
    return threads().stream().anyMatch(StageThread::isCaller) || stuckThreads.isCaller();
  }

  /// Whether no thread uses a generation before this one, but for calls that are stuck.
  boolean hasReached(long number) {
    Roster now = roster;
    return now.read().cell().hasReached(number)
        && now.workers().stream().allMatch(worker -> worker.cell().hasReached(number));
  }

  long allocatedBytes() {
    long sum = allocatedBefore;
    for (StageThread thread : threads()) {
      sum += thread.allocatedBytes();
    }
    return sum;
  }

  /// What ended a thread before its time, or null while all is well.
  @Nullable Throwable failure() {
    if (failure != null) {
      return failure;
    }
    for (StageThread thread : threads()) {
      if (thread.failure() != null) {
        return thread.failure();
      }
    }
    return null;
  }

  void failed(Throwable e) {
    failure = e;
  }

  /// Whom a deposed role was calling.
  ///
  /// @param looks like the packet that was being judged, or null if it was handed over
  record Culprit(
      String bundle,
      Optional<PacketHandler> instance,
      Stuck.Call call,
      int worker,
      long generation,
      @Nullable Frame looks) {
    private void isolate(Consumer<Frame> isolate) {
      if (looks != null) {
        isolate.accept(looks);
      }
    }
  }

  /// Puts a fresh thread in place of one that was deposed from a role, and decides what becomes of
  /// its frames. For the watchdog.
  ///
  /// @param isolate is given the packet, where there is one, before anybody is told and before the
  ///   fresh thread meets others of its flow
  synchronized Culprit replace(
      StageThread stuck, CallingRole role, long call, Consumer<Frame> isolate) {
    Thread thread = stuck.thread();
    if (thread == null) {
      throw new IllegalStateException("a thread is stuck that was not started");
    }
    CallingRole fresh;
    Culprit culprit;
    if (role instanceof WorkThread worker) {
      Frame kept = worker.settle();
      culprit = culprit(worker, call, kept);
      culprit.isolate(isolate);
      stuckThreads.add(thread, kept);
      culprit.instance().ifPresent(instance -> publisher.withdraw(instance, thread));
      fresh = worker.succeed();
    } else {
      ReadThread read = (ReadThread) role;
      HashFunction hash = read.inUse().hash();
      culprit = culprit(read, hash);
      culprit.isolate(isolate);
      stuckThreads.add(thread, read.hashed());
      publisher.withdrawHash(hash, thread);
      fresh = read.succeed(publisher.standIns().ownHash());
    }
    stuck.giveWay();
    allocatedBefore += stuck.allocatedBytes();
    enlist(stuck, role, fresh);
    return culprit;
  }

  /// @param kept what the handler can still touch, or null: a packet that it handed over may be
  ///   another by now, whose flow has done nothing
  private static Culprit culprit(WorkThread worker, long call, @Nullable Frame kept) {
    Generation generation = worker.inUse();
    LoopSpinner.Counted counted =
        generation.handlers().get(worker.index()).get(CallingRole.place(call));
    return new Culprit(
        counted.counters().bundle(),
        Optional.of(counted.handler()),
        CallingRole.isTick(call) ? Stuck.Call.TICK : Stuck.Call.RECEIVE,
        worker.index(),
        generation.number(),
        kept == null ? null : kept.likeness());
  }

  private static Culprit culprit(ReadThread read, HashFunction hash) {
    Frame hashed = read.hashed();
    return new Culprit(
        "hash function " + hash.getClass().getName(),
        Optional.empty(),
        Stuck.Call.HASH,
        -1,
        read.inUse().number(),
        hashed == null ? null : hashed.likeness());
  }

  /// A thread that is not to be started counts as ended, and its roles use no generation.
  private void enlist(StageThread stuck, CallingRole role, CallingRole fresh) {
    Roster before = roster;
    StageThread next = stuck.succeed(replaced(stuck.roles(), role, fresh));
    roster =
        new Roster(
            before.read() == role ? (ReadThread) fresh : before.read(),
            fresh instanceof WorkThread worker
                ? replaced(before.workers(), (WorkThread) role, worker)
                : before.workers(),
            replaced(before.threads(), stuck, next));
    if (stuckThreads.count() > StuckThreads.MOST) {
      failure =
          new IllegalStateException(
              stuckThreads.count() + " threads are stuck in handlers: no further one is replaced");
    }
    if (stopping || failure != null) {
      next.roles().forEach(DutyCycle::leave);
    } else {
      next.start();
    }
  }

  private static <T> List<T> replaced(List<T> all, T old, T fresh) {
    List<T> next = new ArrayList<>(all);
    next.set(next.indexOf(old), fresh);
    return List.copyOf(next);
  }
}
