package dev.sluice.runtime.host;

import dev.sluice.kernel.KernelException;
import dev.sluice.plugin.SettingsException;
import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import dev.sluice.runtime.supervisor.FatalErrors;
import dev.sluice.runtime.supervisor.Supervision;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The command `sluice run`: a gateway until SIGTERM or SIGINT.
///
/// Exit codes: 0 after an orderly stop, also one by signal; 1 if the gateway could not start, or
/// its packet path failed; 2 if the command was called wrongly; [FatalErrors#RESTART] if it must be
/// started again. The shell that supervises it, if there is one, does so after any end of a gateway
/// that was ready and did not end as it should.
public final class Run {
  private static final String USAGE =
      """
      sluice run [--config DIR] [--bundles DIR] [--state DIR] [--no-standby] [--no-supervisor]
        the gateway, until SIGTERM or SIGINT; it is started again if it dies
        --config   folder of sluice.cfg and the bundles' .cfg files (config)
        --bundles  folder that bundles are deployed from (bundles)
        --state    folder for what the gateway keeps (as sluice.cfg says)
        --no-standby
                   no second process that is ready to take the place of one that dies
        --no-supervisor
                   one process alone: something else starts it again
      """;

  /// The script `sluice` heeds the others; here they say nothing new.
  private static final Set<String> FLAGS = Set.of("help", "no-standby", "no-supervisor");

  private static final long LOOK_MS = 200;

  /// How long a stop waits for a start that it came in the midst of.
  private static final long START_SECONDS = 30;

  private final Supervision supervision;

  /// Since when the start took, which is not always the process's own beginning.
  private final Supplier<OptionalLong> age;

  private Run(Supervision supervision, Supplier<OptionalLong> age) {
    this.supervision = supervision;
    this.age = age;
  }

  /// Runs a gateway to its end.
  ///
  /// @return the exit code
  public static int run(List<String> words) {
    return new Run(Supervision.of(System.getenv()), ProcessAge::millis).command(words);
  }

  /// Runs a gateway to its end, in a process that has stood by.
  ///
  /// @param begun when it was told to become the gateway, by [System#nanoTime]
  /// @return the exit code
  public static int run(List<String> words, Supervision supervision, long begun) {
    return new Run(
            supervision,
            () -> OptionalLong.of(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun)))
        .command(words);
  }

  private int command(List<String> words) {
    try {
      Arguments arguments = Arguments.parse(words, Set.of("config", "bundles", "state"), FLAGS);
      if (arguments.has("help")) {
        System.out.print(USAGE);
        return 0;
      }
      if (!arguments.operands().isEmpty()) {
        throw new ArgumentException(
            "'" + arguments.operands().getFirst() + "' is not understood; there are options only");
      }
      return run(place(arguments));
    } catch (ArgumentException e) {
      System.err.println("sluice run: " + e.getMessage());
      return 2;
    } catch (SettingsException | HostException | KernelException e) {
      System.err.println("sluice run: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private static RunningGateway.Place place(Arguments arguments) {
    Path home = Path.of(System.getProperty("sluice.home", ""));
    return new RunningGateway.Place(
        folder(arguments.option("config").map(Path::of).orElse(home.resolve("config"))),
        folder(arguments.option("bundles").map(Path::of).orElse(home.resolve("bundles"))),
        arguments.option("state").map(Path::of).map(Run::folder).orElse(null));
  }

  private static Path folder(Path path) {
    return path.toAbsolutePath().normalize();
  }

  @SuppressWarnings("ClosingStandardOutputStreams") // the gateway writes to it and closes itself
  private int run(RunningGateway.Place place)
      throws SettingsException, HostException, KernelException, InterruptedException {
    // This thread lives as long as the process.
    if (!supervision.bind()) {
      throw new HostException("the supervisor, process " + supervision.parent() + ", is gone");
    }
    CountDownLatch ended = new CountDownLatch(1);
    CompletableFuture<@Nullable RunningGateway> started = new CompletableFuture<>();
    // Before the start, which changes the ports: a signal in its midst must put them back too.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(started, ended), "stop"));
    try (RunningGateway gateway = RunningGateway.start(place, supervision, System.err)) {
      started.complete(gateway);
      Thread.currentThread().setUncaughtExceptionHandler(FatalErrors.handler());
      tellReady(gateway);
      boolean over = false;
      while (!over && !ended.await(LOOK_MS, TimeUnit.MILLISECONDS)) {
        over = gateway.lookAfter();
      }
      return end(gateway.isSound());
    } finally {
      ended.countDown();
      started.complete(null);
    }
  }

  /// The exit code of a gateway that nobody stopped.
  private int end(boolean sound) {
    if (sound) {
      supervision.tellOrderlyEnd();
    }
    return sound ? 0 : 1;
  }

  private void tellReady(RunningGateway gateway) {
    supervision.tellReady();
    gateway.tellRestarted();
    String closed = gateway.closedBecause();
    if (!closed.isEmpty()) {
      System.err.println("sluice: NOTHING PASSES: " + closed);
    }
    System.out.println(
        "sluice: ready in "
            + age()
            + ": "
            + gateway.description()
            + (closed.isEmpty() ? "" : "; NOTHING PASSES: " + closed));
    System.out.flush();
  }

  private String age() {
    OptionalLong millis = age.get();
    return millis.isPresent() ? millis.getAsLong() + " ms" : "unknown time";
  }

  /// The shutdown hook. A JVM that is ended by a signal exits with 128 and the signal's number,
  /// however orderly; halting from here makes it 0, so that whoever supervises the gateway can tell
  /// an orderly stop.
  private void stop(CompletableFuture<@Nullable RunningGateway> started, CountDownLatch ended) {
    Optional<ExitCaller> caller = ExitCaller.find();
    RunningGateway gateway =
        started.completeOnTimeout(null, START_SECONDS, TimeUnit.SECONDS).join();
    if (gateway == null || ended.getCount() == 0) {
      return; // the command has come to its end by itself, and the JVM with it
    }
    caller.ifPresent(gateway::tellExit);
    int code = caller.isPresent() ? FatalErrors.RESTART : end(gateway.isSound());
    gateway.close();
    System.out.println("sluice: stopped");
    System.out.flush();
    Runtime.getRuntime().halt(code);
  }
}
