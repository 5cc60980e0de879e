package dev.sluice.runtime.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// CPU time that others use while something is measured: other processes, and a hypervisor that
/// lets this machine wait (steal time). Kernel threads do not count, since they work for whoever
/// sends packets. A process that begins and ends meanwhile is not seen.
///
/// @param ticksByProcess of all processes, ours included
record OtherLoad(Map<Long, Long> ticksByProcess, long stolenTicks) {
  /// A run during which others used more was disturbed.
  static final double MOST_SECONDS = 0.4;

  private static final double TICKS_PER_SECOND = 100; // USER_HZ is 100 on every Linux
  private static final long KTHREADD = 2;
  private static final int STOLEN = 8; // of the words in a line "cpu" of /proc/stat, proc_stat(5)

  OtherLoad {
    ticksByProcess = Map.copyOf(ticksByProcess);
  }

  /// What everybody has used so far.
  ///
  /// @param proc where proc(5) is mounted
  static OtherLoad now(Path proc) {
    Map<Long, Long> ticks = new HashMap<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path folder : folders) {
        String stat = text(folder.resolve("stat"));
        if (isProgram(stat)) {
          ticks.put(Long.parseLong(stat.substring(0, stat.indexOf(' '))), ticks(stat));
        }
      }
    } catch (IOException e) {
      ticks.clear(); // nobody else can be seen here
    }
    return new OtherLoad(ticks, stolen(text(proc.resolve("stat"))));
  }

  /// Empty where the process has ended meanwhile.
  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }

  /// The words of /proc/PID/stat behind the command's name, which may hold blanks and parentheses:
  /// the first is the state.
  private static String[] words(String stat) {
    return stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
  }

  private static boolean isProgram(String stat) {
    String[] words = words(stat);
    if (words.length < 13 || !stat.matches("(?s)\\d{1,18} .*")) {
      return false;
    }
    long parent = Long.parseLong(words[1]);
    return parent != KTHREADD && !stat.startsWith(KTHREADD + " ");
  }

  /// User and system time of a process, from its /proc/PID/stat.
  static long ticks(String stat) {
    String[] words = words(stat);
    return Long.parseLong(words[11]) + Long.parseLong(words[12]);
  }

  /// Time that a hypervisor has taken from all CPUs so far.
  static long stolenMillis(Path proc) {
    return stolen(text(proc.resolve("stat"))) * (long) (1000 / TICKS_PER_SECOND);
  }

  private static long stolen(String stat) {
    String[] words = stat.lines().findFirst().orElse("").trim().split(" +", -1);
    return STOLEN < words.length ? Long.parseLong(words[STOLEN]) : 0;
  }

  /// What others have used since an earlier reading, in seconds of one CPU.
  double secondsSince(OtherLoad earlier, Set<Long> ours) {
    long ticks = stolenTicks - earlier.stolenTicks;
    for (Map.Entry<Long, Long> process : ticksByProcess.entrySet()) {
      if (!ours.contains(process.getKey())) {
        ticks += process.getValue() - earlier.ticksByProcess.getOrDefault(process.getKey(), 0L);
      }
    }
    return Math.max(0, ticks) / TICKS_PER_SECOND;
  }

  /// This process and all that it has started.
  static Set<Long> ours() {
    Set<Long> ours = new HashSet<>();
    ours.add(ProcessHandle.current().pid());
    try (Stream<ProcessHandle> children = ProcessHandle.current().descendants()) {
      children.forEach(child -> ours.add(child.pid()));
    }
    return ours;
  }

  /// Seconds of CPU time that a process has used.
  static double secondsOf(Path proc, long pid) {
    String stat = text(proc.resolve(pid + "/stat"));
    return stat.isEmpty() ? 0 : ticks(stat) / TICKS_PER_SECOND;
  }

  /// Seconds that one CPU has spent inside the kernel: system, interrupts and soft interrupts.
  static double kernelSecondsOf(Path proc, int cpu) {
    String prefix = "cpu" + cpu + " ";
    String line =
        text(proc.resolve("stat"))
            .lines()
            .filter(found -> found.startsWith(prefix))
            .findFirst()
            .orElse(prefix + "0 0 0 0 0 0 0");
    String[] words = line.split(" +", -1);
    long ticks = Long.parseLong(words[3]) + Long.parseLong(words[6]) + Long.parseLong(words[7]);
    return ticks / TICKS_PER_SECOND;
  }
}
