package dev.sluice.runtime.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A process that forwards while others measure. Its standard input stays open, and the last lines
/// that it prints are kept.
final class Background implements AutoCloseable {
  private static final int KEPT_LINES = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final String name;
  private final Process process;
  private final Deque<String> lines = new ArrayDeque<>(); // guarded by itself

  private Background(String name, Process process) {
    this.name = name;
    this.process = process;
  }

  /// Starts a process.
  ///
  /// @param name how messages call it
  /// @param environment what it sees besides this process's own
  static Background start(
      String name, List<String> command, Map<String, String> environment, OwnCpus cpus)
      throws BenchException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    try {
      Background started = new Background(name, cpus.start(builder));
      Thread.ofPlatform().name("read " + name).daemon().start(started::read);
      return started;
    } catch (IOException e) {
      throw new BenchException(name + " cannot be started: " + e.getMessage(), e);
    }
  }

  private void read() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        add(line);
      }
    } catch (IOException e) {
      add("(its output cannot be read: " + e.getMessage() + ")");
    }
  }

  private void add(String line) {
    synchronized (lines) {
      if (lines.size() == KEPT_LINES) {
        lines.removeFirst();
      }
      lines.addLast(line);
    }
  }

  String name() {
    return name;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// The last lines that it printed.
  List<String> lines() {
    synchronized (lines) {
      return new ArrayList<>(lines);
    }
  }

  /// Whether one of the last lines contains a text.
  boolean hasSaid(String part) {
    return lines().stream().anyMatch(line -> line.contains(part));
  }

  /// SIGKILL, and waits for its end.
  ///
  /// @throws BenchException if it does not end
  void kill() throws BenchException {
    process.destroyForcibly();
    try {
      if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new BenchException(name + " does not end by SIGKILL");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    }
  }

  /// SIGTERM, and SIGKILL if that does not end it.
  @Override
  public void close() {
    process.toHandle().destroy();
    try {
      if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
