package dev.sluice.runtime.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Runs ip(8).
public final class Ip {
  private Ip() {}

  /// Runs one command and gives back what it printed.
  ///
  /// @throws LabException if ip is not installed, or with what it says is wrong
  public static String run(String... words) throws LabException {
    return start(List.of(words), "");
  }

  /// Runs several commands in a namespace, in one process; the first that fails ends it.
  public static void batch(String namespace, List<String> lines) throws LabException {
    start(List.of("-n", namespace, "-batch", "-"), String.join("\n", lines) + "\n");
  }

  /// The names of all namespaces.
  static List<String> namespaces() throws LabException {
    // Each line is a name, followed by its id if it has one.
    return run("netns", "list").lines().map(line -> line.split(" ", 2)[0]).toList();
  }

  private static String start(List<String> words, String input) throws LabException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(words);
    return run(command, input, "iproute2");
  }

  /// Runs a program to its end.
  ///
  /// @param debianPackage that has the program
  static String run(List<String> command, String input, String debianPackage) throws LabException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new LabException(
          "%s is not installed; install it (Debian: apt-get install %s)"
              .formatted(command.getFirst(), debianPackage),
          e);
    }
    try (InputStream output = process.getInputStream()) {
      try (OutputStream sink = process.getOutputStream()) {
        sink.write(input.getBytes(StandardCharsets.UTF_8));
      }
      String said = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new LabException(
            "'%s' failed: %s"
                .formatted(String.join(" ", command), said.strip().replace("\n", "; ")));
      }
      return said;
    } catch (IOException e) {
      throw new LabException("cannot speak to " + command.getFirst() + ": " + e, e);
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new LabException("interrupted in '" + String.join(" ", command) + "'", e);
    }
  }
}
