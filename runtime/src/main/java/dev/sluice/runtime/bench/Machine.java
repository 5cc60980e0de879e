package dev.sluice.runtime.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/// What something was measured on.
///
/// @param cpu the processor's name
/// @param cores that this process may use
/// @param memoryMib of the whole machine, in MiB
/// @param load the load average over a minute, before anything was measured
/// @param date when
record Machine(
    String cpu, int cores, String kernel, String jdk, long memoryMib, double load, Instant date) {

  /// This machine now. What cannot be told is `unknown` or -1.
  static Machine read() {
    return new Machine(
        value(text("/proc/cpuinfo"), "model name", "unknown"),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vendor.version", "") + " " + System.getProperty("java.version"),
        kibibytes(value(text("/proc/meminfo"), "MemTotal", "-1024")) / 1024,
        load(text("/proc/loadavg")),
        Instant.now().truncatedTo(ChronoUnit.SECONDS));
  }

  private static String text(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      return ""; // what it would have said is unknown
    }
  }

  /// The value of the first line `key : value`.
  static String value(String text, String key, String otherwise) {
    return text.lines()
        .filter(line -> line.startsWith(key) && line.contains(":"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(otherwise);
  }

  static long kibibytes(String value) {
    String digits = value.split(" ", 2)[0];
    return digits.matches("-?\\d{1,15}") ? Long.parseLong(digits) : -1024;
  }

  static double load(String loadavg) {
    String first = loadavg.split(" ", 2)[0];
    return first.matches("\\d{1,6}(\\.\\d+)?") ? Double.parseDouble(first) : -1;
  }

  /// As members of a JSON object.
  Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("cpu", cpu);
    members.put("cores", cores);
    members.put("kernel", kernel);
    members.put("jdk", jdk.strip());
    members.put("memoryMib", memoryMib);
    members.put("loadAverage", load);
    members.put("date", date.toString());
    return members;
  }

  /// As a line for a person.
  String line() {
    return "%s, %d cores, %d MiB; %s; JDK %s; load %.2f before; %s"
        .formatted(cpu, cores, memoryMib, kernel, jdk.strip(), load, date);
  }
}
