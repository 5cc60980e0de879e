package dev.sluice.kernel;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Work inside another network namespace, network_namespaces(7).
public final class NetworkNamespace {
  private static final String FOLDER = "/run/netns/"; // where ip-netns(8) keeps them

  private NetworkNamespace() {}

  /// Runs `task` on a new platform thread that has entered a namespace, and waits for it. What the
  /// task opens stays in that namespace; processes it starts are in it too; the calling thread
  /// stays where it is. It needs CAP_SYS_ADMIN.
  ///
  /// @param nameOrPath a name of `ip netns`, or a path such as `/proc/1234/ns/net`
  /// @throws KernelException if there is no such namespace or it may not be entered
  /// @throws Exception whatever `task` throws
  public static <T> T call(String nameOrPath, Callable<T> task) throws Exception {
    String path = nameOrPath.contains("/") ? nameOrPath : FOLDER + nameOrPath;
    return onThread(
        "netns " + nameOrPath,
        () -> {
          enter(path);
          return task.call();
        });
  }

  /// The same in a new namespace, which ends when nothing of it is open any more.
  static <T> T callInNew(Callable<T> task) throws Exception {
    return onThread(
        "new netns",
        () -> {
          Errno.require(SchedCalls.newNetworkNamespace(), "Making a network namespace");
          return task.call();
        });
  }

  private static <T> T onThread(String name, Callable<T> task) throws Exception {
    FutureTask<T> future = new FutureTask<>(task);
    Thread thread = Thread.ofPlatform().name(name).start(future);
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw unwrap(e);
    } catch (InterruptedException e) {
      thread.interrupt();
      throw e;
    }
  }

  private static void enter(String path) throws KernelException {
    String what = "Entering the network namespace " + path;
    int fd = (int) Errno.require(FileCalls.openForReading(path), what);
    try {
      Errno.require(SchedCalls.enterNetworkNamespace(fd), what);
    } finally {
      FileCalls.close(fd);
    }
  }

  private static Exception unwrap(ExecutionException e) {
    return switch (e.getCause()) {
      case Exception cause -> cause;
      case Error cause -> throw cause;
      case null, default -> e;
    };
  }
}
