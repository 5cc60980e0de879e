package dev.sluice.runtime.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/// How a pipeline is cut. The defaults of [#standard] follow the paper: n slots in a ring, 2n in a
/// RecvQueue, n for each WorkThread in the SendQueue.
///
/// @param workThreads 1..64 WorkThreads beside a ReadThread and a SendThread; 0 runs all stages in
///   one thread
/// @param poolFrames frames for what the ports receive, 64..2097152
/// @param dataFrames frames for what `sendData` sends, 64..1048576
/// @param recvQueue capacity of each RecvQueue, 64..1048576
/// @param sendQueue capacity of the SendQueue, 64..8388608
/// @param batch most frames a stage takes in one turn, 1..1024
/// @param idle what a thread does that finds no work
/// @param affinity how threads are bound to cores
/// @param cores for [Affinity#LISTED]: ReadThread, SendThread, then WorkThreads; or one core for
///   the fused thread
/// @param passed frames that go to the handlers although the wire parser refuses them
/// @param handlerBudget longest call of a handler or hash function, 1 ms to 60 s, after which its
///   thread is replaced; 0 for no limit
public record PipelineSettings(
    int workThreads,
    int poolFrames,
    int dataFrames,
    int recvQueue,
    int sendQueue,
    int batch,
    Idle.Kind idle,
    Affinity affinity,
    List<Integer> cores,
    Set<Passed> passed,
    Duration handlerBudget) {

  /// Long enough for a handler that is merely slow, and for a machine that is merely busy.
  public static final Duration HANDLER_BUDGET = Duration.ofMillis(100);

  /// The paper's n.
  public static final int RING_FRAMES = 2048;

  /// How threads are bound to cores.
  public enum Affinity {
    /// After the paper, where there are enough cores: the first for the system, ReadThread and
    /// SendThread on the next two, WorkThreads on the rest. Else threads are not bound.
    AUTO,
    OFF,
    /// As the operator lists.
    LISTED
  }

  /// Exceptions from dropping what cannot be judged whole.
  public enum Passed {
    MALFORMED,
    FRAGMENTS
  }

  public PipelineSettings {
    within("work-threads", workThreads, 0, 64);
    within("pool-frames", poolFrames, 64, 1 << 21);
    within("data-frames", dataFrames, 64, 1 << 20);
    within("recv-queue", recvQueue, 64, 1 << 20);
    within("send-queue", sendQueue, 64, 1 << 23);
    within("batch", batch, 1, 1024);
    if (sendQueue < batch || recvQueue < batch) {
      throw new IllegalArgumentException("batch = " + batch + ": must fit into each queue");
    }
    cores = List.copyOf(cores);
    passed = Set.copyOf(passed);
    if (!handlerBudget.isZero()) {
      within("handler-budget-ms", Math.clamp(handlerBudget.toMillis(), -1, 60_001), 1, 60_000);
    }
  }

  /// With the default budget for handlers.
  public PipelineSettings(
      int workThreads,
      int poolFrames,
      int dataFrames,
      int recvQueue,
      int sendQueue,
      int batch,
      Idle.Kind idle,
      Affinity affinity,
      List<Integer> cores,
      Set<Passed> passed) {
    this(
        workThreads,
        poolFrames,
        dataFrames,
        recvQueue,
        sendQueue,
        batch,
        idle,
        affinity,
        cores,
        passed,
        HANDLER_BUDGET);
  }

  /// The same but for the budget.
  public PipelineSettings withHandlerBudget(Duration budget) {
    return new PipelineSettings(
        workThreads,
        poolFrames,
        dataFrames,
        recvQueue,
        sendQueue,
        batch,
        idle,
        affinity,
        cores,
        passed,
        budget);
  }

  private static void within(String name, int value, int min, int max) {
    if (value < min || max < value) {
      throw new IllegalArgumentException(name + " = " + value + ": allowed: " + min + ".." + max);
    }
  }

  /// The defaults for this many WorkThreads.
  public static PipelineSettings standard(int workThreads) {
    int workers = Math.max(1, workThreads);
    return new PipelineSettings(
        workThreads,
        RING_FRAMES * (6 + workers),
        RING_FRAMES,
        2 * RING_FRAMES,
        RING_FRAMES * workers,
        64,
        Idle.Kind.POLL,
        Affinity.AUTO,
        List.of(),
        Set.of());
  }

  /// Number of WorkThreads, counting the fused thread as one.
  int workers() {
    return Math.max(1, workThreads);
  }
}
