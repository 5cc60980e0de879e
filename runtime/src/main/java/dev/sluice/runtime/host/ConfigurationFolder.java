package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Notices that some `.cfg` file changed. What it says is for others to read. One thread at a time.
///
/// FileInstall takes `a-b.cfg` for an instance `b` of a factory `a`, so no bundle would ever see
/// its settings: such a name is told to the operator.
final class ConfigurationFolder {
  private final Path folder;
  private final EventLog events;
  private final Set<Path> told = new HashSet<>();
  private Map<String, String> last = Map.of();
  private long changedAt;
  private boolean changed;

  ConfigurationFolder(Path folder, EventLog events) {
    this.folder = folder;
    this.events = events;
    this.last = look();
  }

  private Map<String, String> look() {
    Map<String, String> files = new TreeMap<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.cfg")) {
      for (Path file : entries) {
        tellIfNeverRead(file);
        BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
        files.put(
            file.toString(), found.size() + " " + found.lastModifiedTime() + " " + found.fileKey());
      }
    } catch (IOException e) {
      return last; // in the midst of a change: the next look tells
    }
    return files;
  }

  private void tellIfNeverRead(Path file) {
    String name = String.valueOf(file.getFileName());
    if ((name.contains("-") || name.contains("~")) && told.add(file)) {
      events.report(
          EventLog.Severity.WARNING,
          "configuration-file-unused",
          Map.of(
              "file",
              name,
              "cause",
              "a dash in the name means an instance of a factory; write a dot: "
                  + name.replaceAll("[-~]", ".")));
    }
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
