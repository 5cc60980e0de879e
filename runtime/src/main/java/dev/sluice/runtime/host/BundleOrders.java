package dev.sluice.runtime.host;

import dev.sluice.runtime.control.Answer;
import dev.sluice.runtime.control.ControlException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The orders that change the chain. What they do to `bundles/` an operator could do by hand: the
/// folder stays the one place that says what is to run.
final class BundleOrders {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path folder;
  private final BundleStore store;
  private final BundleDrop drop;
  private final Orders orders;

  /// How long an outcome is waited for: all flows may take their time to go over.
  private final Duration outcomePatience;

  /// @param folder `bundles/`
  /// @param store looks into a file before anything of it comes into the folder
  /// @param handOver how long flows may take to go over to a new version
  BundleOrders(Path folder, BundleStore store, Orders orders, Duration handOver) {
    this.outcomePatience = PATIENCE.plus(handOver);
    this.folder = folder;
    this.store = store;
    this.drop = new BundleDrop(folder, store);
    this.orders = orders;
  }

  /// Copies a file into the folder, and waits for what becomes of it.
  Answer deploy(Path file, boolean downgrade) throws ControlException, InterruptedException {
    long began = System.nanoTime();
    try {
      if (!file.isAbsolute() || !Files.isRegularFile(file)) {
        throw new RefusedException(file + ": no such file; allowed: the absolute path of a JAR");
      }
      try (BundleStore.Received received = store.receive(file)) {
        Prepared ready = orders.give(deployer -> prepare(deployer, received, downgrade), PATIENCE);
        if (ready.answer() != null) {
          return ready.answer();
        }
        Path target = ready.running();
        return put(received, target == null ? drop.target(file, received) : target, began);
      }
    } catch (RefusedException e) {
      return new Answer(Answer.Outcome.REFUSED, e.sentence(), generation(), millis(began));
    }
  }

  private Answer put(BundleStore.Received received, Path target, long began)
      throws RefusedException, ControlException, InterruptedException {
    Orders.Expected expected = orders.expect(target, answersFor(target, received));
    try (BundleDrop.Beside beside = drop.beside(received)) {
      Optional<RefusedException> refusal =
          orders.give(
              deployer -> {
                expected.begin();
                return move(deployer, beside, target, received);
              },
              PATIENCE);
      if (refusal.isPresent()) {
        throw refusal.get();
      }
      return answer(expected.outcome(), began);
    } catch (IOException e) {
      throw new ControlException(folder + ": cannot be written: " + e, e);
    } finally {
      orders.forget(target, expected);
    }
  }

  /// @param running the file that the bundle runs from, if it runs
  /// @param answer if nothing is to be done
  private record Prepared(@Nullable Path running, @Nullable Answer answer) {}

  private Prepared prepare(Deployer deployer, BundleStore.Received received, boolean downgrade) {
    if (downgrade) {
      deployer.intake().allowDowngrade(received.sha256());
    }
    Deployment running = deployer.deployed(received.headers().symbolicName()).orElse(null);
    if (running == null) {
      return new Prepared(null, null);
    }
    StoredBundle stored = running.stored();
    if (!running.runs(received.sha256())) {
      return new Prepared(folder.resolve(stored.fileName()), null);
    }
    String sentence = stored.title() + " is in the chain already, with this very content";
    return new Prepared(
        null, new Answer(Answer.Outcome.ACTIVE, sentence, deployer.generation(), 0));
  }

  /// Between two turns, so that what was there before has had its outcome or gets none.
  private static Optional<RefusedException> move(
      Deployer deployer, BundleDrop.Beside beside, Path target, BundleStore.Received received)
      throws RefusedException {
    String name = received.headers().symbolicName();
    for (String other : deployer.intake().symbolicNames()) {
      if (!other.equals(name) && deployer.intake().filesOf(other).contains(target)) {
        return Optional.of(BundleDrop.isOf(target, other, name));
      }
    }
    try {
      Files.move(beside.file(), target, StandardCopyOption.ATOMIC_MOVE);
      return Optional.empty();
    } catch (IOException e) {
      throw new RefusedException(target + ": cannot be written: " + e);
    }
  }

  /// An outcome of this file and, if it tells the version, of this one.
  private static Predicate<Outcome> answersFor(Path target, BundleStore.Received received) {
    String title = received.headers().symbolicName() + "/" + received.headers().version();
    return outcome -> {
      String told = Orders.titleOf(outcome);
      return target.equals(Orders.fileOf(outcome)) && (told == null || told.equals(title));
    };
  }

