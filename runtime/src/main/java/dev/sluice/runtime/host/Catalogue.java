package dev.sluice.runtime.host;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What the files of `bundles/` ask to be run. Of several files with one symbolic name the one that
/// was written last counts, and of equally old ones the last by name. For the deploying thread
/// alone.
final class Catalogue {
  private static final Comparator<StoredBundle> NEWEST_FIRST =
      Comparator.comparing(StoredBundle::modified).thenComparing(StoredBundle::file).reversed();

  private final Map<Path, StoredBundle> byFile = new HashMap<>();

  /// Notes what a file holds.
  ///
  /// @return what it held before
  Optional<StoredBundle> put(StoredBundle stored) {
    return Optional.ofNullable(byFile.put(stored.file(), stored));
  }

  /// Forgets a file.
  ///
  /// @return what it held
  Optional<StoredBundle> remove(Path file) {
    return Optional.ofNullable(byFile.remove(file));
  }

  /// The symbolic names that are asked for.
  Set<String> symbolicNames() {
    Set<String> names = new TreeSet<>();
    byFile.values().forEach(stored -> names.add(stored.symbolicName()));
    return names;
  }

  /// The files of one symbolic name, the one that counts first.
  List<StoredBundle> ranked(String symbolicName) {
    return byFile.values().stream()
        .filter(stored -> stored.symbolicName().equals(symbolicName))
        .sorted(NEWEST_FIRST)
        .toList();
  }

  /// The contents of all files, by their SHA-256.
  Set<String> contents() {
    Set<String> contents = new TreeSet<>();
    byFile.values().forEach(stored -> contents.add(stored.sha256()));
    return contents;
  }

  /// Files by symbolic name where there are several.
  Map<String, List<StoredBundle>> rivals() {
    Map<String, List<StoredBundle>> rivals = new TreeMap<>();
    Collection<String> names = symbolicNames();
    for (String name : names) {
      List<StoredBundle> ranked = ranked(name);
      if (ranked.size() > 1) {
        rivals.put(name, ranked);
      }
    }
    return rivals;
  }
}
