package dev.sluice.runtime.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Programs of the system that a measurement needs: ip(8), nft(8), testpmd.
final class ExternalProgram {
  private ExternalProgram() {}

  /// Whether a program is on the path.
  static boolean isInstalled(String name) {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin") + ":/usr/sbin:/sbin";
    return Stream.of(path.split(":"))
        .filter(folder -> !folder.isEmpty())
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
  }

  /// Runs a program to its end and gives back what it printed.
  ///
  /// @throws BenchException if it cannot be started, or ends badly, with what it said
  static String run(List<String> command, String input) throws BenchException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (OutputStream sink = process.getOutputStream()) {
        sink.write(input.getBytes(StandardCharsets.UTF_8));
      }
      return finished(command, process);
    } catch (IOException e) {
      throw new BenchException(
          "'%s' cannot be run: %s".formatted(command.getFirst(), e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted in '" + String.join(" ", command) + "'", e);
    }
  }

  private static String finished(List<String> command, Process process)
      throws IOException, InterruptedException, BenchException {
    try (InputStream output = process.getInputStream()) {
      String said = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new BenchException(
            "'%s' failed: %s"
                .formatted(String.join(" ", command), said.strip().replace("\n", "; ")));
      }
      return said;
    }
  }
}
