package dev.sluice.runtime.host;

import dev.sluice.runtime.control.Answer;
import dev.sluice.runtime.control.ControlException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.jar.JarFile;

/// The orders that change the chain. What they do to `bundles/` an operator could do by hand: the
/// folder stays the one place that says what is to run.
final class BundleOrders {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path folder;
  private final Orders orders;

  BundleOrders(Path folder, Orders orders) {
    this.folder = folder;
    this.orders = orders;
  }

  /// Copies a file into the folder, and waits for what becomes of it.
  Answer deploy(Path file, boolean downgrade) throws ControlException, InterruptedException {
    long began = System.nanoTime();
    Path beside = folder.resolve("." + file.getFileName() + ".ctl");
    try {
      String name = copy(file, beside);
      Prepared prepared =
          orders.give(deployer -> prepare(deployer, beside, name, file, downgrade), PATIENCE);
      if (prepared.answer() != null) {
        return prepared.answer();
      }
      CompletableFuture<Outcome> outcome = orders.expect(prepared.target());
      try {
        Files.move(beside, prepared.target(), StandardCopyOption.ATOMIC_MOVE);
        orders.give(deployer -> true, PATIENCE);
        return answer(outcome, began);
      } finally {
        orders.forget(prepared.target(), outcome);
      }
    } catch (RefusedException e) {
      return new Answer(Answer.Outcome.REFUSED, e.sentence(), generation(), millis(began));
    } catch (IOException e) {
      throw new ControlException(folder + ": cannot be written: " + e, e);
    } finally {
      beside.toFile().delete();
    }
  }

  /// Where a file is to go, or the answer if it need not go anywhere.
  private record Prepared(Path target, @org.jspecify.annotations.Nullable Answer answer) {}

  private String copy(Path file, Path beside) throws IOException, RefusedException {
    if (!file.isAbsolute() || !Files.isRegularFile(file)) {
      throw new RefusedException(file + ": no such file; allowed: the absolute path of a JAR");
    }
    try {
      Files.copy(file, beside, StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException | AccessDeniedException e) {
      throw new RefusedException(file + ": cannot be copied to " + folder + ": " + e);
    }
    try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    try (JarFile jar = new JarFile(beside.toFile(), false)) {
      return BundleHeaders.check(jar).symbolicName();
    } catch (IOException e) {
      throw new RefusedException("it is not a whole JAR file: " + e.getMessage());
    }
  }

  private Prepared prepare(Deployer deployer, Path copy, String name, Path file, boolean downgrade)
      throws RefusedException {
    String sha256 = deployer.intake().contentOf(copy);
    if (downgrade) {
      deployer.intake().allowDowngrade(sha256);
    }
    Deployment running = deployer.deployed(name).orElse(null);
    if (running != null && running.runs(sha256)) {
      return new Prepared(
          folder,
          new Answer(
              Answer.Outcome.ACTIVE,
              running.stored().title() + " is in the chain already, with this very content",
              deployer.generation(),
              0));
    }
    String target = running == null ? jarName(file) : running.stored().fileName();
    return new Prepared(folder.resolve(target), null);
  }

  private static String jarName(Path file) {
    String name = String.valueOf(file.getFileName()).replaceAll("^\\.+", "");
    return name.endsWith(".jar") ? name : name + ".jar";
  }

  /// Takes a bundle's files out of the folder, and waits until it has left the chain.
  Answer undeploy(String name) throws ControlException, InterruptedException {
    long began = System.nanoTime();
    Deployment running = orders.give(deployer -> deployer.require(name), PATIENCE);
    Path file = running.stored().file();
    CompletableFuture<Outcome> outcome = orders.expect(file);
    try {
      List<Path> files =
          orders.give(
              deployer -> deployer.intake().filesOf(running.stored().symbolicName()), PATIENCE);
      for (Path each : files) {
        Files.deleteIfExists(each);
      }
      return answer(outcome, began);
    } catch (IOException e) {
      throw new ControlException(file + ": cannot be removed: " + e, e);
    } finally {
      orders.forget(file, outcome);
    }
  }

  /// Puts the version before back, and waits until it is in the chain.
  Answer rollback(String name) throws ControlException, InterruptedException {
    long began = System.nanoTime();
    Path file = orders.give(deployer -> deployer.require(name).stored().file(), PATIENCE);
    CompletableFuture<Outcome> outcome = orders.expect(file);
    try {
      orders.give(deployer -> deployer.goBack(name), PATIENCE);
      Answer answer = answer(outcome, began);
      boolean back =
          answer.outcome() == Answer.Outcome.ACTIVE || answer.outcome() == Answer.Outcome.IN_FORCE;
      return back
          ? new Answer(
              Answer.Outcome.ROLLED_BACK, answer.sentence(), answer.generation(), answer.millis())
          : answer;
    } finally {
      orders.forget(file, outcome);
    }
  }

  /// Lets what was taken out for harm be tried again, and waits for what becomes of it.
  Answer release(String name) throws ControlException, InterruptedException {
    long began = System.nanoTime();
    Path file = orders.give(deployer -> deployer.fileToRelease(name), PATIENCE);
    CompletableFuture<Outcome> outcome = orders.expect(file);
    try {
      orders.give(
          deployer -> {
            deployer.release(name);
            return true;
          },
          PATIENCE);
      return answer(outcome, began);
    } finally {
      orders.forget(file, outcome);
    }
  }

  private Answer answer(CompletableFuture<Outcome> expected, long began)
      throws ControlException, InterruptedException {
    try {
      return answer(expected.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS), began);
    } catch (TimeoutException e) {
      return new Answer(
          Answer.Outcome.TIMEOUT,
          "not decided within " + PATIENCE.toSeconds() + " s",
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
