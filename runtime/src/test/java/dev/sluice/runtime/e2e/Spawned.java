package dev.sluice.runtime.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A process that a test has started, with all that it has printed. Closing it kills it.
final class Spawned implements AutoCloseable {
  private final Process process;
  private final List<String> lines = new ArrayList<>(); // guarded by itself
  private final Thread reader;

  private Spawned(List<String> command) throws IOException {
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    reader = Thread.ofPlatform().name("read " + command.getFirst()).daemon().start(this::read);
  }

  static Spawned of(List<String> command) throws IOException {
    return new Spawned(command);
  }

  /// Starts a program in a namespace; ip(8) becomes it, so that signals reach it.
  static Spawned in(String namespace, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    command.addAll(Arrays.asList(words));
    return new Spawned(command);
  }

  /// Runs a program in a namespace to its end, which must be a good one.
  static String run(String namespace, String... words) throws IOException, InterruptedException {
    try (Spawned run = in(namespace, words)) {
      int code = run.awaitEnd(LabSite.PATIENCE);
      String said = String.join("\n", run.lines());
      assertTrue(code == 0, () -> String.join(" ", words) + " ended with " + code + ": " + said);
      return said;
    }
  }

  private void read() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        synchronized (lines) {
          lines.add(line);
        }
      }
    } catch (IOException e) {
      synchronized (lines) {
        lines.add("(its output cannot be read: " + e.getMessage() + ")");
      }
    }
  }

  List<String> lines() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// Waits until a line contains this text, and returns the line.
  String await(String part) throws InterruptedException {
    Await.until(
        () -> !process.isAlive() || lines().stream().anyMatch(line -> line.contains(part)),
        () -> "'" + part + "' in " + lines());
    reader.join(process.isAlive() ? 1 : LabSite.PATIENCE.toMillis());
    return lines().stream()
        .filter(line -> line.contains(part))
        .findFirst()
        .orElseThrow(() -> new AssertionError("ended without '" + part + "': " + lines()));
  }

  void type(String line) throws IOException {
    OutputStream input = process.getOutputStream();
    input.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    input.flush();
  }

  /// SIGTERM. What it prints at its end is still read, which [Process#destroy] would prevent.
  void terminate() {
    process.toHandle().destroy();
  }

  /// Waits for the end of the process and of its output.
  ///
  /// @return its exit status
  int awaitEnd(Duration limit) throws InterruptedException {
    assertTrue(
        process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS),
        () -> "still runs after " + limit + ": " + lines());
    reader.join(limit.toMillis());
    return process.exitValue();
  }

  /// SIGKILL, and waits until the process is gone.
  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
    reader.join(LabSite.PATIENCE.toMillis());
  }
}
