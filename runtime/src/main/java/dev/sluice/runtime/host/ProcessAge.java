package dev.sluice.runtime.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/// How long this process has run, by the kernel's own clock.
///
/// [ProcessHandle.Info#startInstant] would be wrong by up to a second: it adds to the time of boot,
/// which `/proc/stat` gives in whole seconds. Source: proc_uptime(5), proc_pid_stat(5).
final class ProcessAge {
  /// `USER_HZ`, of `asm/param.h`: ticks in a second.
  private static final int TICKS = 100;

  /// Place of `starttime` behind the command's name, which is the second of all.
  private static final int START_TIME = 22 - 3;

  private ProcessAge() {}

  /// Milliseconds, in steps of ten, or nothing where there is no `/proc`.
  static OptionalLong millis() {
    try {
      return OptionalLong.of(
          millis(
              Files.readString(Path.of("/proc/uptime")),
              Files.readString(Path.of("/proc/self/stat"))));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /// The age by what the two files say.
  static long millis(String uptime, String stat) {
    double upSeconds = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
    // The name is in parentheses, and may have any character in it.
    List<String> behindName = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
    long startTicks = Long.parseLong(behindName.get(START_TIME));
    return Math.round(upSeconds * 1000) - startTicks * (1000 / TICKS);
  }
}
