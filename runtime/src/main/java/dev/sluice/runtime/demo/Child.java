package dev.sluice.runtime.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// A process that the demo has started: what it prints, what it is told, and its end.
final class Child {
  /// Most lines kept; reports are asked for many times a second.
  private static final int MAX_LINES = 200_000;

  private static final int TAIL_LINES = 40;

  private final String name;
  private final Process process;
  private final List<String> lines = new ArrayList<>(); // guarded by itself
  private boolean finished; // guarded by lines

  private Child(String name, Process process) {
    this.name = name;
    this.process = process;
  }

  /// Starts a process.
  ///
  /// @param name how messages call it
  static Child start(String name, ProcessBuilder builder) throws StepException {
    try {
      Child child = new Child(name, builder.redirectErrorStream(true).start());
      Thread.ofPlatform().name("read " + name).daemon().start(child::read);
      return child;
    } catch (IOException e) {
      throw new StepException("the " + name + " cannot be started: " + e.getMessage(), e);
    }
  }

  private void read() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        add(line);
      }
    } catch (IOException | UncheckedIOException e) {
      add("(its output cannot be read: " + e.getMessage() + ")");
    }
    synchronized (lines) {
      finished = true;
      lines.notifyAll();
    }
  }

  private void add(String line) {
    synchronized (lines) {
      if (lines.size() < MAX_LINES) {
        lines.add(line);
      }
      lines.notifyAll();
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

  /// A place in the output, to await what comes after it.
  int mark() {
    synchronized (lines) {
      return lines.size();
    }
  }

  /// Waits for a [Line] printed after `mark`.
  ///
  /// @param what the line says, for the message
  /// @throws StepException if it does not come in time, or the process ends
  Line await(int mark, Predicate<Line> wanted, String what, Duration limit)
      throws StepException, InterruptedException {
    return awaitText(mark, text -> Line.parse(text).filter(wanted), what, limit);
  }

  /// Waits for any line that contains `part`, and returns it.
  String awaitText(String part, String what, Duration limit)
      throws StepException, InterruptedException {
    return awaitText(
        0, text -> text.contains(part) ? Optional.of(text) : Optional.empty(), what, limit);
  }

  private <T> T awaitText(
      int mark,
      java.util.function.Function<String, Optional<T>> reading,
      String what,
      Duration limit)
      throws StepException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    int at = mark;
    synchronized (lines) {
      while (true) {
        while (at < lines.size()) {
          Optional<T> found = reading.apply(lines.get(at++));
          if (found.isPresent()) {
            return found.get();
          }
        }
        long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
        if (finished || leftMillis <= 0) {
          throw new StepException(
              "%s: waited for %s, which did not come %s"
                  .formatted(
                      name,
                      what,
                      finished ? "before it ended" : "within " + limit.toMillis() + " ms"));
        }
        lines.wait(leftMillis);
      }
    }
  }

  /// The [Line]s printed after `mark` that are wanted, so far.
  List<Line> seen(int mark, Predicate<Line> wanted) {
    synchronized (lines) {
      return lines.subList(mark, lines.size()).stream()
          .flatMap(text -> Line.parse(text).stream())
          .filter(wanted)
          .toList();
    }
  }

  /// Writes one line to its standard input.
  void tell(String order) throws StepException {
    try {
      OutputStream out = process.getOutputStream();
      out.write((order + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      throw new StepException("the " + name + " takes no orders any more: " + e.getMessage(), e);
    }
  }

  /// Asks it to end by SIGTERM and waits.
  ///
  /// @return its exit status, or nothing if it did not end in time
  Optional<Integer> terminate(Duration limit) throws InterruptedException {
    process.destroy();
    return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)
        ? Optional.of(process.exitValue())
        : Optional.empty();
  }

  /// Ends it at once.
  void kill() {
    process.destroyForcibly();
  }

  /// The last lines it printed.
  List<String> tail() {
    synchronized (lines) {
      return List.copyOf(lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }
  }
}
