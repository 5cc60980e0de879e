package dev.sluice.runtime.host;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.framework.BundleException;

/// Runs what belongs to a bundle, which may never come back, for a bounded time.
final class TimeLimit {
  private TimeLimit() {}

  /// Runs `work` on a thread of its own. One that does not end in time is interrupted and left
  /// behind.
  ///
  /// @param what names the work in the sentence: "its start"
  /// @throws RefusedException if it threw, or did not end in time
  static <T> T call(String what, Duration limit, Callable<T> work) throws RefusedException {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().name("deploy-step").daemon().start(task);
    try {
      return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      task.cancel(true);
      throw new RefusedException(what + " did not end within " + limit.toMillis() + " ms");
    } catch (ExecutionException e) {
      throw refusal(what, e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      task.cancel(true);
      Thread.currentThread().interrupt();
      throw new RefusedException("the gateway is stopping");
    }
  }

  private static RefusedException refusal(String what, Throwable cause) {
    return switch (cause) {
      case RefusedException refused -> refused;
      case BundleException unfit -> new RefusedException(Sentence.of(unfit));
      default -> new RefusedException(what + " failed: " + Sentence.of(cause));
    };
  }
}
