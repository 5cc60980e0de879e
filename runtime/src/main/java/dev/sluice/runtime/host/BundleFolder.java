package dev.sluice.runtime.host;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Looks into `bundles/` and tells which files have arrived whole, and which are gone.
///
/// A file counts when two looks find the same size, time and inode, and it is a ZIP file with a
/// manifest, as its directory says: then nobody is in the midst of writing it. A file that stays as
/// it is and still is no ZIP file is handed on after [#PATIENT_LOOKS], so that it is refused with a
/// sentence. Changes wait a moment while other files are not settled, so that what lands together
/// is told together; not at the first look. Names that begin with a dot are what copying tools make
/// on their way, and are passed over. One thread at a time.
final class BundleFolder {
  /// Looks that a file which is no whole JAR gets, before it is taken for a bad one.
  static final int PATIENT_LOOKS = 10;

  /// A file that was last written so long ago is not being written now.
  private static final long SETTLED_MS = 2000;

  /// Looks in a row that do not find a file before it counts as removed.
  private static final int LOOKS_TO_BE_GONE = 2;

  private final Path folder;
  private final Patience patience;
  private final Map<Path, Seen> seen = new HashMap<>();
  private boolean isFirst = true;

  /// Since when changes have been waiting, 0 if none are.
  private long waitingNanos;

  /// What one look tells of a file.
  private record Look(long bytes, FileTime modified, @Nullable Object inode) {}

  /// Something that bears the name of a JAR and is none: refused with a sentence if it stays.
  private static final Look NO_FILE = new Look(-1, FileTime.fromMillis(Long.MAX_VALUE), null);

  /// What is known of a file.
  private static final class Seen {
    Look look;
    int equalLooks;
    int missingLooks;
    long sinceNanos = System.nanoTime();
    boolean told;

    /// Whether some content of it was told, if not this one.
    boolean everTold;

    Seen(Look look) {
      this.look = look;
    }

    boolean isUnsettled() {
      return !told || missingLooks > 0;
    }
  }

  /// What changed since the last look, each in the order of names.
  record Change(List<Path> arrived, List<Path> gone) {
    static final Change NONE = new Change(List.of(), List.of());

    boolean isEmpty() {
      return arrived.isEmpty() && gone.isEmpty();
    }
  }

  /// How long a state must last, beside the looks that must find it, since looks may follow each
  /// other fast.
  ///
  /// @param gone a file that is missing
  /// @param bad a file that is no whole JAR
  /// @param together a change while other files are not settled, so that what lands together is
  ///   told together; longer than `gone`
  record Patience(Duration gone, Duration bad, Duration together) {
    static final Patience STANDARD =
        new Patience(Duration.ofMillis(150), Duration.ofSeconds(1), Duration.ofMillis(250));
  }

  BundleFolder(Path folder) {
    this(folder, Patience.STANDARD);
  }

  BundleFolder(Path folder, Patience patience) {
    this.folder = folder;
    this.patience = patience;
  }

  /// The path of a file of the folder.
  Path file(String name) {
    return folder.resolve(name);
  }

  /// Looks once.
  Change poll() {
    Set<Path> present;
    try {
      present = files();
    } catch (IOException e) {
      // A folder that cannot be read tells nothing; what runs goes on.
      return Change.NONE;
    }
    List<Path> gone =
        new TreeSet<>(seen.keySet())
            .stream().filter(file -> isGone(file, present.contains(file))).toList();
    List<Path> arrived = present.stream().filter(this::isToBeTold).toList();
    int changed = gone.size() + arrived.size();
    if (changed > 0 && !isFirst && isWaiting(changed)) {
      // Both wait: what is gone may have its successor among those that are whole.
      return Change.NONE;
    }
    isFirst = false;
    waitingNanos = 0;
    arrived.forEach(file -> Objects.requireNonNull(seen.get(file)).told = true);
    return new Change(arrived, gone.stream().filter(this::forget).toList());
  }

  /// Looks once more before anybody has acted on an earlier change.
  ///
  /// @return both as one; what has changed since it was told has not arrived
  Change pollAfter(Change earlier) {
    Change later = poll();
    Set<Path> arrived = new TreeSet<>(later.arrived());
    earlier.arrived().stream().filter(this::isTold).forEach(arrived::add);
    Set<Path> gone = new TreeSet<>(earlier.gone());
    gone.addAll(later.gone());
    gone.removeAll(arrived);
    return new Change(List.copyOf(arrived), List.copyOf(gone));
  }

