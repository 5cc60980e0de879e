package dev.sluice.runtime.host;

import dev.sluice.runtime.control.ControlException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What an operator orders: carried out on the deploying thread, between its turns, while whoever
/// ordered it waits.
final class Orders {
  /// Further ones are refused.
  private static final int MOST_WAITING = 32;

  private final Runnable ring;
  private final ArrayBlockingQueue<Task> waiting = new ArrayBlockingQueue<>(MOST_WAITING);

  /// Who waits for what becomes of a file.
  private final Map<Path, Expected> expected = new ConcurrentHashMap<>();

  /// What somebody waits for.
  static final class Expected {
    private final Predicate<Outcome> answers;
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private boolean begun;

    private Expected(Predicate<Outcome> answers) {
      this.answers = answers;
    }

    /// Has outcomes count from now on: those before are of what was there before. On the deploying
    /// thread, in the order itself.
    void begin() {
      begun = true;
    }

    private void hear(Outcome heard) {
      if (begun && answers.test(heard)) {
        outcome.complete(heard);
      }
    }

    CompletableFuture<Outcome> outcome() {
      return outcome;
    }
  }

  /// Something for the deploying thread to do.
  interface Order<T> {
    T carryOut(Deployer deployer) throws RefusedException, InterruptedException;
  }

  private interface Task {
    void run(Deployer deployer);
  }

  /// @param ring ends the deploying thread's wait
  Orders(Runnable ring) {
    this.ring = ring;
  }

  /// Has an order carried out, and waits for it. For any thread but the deploying one.
  ///
  /// @throws ControlException if it is refused, or not carried out in time
  <T> T give(Order<T> order, Duration patience) throws ControlException, InterruptedException {
    AtomicReference<@Nullable Deployer> by = new AtomicReference<>();
    FutureTask<T> task =
        new FutureTask<>(() -> order.carryOut(java.util.Objects.requireNonNull(by.get())));
    boolean taken =
        waiting.offer(deployer -> {
          by.set(deployer);
          task.run();
        });
    if (!taken) {
      throw new ControlException("more than " + MOST_WAITING + " orders wait: try again later");
    }
    ring.run();
    try {
      return task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      task.cancel(false);
      throw new ControlException("the gateway is busy with another deployment: try again later", e);
    } catch (ExecutionException e) {
      throw new ControlException(
          e.getCause() instanceof RefusedException refused
              ? refused.sentence()
              : String.valueOf(e.getCause()),
          e);
    }
  }

  /// Expects an outcome of an order about this file, as soon as the order begins.
  ///
  /// @param answers whether an outcome is of what was ordered
  /// @throws ControlException if somebody else does
  Expected expect(Path file, Predicate<Outcome> answers) throws ControlException {
    Expected mine = new Expected(answers);
    if (expected.putIfAbsent(file, mine) != null) {
      throw new ControlException(file.getFileName() + ": another order is under way for it");
    }
    return mine;
  }

  /// Expects it no more.
  void forget(Path file, Expected mine) {
    expected.remove(file, mine);
  }

  /// Hears what became of a file. On the deploying thread.
  void heard(Outcome outcome) {
    expected.values().forEach(each -> each.hear(outcome));
  }

  /// The file that an outcome is about, if it is about one.
  static @Nullable Path fileOf(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Active active -> active.file();
      case Outcome.InForce inForce -> inForce.file();
      case Outcome.Refused refused -> refused.file();
      case Outcome.RolledBack rolledBack -> rolledBack.file();
      case Outcome.Quarantined quarantined -> quarantined.file();
      case Outcome.Removed removed -> removed.file();
      case Outcome.Reconfigured _, Outcome.ConfigurationRefused _ -> null;
    };
  }

  /// Symbolic name and version of what an outcome is about. A file that is refused has none.
  static @Nullable String titleOf(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Active active -> active.bundle();
      case Outcome.InForce inForce -> inForce.bundle();
      case Outcome.Refused _ -> null;
      case Outcome.RolledBack rolledBack -> rolledBack.bundle();
      case Outcome.Quarantined quarantined -> quarantined.bundle();
      case Outcome.Removed removed -> removed.bundle();
      case Outcome.Reconfigured reconfigured -> reconfigured.bundle();
      case Outcome.ConfigurationRefused refused -> refused.bundle();
    };
  }

  /// Carries out what waits. On the deploying thread.
  void carryOut(Deployer deployer) {
    for (Task task = waiting.poll(); task != null; task = waiting.poll()) {
      task.run(deployer);
    }
  }
}
