package dev.sluice.runtime.supervisor;

import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.ParentProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;

/// What this process knows of the shell that supervises it, by its environment: `sluice run` starts
/// the gateway as its child, and again if it dies.
///
/// @param parent process of the supervisor; 0 without one
/// @param restarts how many lives there were before this one; -1 without a supervisor
/// @param lastCause how the last one ended; empty in the first
/// @param endedMillis when, in milliseconds since 1970; 0 in the first
public record Supervision(long parent, int restarts, String lastCause, long endedMillis) {
  /// The supervisor's pipe, which it hands over as descriptor 3; that this process ends, it knows
  /// by the pipe's end.
  private static final Path PIPE = Path.of("/proc/self/fd/3");

  /// Where a process that stands by is told to become the gateway.
  private static final Path ORDER = Path.of("/proc/self/fd/4");

  /// None: the gateway is what was started.
  public static final Supervision NONE = new Supervision(0, -1, "", 0);

  /// What the environment says. Numbers that are none mean that there is no supervisor.
  public static Supervision of(Map<String, String> environment) {
    try {
      long parent = Long.parseLong(environment.getOrDefault("SLUICE_SUPERVISOR", "0"));
      if (parent <= 1) {
        return NONE;
      }
      return new Supervision(
          parent,
          Integer.parseInt(environment.getOrDefault("SLUICE_RESTARTS", "0")),
          environment.getOrDefault("SLUICE_RESTART_CAUSE", ""),
          Long.parseLong(environment.getOrDefault("SLUICE_ENDED_MS", "0")));
    } catch (NumberFormatException e) {
      return NONE;
    }
  }

  /// Whether this process is to stand by while another one is the gateway.
  ///
  /// @return the supervisor's folder for what it needs meanwhile, for this user alone; nothing if
  ///   it is to be the gateway at once
  public static Optional<Path> standsBy(Map<String, String> environment) {
    String folder = environment.getOrDefault("SLUICE_STANDBY", "");
    return of(environment).isSupervised() && !folder.isEmpty()
        ? Optional.of(Path.of(folder))
        : Optional.empty();
  }

  /// Tells the supervisor that this process can take the gateway's place.
  public void tellStands() {
    tell("stands");
  }

  /// Waits until the supervisor has this process become the gateway.
  ///
  /// @return what is known then
  /// @throws IOException if the supervisor's order is none
  public Supervision awaitOrder() throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(ORDER)) {
      return ordered(String.valueOf(lines.readLine()));
    }
  }

  /// What an order says: restarts, when the last life ended, and how.
  Supervision ordered(String line) throws IOException {
    String[] words = line.split(" ", 3);
    try {
      if (words.length == 3) {
        return new Supervision(
            parent, Integer.parseInt(words[0]), words[2], Long.parseLong(words[1]));
      }
    } catch (NumberFormatException e) {
      throw new IOException("the supervisor's order is '" + line + "'", e);
    }
    throw new IOException("the supervisor's order is '" + line + "'");
  }

  /// Whether somebody starts the gateway again if it dies.
  public boolean isSupervised() {
    return parent > 1;
  }

  /// Whether this is not the first life.
  public boolean isRestart() {
    return restarts > 0;
  }

  /// Sees to it that this process does not outlive its supervisor. To be called on a thread that
  /// lives as long as the process.
  ///
  /// @return false if the supervisor is gone already
  public boolean bind() throws KernelException {
    return !isSupervised() || ParentProcess.dieWith(parent);
  }

  /// Tells the supervisor that ports receive: from now on any end but an orderly one is followed by
  /// a new start.
  public void tellReady() {
    tell("ready");
  }

  /// Tells the supervisor that the end to come is as it should be.
  public void tellOrderlyEnd() {
    tell("orderly");
  }

  private void tell(String word) {
    if (!isSupervised()) {
      return;
    }
    try {
      Files.writeString(PIPE, word + "\n", StandardOpenOption.WRITE);
    } catch (IOException e) {
      System.err.println("sluice: the supervisor cannot be told '" + word + "': " + e);
    }
  }
}