  private boolean isTold(Path file) {
    Seen known = seen.get(file);
    return known != null && known.told;
  }

  /// Says that a file counts as holding something, whatever has been seen of it: it is told when it
  /// is gone.
  void counts(Path file) {
    seen.computeIfAbsent(file, _ -> new Seen(NO_FILE)).everTold = true;
  }

  /// @return whether somebody was told of it
  private boolean forget(Path file) {
    Seen last = seen.remove(file);
    return last != null && (last.told || last.everTold);
  }

  /// @param changed files that could be told of now
  private boolean isWaiting(int changed) {
    if (seen.values().stream().filter(Seen::isUnsettled).count() == changed) {
      return false;
    }
    if (waitingNanos == 0) {
      waitingNanos = System.nanoTime();
    }
    return System.nanoTime() - waitingNanos < patience.together().toNanos();
  }

  /// Whether a file is missing for good. A listing taken while a file is renamed over another may
  /// have neither, and some tools remove a file before they put the new one in its place: a rule
  /// must not go for that moment, so one look does not count.
  private boolean isGone(Path file, boolean present) {
    Seen known = seen.get(file);
    if (known == null) {
      return false;
    }
    boolean missing = !present && Files.notExists(file, LinkOption.NOFOLLOW_LINKS);
    known.missingLooks = missing ? known.missingLooks + 1 : 0;
    if (known.missingLooks == 1) {
      known.sinceNanos = System.nanoTime();
    }
    return known.missingLooks >= LOOKS_TO_BE_GONE && lasted(known, patience.gone());
  }

  private static boolean lasted(Seen known, Duration time) {
    return System.nanoTime() - known.sinceNanos >= time.toNanos();
  }

  /// Whether some file is seen but not told yet, or told and perhaps gone.
  boolean isUnsettled() {
    return seen.values().stream().anyMatch(Seen::isUnsettled);
  }

  /// Tells this file once more, although it did not change.
  void tellAgain(Path file) {
    Seen known = seen.get(file);
    if (known != null) {
      known.everTold |= known.told;
      known.told = false;
    }
  }

  private Set<Path> files() throws IOException {
    Set<Path> files = new TreeSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.jar")) {
      entries.forEach(entry -> {
        if (!entry.getFileName().toString().startsWith(".")) {
          files.add(entry);
        }
      });
    }
    return files;
  }

  private boolean isToBeTold(Path file) {
    Look look;
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      look =
          found.isRegularFile()
              ? new Look(found.size(), found.lastModifiedTime(), found.fileKey())
              : NO_FILE;
    } catch (IOException e) {
      look = NO_FILE; // gone since it was listed, or a link that leads nowhere: the next look tells
    }
    Seen known = seen.get(file);
    if (known == null || !known.look.equals(look)) {
      known = renewed(known, look);
      seen.put(file, known);
    } else {
      known.equalLooks++;
    }
    return !known.told && known.equalLooks > 0 && (isWhole(file, look) || isBad(known));
  }

  private boolean isBad(Seen known) {
    return known.equalLooks >= PATIENT_LOOKS && lasted(known, patience.bad());
  }

  private static Seen renewed(@Nullable Seen known, Look look) {
    Seen fresh = new Seen(look);
    fresh.everTold = known != null && (known.told || known.everTold);
    long age = System.currentTimeMillis() - look.modified().toMillis();
    if (known == null && age > SETTLED_MS) {
      fresh.equalLooks = 1;
      fresh.sinceNanos -= age * 1_000_000;
    }
    return fresh;
  }

  private static boolean isWhole(Path file, Look look) {
    if (look.bytes() <= 0 || look.bytes() > ForeignFile.MAX_BYTES) {
      return false; // no file, or one of the kernel's, or one that is too large: not to be opened
    }
    try {
      return ForeignFile.isWholeJar(file);
    } catch (RefusedException e) {
      return true; // told at once, so that it is refused with a sentence, and not looked into again
    }
  }
}
