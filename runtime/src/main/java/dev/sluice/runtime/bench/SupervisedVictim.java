package dev.sluice.runtime.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A gateway whose supervisor has a second process stand by, which becomes the next life.
final class SupervisedVictim implements Victim {
  private static final Path PROC = Path.of("/proc");

  /// The thread in which a process that stands by does beforehand what a start will take.
  private static final String REHEARSAL = "standby";

  /// By then a process has that thread, or has had it.
  private static final Duration BEGUN = Duration.ofSeconds(3);

  private static final long END_NANOS = 10_000_000_000L;
  private static final String READY = "sluice: ready";

  private final GatewayForwarder supervisor;
  private int restarts;

  /// Starts it; it may not be ready yet.
  SupervisedVictim(World world, Path home, Path folder) throws BenchException {
    this.supervisor = GatewayForwarder.startSupervised(world, home, folder);
  }

  /// The gateway's own process, as its state folder names it.
  private Optional<ProcessHandle> gateway() {
    try {
      String pid = Files.readString(supervisor.state().resolve("lock")).strip();
      return ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive);
    } catch (IOException | NumberFormatException e) {
      return Optional.empty(); // it is about to be written
    }
  }

  @Override
  public void kill() throws BenchException {
    ProcessHandle gateway =
        gateway().orElseThrow(() -> new BenchException("the gateway is not there to be killed"));
    gateway.destroyForcibly();
    long until = System.nanoTime() + END_NANOS;
    while (gateway.isAlive()) {
      if (System.nanoTime() - until >= 0) {
        throw new BenchException("the gateway does not end by SIGKILL");
      }
      Lane.pause(1);
    }
    restarts++;
  }

  @Override
  public void startAgain() {
    // The supervisor does.
  }

  @Override
  public boolean isReady() {
    List<String> lines = supervisor.lastWords();
    boolean ended = restarts == 0;
    boolean ready = false;
    for (String line : lines) {
      ended |= line.endsWith("(restart " + restarts + ")");
      ready |= ended && line.contains(READY);
    }
    return ready;
  }

  @Override
  public boolean isPrepared() {
    Optional<ProcessHandle> gateway = gateway();
    return gateway.isPresent()
        && ProcessHandle.of(supervisor.pid())
            .map(shell -> shell.children().filter(each -> !each.equals(gateway.get())))
            .orElse(Stream.empty())
            .anyMatch(SupervisedVictim::hasRehearsed);
  }

  private static boolean hasRehearsed(ProcessHandle standing) {
    Instant begun = standing.info().startInstant().orElse(Instant.MAX);
    if (Instant.now().isBefore(begun.plus(BEGUN))) {
      return false;
    }
    Path tasks = PROC.resolve(Long.toString(standing.pid())).resolve("task");
    try (Stream<Path> threads = Files.list(tasks)) {
      for (Path thread : threads.toList()) {
        if (Files.readString(thread.resolve("comm")).strip().equals(REHEARSAL)) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      return false; // a thread has just ended: the next look tells more
    }
  }

  @Override
  public void requireAlive() throws BenchException {
    if (!supervisor.isAlive()) {
      throw new BenchException("the supervisor ended by itself: " + supervisor.lastWords());
    }
  }

  @Override
  public void close() {
    supervisor.close();
  }
}
