package dev.sluice.plugins.terminalauth;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.plugin.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one or several files say, read again when they change. For one thread at a time.
///
/// A file that changes is read once it has stood still from one [#refresh] to the next, so that one
/// that is being written is not taken for whole. Content that is refused leaves the value as it is,
/// and is refused once.
final class WatchedPart<T> {
  /// Largest file that is read.
  static final long MAX_BYTES = 32L << 20;

  /// As long as a file is younger, its time may not tell two writes apart, and it is read again.
  private static final long YOUNG_MS = 2000;

  /// Makes a value of the files' contents.
  interface Parser<T> {
    /// A value, if the contents are good.
    ///
    /// @param previous the value in force, or null at first
    T parse(Map<Path, byte[]> contents, @Nullable T previous) throws SettingsException;
  }

  private record Stamp(long modifiedMs, long bytes, Object fileKey) {
    static final Stamp MISSING = new Stamp(-1, -1, "");
  }

  private final List<Path> paths;
  private final Parser<T> parser;
  private T value;
  private List<Stamp> seen;
  private List<Stamp> read;
  private byte[] digest;

  /// Reads the files for the first time.
  WatchedPart(List<Path> paths, Parser<T> parser) throws SettingsException {
    this.paths = List.copyOf(paths);
    this.parser = parser;
    this.read = stamps();
    this.seen = read;
    Map<Path, byte[]> contents = contents();
    this.digest = digestOf(contents);
    this.value = parse(contents, null);
  }

  T value() {
    return value;
  }

  /// Looks at the files.
  ///
  /// @return whether there is a new value
  /// @throws SettingsException if the files have changed to something that is refused
  boolean refresh() throws SettingsException {
    List<Stamp> now = stamps();
    boolean standsStill = now.equals(seen);
    seen = now;
    if (!standsStill || (now.equals(read) && !isYoung(now))) {
      return false;
    }
    read = now;
    Map<Path, byte[]> contents;
    try {
      contents = contents();
    } catch (SettingsException e) {
      if (Arrays.equals(digest, new byte[0])) {
        return false;
      }
      digest = new byte[0];
      throw e;
    }
    byte[] found = digestOf(contents);
    if (Arrays.equals(found, digest)) {
      return false;
    }
    digest = found;
    value = parse(contents, value);
    return true;
  }

  private T parse(Map<Path, byte[]> contents, @Nullable T previous) throws SettingsException {
    try {
      return parser.parse(contents, previous);
    } catch (RuntimeException e) {
      // The certificate library meets some broken encodings with unchecked exceptions.
      throw new SettingsException(paths + ": unreadable (" + e + "): allowed: well-formed content");
    }
  }

  private List<Stamp> stamps() {
    List<Stamp> stamps = new ArrayList<>();
    for (Path path : paths) {
      try {
        BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
        stamps.add(
            new Stamp(
                file.lastModifiedTime().toMillis(), file.size(), String.valueOf(file.fileKey())));
      } catch (IOException e) {
        // Missing is a state of its own: reading will say why.
        stamps.add(Stamp.MISSING);
      }
    }
    return stamps;
  }

  private static boolean isYoung(List<Stamp> stamps) {
    long youngMs = System.currentTimeMillis() - YOUNG_MS;
    return stamps.stream().anyMatch(stamp -> stamp.modifiedMs() > youngMs);
  }

  private Map<Path, byte[]> contents() throws SettingsException {
    Map<Path, byte[]> contents = new LinkedHashMap<>();
    for (Path path : paths) {
      try {
        if (Files.size(path) > MAX_BYTES) {
          throw new SettingsException(
              path + ": " + Files.size(path) + " bytes: allowed: " + MAX_BYTES + " at most");
        }
        contents.put(path, Files.readAllBytes(path));
      } catch (NoSuchFileException e) {
        throw new SettingsException(path + ": no such file: allowed: a readable file");
      } catch (IOException e) {
        throw new SettingsException(
            path + ": cannot be read (" + e.getMessage() + "): allowed: a readable file");
      }
    }
    return contents;
  }

  private static byte[] digestOf(Map<Path, byte[]> contents) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      contents.forEach((path, content) -> {
        digest.update((path + ":" + content.length + ":").getBytes(UTF_8));
        digest.update(content);
      });
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
