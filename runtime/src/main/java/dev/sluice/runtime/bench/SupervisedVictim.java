package dev.sluice.runtime.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A gateway whose supervisor has a second process stand by, which becomes the next life.
final class SupervisedVictim implements Victim {
  private static final Path PROC = Path.of("/proc");

  private static final long END_NANOS = 10_000_000_000L;
  private static final String READY = "sluice: ready";

  private final GatewayForwarder supervisor;
  private boolean wasKilled;

  /// The line that told of the restart before the kill, or an empty text.
  private String restartBefore = "";

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
    List<String> lines = supervisor.lastWords();
    int last = lastRestart(lines);
    restartBefore = last < 0 ? "" : lines.get(last);
    wasKilled = true;
    gateway.destroyForcibly();
    long until = System.nanoTime() + END_NANOS;
    while (gateway.isAlive()) {
      if (System.nanoTime() - until >= 0) {
        throw new BenchException("the gateway does not end by SIGKILL");
      }
      Lane.pause(1);
    }
  }

  @Override
  public void startAgain() {
    // The supervisor does.
  }

  @Override
  public boolean isReady() {
    List<String> lines = supervisor.lastWords();
    int begun = lastRestart(lines);
    boolean isNew = !wasKilled || (begun >= 0 && !lines.get(begun).equals(restartBefore));
    List<String> since = lines.subList(begun + 1, lines.size());
    return isNew && since.stream().anyMatch(line -> line.contains(READY));
  }

  /// Index of the last line that tells of a restart, by its number; -1 if there is none.
  private static int lastRestart(List<String> lines) {
    int last = lines.size() - 1;
    while (last >= 0 && !lines.get(last).contains("(restart ")) {
      last--;
    }
    return last;
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

  /// Whether it waits for its order, which it has opened the pipe at its descriptor 4 for.
  private static boolean hasRehearsed(ProcessHandle standing) {
    Path open = PROC.resolve(Long.toString(standing.pid())).resolve("fd");
    try (Stream<Path> descriptors = Files.list(open)) {
      String orders = Files.readSymbolicLink(open.resolve("4")).toString();
      int found = 0;
      for (Path each : descriptors.toList()) {
        found += Files.readSymbolicLink(each).toString().equals(orders) ? 1 : 0;
      }
      return found > 1;
    } catch (IOException e) {
      return false; // one has just been closed: the next look tells more
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
