package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.Affinity;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.Poller;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// Which thread plays which role, and on which core.
final class ThreadLayout {
  private ThreadLayout() {}

  static List<StageThread> of(
      PipelineSettings settings,
      ReadThread read,
      List<WorkThread> workers,
      SendThread send,
      Poller poller)
      throws KernelException {
    List<Integer> cores = cores(settings);
    Idle.Kind idle = settings.idle();
    if (settings.workThreads() == 0) {
      Idle fused = new Idle(idle, poller::await);
      List<DutyCycle> roles = List.of(read, workers.getFirst(), send);
      return List.of(new StageThread("fused-0", roles, fused, cores.getFirst()));
    }
    List<StageThread> threads = new ArrayList<>();
    Idle reading = new Idle(idle, poller::await);
    threads.add(new StageThread("read-0", List.of(read), reading, cores.get(0)));
    Idle sending = new Idle(idle, Idle.parking());
    threads.add(new StageThread("send-0", List.of(send), sending, cores.get(1)));
    for (int i = 0; i < workers.size(); i++) {
      Idle working = new Idle(idle, Idle.parking());
      threads.add(new StageThread("work-" + i, List.of(workers.get(i)), working, cores.get(2 + i)));
    }
    return List.copyOf(threads);
  }

  /// A core for each thread, -1 for none: ReadThread, SendThread, WorkThreads.
  private static List<Integer> cores(PipelineSettings settings) throws KernelException {
    int threads = settings.workThreads() == 0 ? 1 : 2 + settings.workThreads();
    List<Integer> none = Collections.nCopies(threads, -1);
    return switch (settings.affinity()) {
      case OFF -> none;
      case LISTED -> listed(settings.cores(), threads);
      case AUTO -> {
        List<Integer> allowed = allowed();
        // With one core to spare beyond the paper's layout, a bound thread is not in anybody's way.
        yield allowed.size() > threads + 1 ? allowed.subList(1, 1 + threads) : none;
      }
    };
  }

  private static List<Integer> allowed() throws KernelException {
    return Arrays.stream(Affinity.allowedCpus()).boxed().toList();
  }

  private static List<Integer> listed(List<Integer> cores, int threads) throws KernelException {
    List<Integer> allowed = allowed();
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
    return cores;
  }
}
