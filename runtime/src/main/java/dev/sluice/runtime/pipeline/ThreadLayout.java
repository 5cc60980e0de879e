package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.KernelException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Which thread plays which role, and on which core.
final class ThreadLayout {
  private ThreadLayout() {}

  static List<StageThread> of(
      PipelineSettings settings,
      Cores cores,
      Bells bells,
      ReadThread read,
      List<WorkThread> workers,
      SendThread send) {
    List<Integer> list = cores.list();
    int spare = Runtime.getRuntime().availableProcessors() - Cores.threads();
    boolean awake = mayStayAwake(list, spare);
    Crewing crewing = new Crewing(settings.idle(), list, awake);
    if (settings.workThreads() == 0) {
      List<DutyCycle> roles = List.of(read, workers.getFirst(), send);
      return List.of(crewing.thread("fused-0", roles, bells.reading(), 0));
    }
    List<StageThread> threads = new ArrayList<>();
    threads.add(crewing.thread("read-0", List.of(read), bells.reading(), 0));
    threads.add(crewing.thread("send-0", List.of(send), bells.sending(), 1));
    for (int i = 0; i < workers.size(); i++) {
      List<DutyCycle> role = List.of(workers.get(i));
      threads.add(crewing.thread("work-" + i, role, bells.working().get(i), 2 + i));
    }
    return List.copyOf(threads);
  }

  /// What all threads of a pipeline have in common.
  private record Crewing(Idle.Kind kind, List<Integer> cores, boolean awake) {
    StageThread thread(String name, List<DutyCycle> roles, Bell bell, int which) {
      Idle idle = new Idle(kind, bell, roles, new Vigil(awake));
      return new StageThread(name, roles, idle, cores.get(which));
    }
  }

  /// Whether threads that wait may stay awake for a while ([Vigil]): each has a core, and one is
  /// left for the system.
  ///
  /// @param cores of each thread, -1 for none
  /// @param spare processors beyond one for each thread of all pipelines here
  static boolean mayStayAwake(List<Integer> cores, int spare) {
    boolean bound = !cores.contains(-1);
    return 0 < spare && !(bound && new HashSet<>(cores).size() < cores.size());
  }

  /// A core for each thread, -1 for none: ReadThread, SendThread, WorkThreads.
  ///
  /// @param allowed cores that this process may use, without those that threads are bound to which
  ///   another pipeline has
  /// @throws KernelException with a sentence for the operator, if the layout would not work on
  ///   these
  static List<Integer> cores(PipelineSettings settings, List<Integer> allowed)
      throws KernelException {
    int threads = settings.workThreads() == 0 ? 1 : 2 + settings.workThreads();
    refuseCrowd(settings, threads, allowed);
    List<Integer> none = Collections.nCopies(threads, -1);
    return switch (settings.affinity()) {
      case OFF -> none;
      case LISTED -> listed(settings, threads, allowed);
      // With one core to spare beyond the paper's layout, a bound thread is not in anybody's way.
      case AUTO -> allowed.size() > threads + 1 ? allowed.subList(1, 1 + threads) : none;
    };
  }

  /// Threads that never sleep, on fewer cores than threads, take each other's time slices: such a
  /// layout carries a tenth of what a sleeping one does.
  private static void refuseCrowd(PipelineSettings settings, int threads, List<Integer> allowed)
      throws KernelException {
    if (neverSleeps(settings) && allowed.size() < threads + 1) {
      throw new KernelException(
          idle(settings)
              + " with work-threads = "
              + settings.workThreads()
              + ": makes "
              + threads
              + (threads == 1 ? " thread that never sleeps" : " threads that never sleep")
              + ", which with one core for the system need "
              + (threads + 1)
              + " cores, and this process may use "
              + allowed.size()
              + " "
              + allowed
              + ": set idle = poll"
              + (settings.workThreads() == 0 || allowed.size() < 2 ? "" : ", or work-threads = 0"));
    }
  }

  private static boolean neverSleeps(PipelineSettings settings) {
    return settings.idle() != Idle.Kind.POLL;
  }

  private static String idle(PipelineSettings settings) {
    return "idle = " + settings.idle().name().toLowerCase(Locale.ROOT);
  }

  private static List<Integer> listed(PipelineSettings settings, int threads, List<Integer> allowed)
      throws KernelException {
    List<Integer> cores = settings.cores();
    if (cores.size() != threads || !allowed.containsAll(cores)) {
      throw new KernelException(
          "affinity lists the cores "
              + cores
              + ": give "
              + threads
              + " of "
              + allowed
              + ", for ReadThread, SendThread and WorkThreads in this order");
    }
    Set<Integer> distinct = new HashSet<>(cores);
    if (neverSleeps(settings) && distinct.size() < cores.size()) {
      throw new KernelException(
          "affinity lists the cores "
              + cores
              + ": with "
              + idle(settings)
              + " no core can serve two threads: list each core once, or set idle = poll");
    }
    return cores;
  }
}
