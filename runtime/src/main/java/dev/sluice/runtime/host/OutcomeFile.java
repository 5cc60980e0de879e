package dev.sluice.runtime.host;

import dev.sluice.runtime.events.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/// Tells what became of a file of `bundles/` in a file beside it: `NAME.jar.outcome`, one JSON
/// object. A folder that cannot be written has none; the event log has it all.
final class OutcomeFile {
  private static final String ENDING = ".outcome";

  private OutcomeFile() {}

  /// Writes it, whole or not at all.
  ///
  /// @param outcome `IN_FORCE`, `ACTIVE`, `REFUSED`, `ROLLED_BACK`, `QUARANTINED`
  static void write(Path jar, String outcome, Map<String, ?> members) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("outcome", outcome);
    all.put("at", Instant.now().truncatedTo(ChronoUnit.MILLIS));
    all.putAll(members);
    String name = jar.getFileName() + ENDING;
    Path beside = jar.resolveSibling("." + name + ".new");
    try {
      Files.deleteIfExists(beside);
      // Others may write into this folder: a link that lies here must not lead out of it.
      Files.writeString(
          beside,
          Json.text(all) + "\n",
          StandardOpenOption.CREATE_NEW,
          StandardOpenOption.WRITE,
          LinkOption.NOFOLLOW_LINKS);
      if (Files.exists(jar, LinkOption.NOFOLLOW_LINKS)) {
        Files.move(beside, jar.resolveSibling(name), StandardCopyOption.ATOMIC_MOVE);
      } else {
        Files.deleteIfExists(beside);
      }
    } catch (IOException e) {
      remove(beside);
    }
  }

  /// Removes that of a file which is gone.
  static void removeFor(Path jar) {
    remove(jar.resolveSibling(jar.getFileName() + ENDING));
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      file.toFile().deleteOnExit(); // it says nothing that the event log does not say
    }
  }
}
