package dev.sluice.runtime.host;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;

/// Notices that some `.cfg` file changed. What it says is for others to read. One thread at a time.
final class ConfigurationFolder {
  private final Path folder;
  private Map<String, String> last = Map.of();
  private long changedAt;
  private boolean changed;

  ConfigurationFolder(Path folder) {
    this.folder = folder;
    this.last = look();
  }

  private Map<String, String> look() {
    Map<String, String> files = new TreeMap<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.cfg")) {
      for (Path file : entries) {
        BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
        files.put(
            file.toString(), found.size() + " " + found.lastModifiedTime() + " " + found.fileKey());
      }
    } catch (IOException e) {
      return last; // in the midst of a change: the next look tells
    }
    return files;
  }

  /// Looks, and says once for each change that nothing has changed since for so long.
  boolean changedAndSettled(long nanos) {
    Map<String, String> now = look();
    if (!now.equals(last)) {
      last = now;
      changed = true;
      changedAt = System.nanoTime();
    }
    boolean settled = changed && System.nanoTime() - changedAt >= nanos;
    changed = changed && !settled;
    return settled;
  }
}
