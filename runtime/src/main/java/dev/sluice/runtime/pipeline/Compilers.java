package dev.sluice.runtime.pipeline;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whether the JVM's compilers have something to do, as far as the kernel tells of their threads,
/// proc(5): the JVM itself tells nobody what waits to be compiled. One thread.
final class Compilers {
  private static final Path TASKS = Path.of("/proc/self/task");

  /// Names of threads are cut off after 15 characters.
  private static final String NAMES = "C[12] CompilerThre\\R?";

  private long ranBefore = -1;

  /// Whether all of them have slept since the last look. False at the first look, and where that
  /// cannot be told.
  boolean areAtRest() {
    long ran;
    try {
      ran = nanosRun();
    } catch (IOException | RuntimeException e) {
      ran = -1; // no proc(5) here, or one without schedstat: whoever asks has a limit besides
    }
    boolean rest = ran >= 0 && ran == ranBefore;
    ranBefore = ran;
    return rest;
  }

  /// Time that they have been on a CPU, or -1 if one of them is, or waits for one.
  private static long nanosRun() throws IOException {
    long sum = 0;
    int found = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        if (!text(task, "comm").matches(NAMES)) {
          continue;
        }
        if (!isAsleep(task)) {
          return -1;
        }
        String ran = text(task, "schedstat");
        sum += Long.parseLong(ran.substring(0, ran.indexOf(' ')));
        found++;
      }
    }
    return found == 0 ? -1 : sum;
  }

  /// Field 3 of `stat`, behind the name in brackets.
  private static boolean isAsleep(Path task) throws IOException {
    String stat = text(task, "stat");
    return stat.charAt(stat.lastIndexOf(')') + 2) == 'S';
  }

  /// A name that was cut off may end in half a character.
  private static String text(Path task, String file) throws IOException {
    return Files.readString(task.resolve(file), StandardCharsets.ISO_8859_1);
  }
}