  /// Takes a bundle's files out of the folder, and waits until it has left the chain.
  Answer undeploy(String name) throws ControlException, InterruptedException {
    long began = System.nanoTime();
    Deployment running = orders.give(deployer -> deployer.require(name), PATIENCE);
    Path file = running.stored().file();
    String bundle = running.stored().symbolicName() + "/";
    Orders.Expected expected =
        orders.expect(
            file,
            heard ->
                heard instanceof Outcome.Removed removed && removed.bundle().startsWith(bundle));
    try {
      List<Path> files =
          orders.give(
              deployer -> {
                expected.begin();
                return deployer.intake().filesOf(running.stored().symbolicName());
              },
              PATIENCE);
      for (Path each : files) {
        Files.deleteIfExists(each);
      }
      return answer(expected.outcome(), began);
    } catch (IOException e) {
      throw new ControlException(file + ": cannot be removed: " + e, e);
    } finally {
      orders.forget(file, expected);
    }
  }

  /// Puts the version before back, and waits until it is in the chain.
  Answer rollback(String name) throws ControlException, InterruptedException {
    long began = System.nanoTime();
    Path file = orders.give(deployer -> deployer.require(name).stored().file(), PATIENCE);
    Orders.Expected expected = orders.expect(file, heard -> file.equals(Orders.fileOf(heard)));
    try {
      orders.give(
          deployer -> {
            expected.begin();
            return deployer.goBack(name);
          },
          PATIENCE);
      Answer answer = answer(expected.outcome(), began);
      boolean back =
          answer.outcome() == Answer.Outcome.ACTIVE || answer.outcome() == Answer.Outcome.IN_FORCE;
      return back
          ? new Answer(
              Answer.Outcome.ROLLED_BACK, answer.sentence(), answer.generation(), answer.millis())
          : answer;
    } finally {
      orders.forget(file, expected);
    }
  }

  /// Lets what was taken out for harm be tried again, and waits for what becomes of it.
  Answer release(String name) throws ControlException, InterruptedException {
    long began = System.nanoTime();
    Path file = orders.give(deployer -> deployer.fileToRelease(name), PATIENCE);
    Orders.Expected expected = orders.expect(file, heard -> file.equals(Orders.fileOf(heard)));
    try {
      orders.give(
          deployer -> {
            expected.begin();
            deployer.release(name);
            return true;
          },
          PATIENCE);
      return answer(expected.outcome(), began);
    } finally {
      orders.forget(file, expected);
    }
  }

  private Answer answer(CompletableFuture<Outcome> expected, long began)
      throws ControlException, InterruptedException {
    try {
      return answer(expected.get(outcomePatience.toMillis(), TimeUnit.MILLISECONDS), began);
    } catch (TimeoutException e) {
      return new Answer(
          Answer.Outcome.TIMEOUT,
          "not decided within " + outcomePatience.toSeconds() + " s",
          generation(),
          millis(began));
    } catch (ExecutionException e) {
      throw new IllegalStateException("an outcome is only ever a value", e);
    }
  }

  private static Answer answer(Outcome outcome, long began) {
    long millis = millis(began);
    return switch (outcome) {
      case Outcome.Active at ->
          new Answer(
              Answer.Outcome.ACTIVE,
              at.bundle() + " is active: it has judged " + at.packets() + " packets",
              at.generation(),
              millis);
      case Outcome.InForce at ->
          new Answer(
              Answer.Outcome.IN_FORCE,
              at.bundle() + " is in the chain; no packet has come yet",
              at.generation(),
              millis);
      case Outcome.Refused at -> new Answer(Answer.Outcome.REFUSED, at.cause(), -1, millis);
      case Outcome.RolledBack at ->
          new Answer(Answer.Outcome.ROLLED_BACK, at.cause(), at.generation(), millis);
      case Outcome.Quarantined at ->
          new Answer(Answer.Outcome.REFUSED, at.cause(), at.generation(), millis);
      case Outcome.Removed at ->
          new Answer(
              Answer.Outcome.REMOVED, at.bundle() + " has left the chain", at.generation(), millis);
      case Outcome.Reconfigured at ->
          new Answer(Answer.Outcome.ACTIVE, at.bundle(), at.generation(), millis);
      case Outcome.ConfigurationRefused at ->
          new Answer(Answer.Outcome.REFUSED, at.cause(), -1, millis);
    };
  }

  private long generation() throws ControlException, InterruptedException {
    return orders.give(Deployer::generation, PATIENCE);
  }

  private static long millis(long began) {
    return (System.nanoTime() - began) / 1_000_000;
  }
}
