package dev.sluice.runtime.config;

import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/// How threads are bound to cores.
///
/// @param kind which rule
/// @param cores for [Kind#LISTED]: of the ReadThread, the SendThread, then each WorkThread, or one
///   for the fused thread; else empty
public record Affinity(Kind kind, List<Integer> cores) {
  /// The rules.
  public enum Kind {
    /// After the paper, where there are enough cores.
    AUTO,
    OFF,
    LISTED
  }

  private static final String KEY = "affinity";

  /// `CPU_SETSIZE` of sched.h.
  private static final int MAX_CORE = 1023;

  public Affinity {
    cores = List.copyOf(cores);
  }

  static Affinity read(Settings settings, int workThreads) throws SettingsException {
    String text = settings.text(KEY, "auto");
    return switch (text) {
      case "auto" -> new Affinity(Kind.AUTO, List.of());
      case "off" -> new Affinity(Kind.OFF, List.of());
      default -> listed(settings, text, workThreads == 0 ? 1 : 2 + workThreads);
    };
  }

  private static Affinity listed(Settings settings, String text, int threads)
      throws SettingsException {
    List<Integer> cores = new ArrayList<>();
    for (String part : settings.list(KEY)) {
      if (!part.matches("\\d{1,4}") || Integer.parseInt(part) > MAX_CORE) {
        throw refused(settings, text, threads);
      }
      cores.add(Integer.valueOf(part));
    }
    if (cores.size() != threads || new HashSet<>(cores).size() != threads) {
      throw refused(settings, text, threads);
    }
    return new Affinity(Kind.LISTED, cores);
  }

  private static SettingsException refused(Settings settings, String text, int threads) {
    String order =
        threads == 1
            ? "one core number"
            : threads + " different core numbers: read, send, work ...";
    return settings.wrong(KEY, text, "auto, off, or " + order + " (each 0.." + MAX_CORE + ")");
  }
}
