package dev.sluice.runtime.trust;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Permissions in a line, for people to read.
public final class PermissionText {
  private static final String NOTHING = "nothing that wants a permission";

  private PermissionText() {}

  /// Each permission with the first place that wants it: `threads (java.lang.Thread.start in
  /// org.example.Guard.tick)`.
  public static String used(List<Usage> usages) {
    TreeMap<String, String> first = new TreeMap<>();
    usages.forEach(usage ->
        first.putIfAbsent(
            usage.permission().word(),
            usage.permission().word() + " (" + usage.what() + " in " + usage.where() + ")"));
    return first.isEmpty() ? NOTHING : String.join(", ", first.values());
  }

  /// The words of permissions.
  public static String declared(Collection<Permission> permissions) {
    Set<String> words = new TreeSet<>();
    permissions.forEach(permission -> words.add(permission.word()));
    return words.isEmpty() ? NOTHING : String.join(", ", words);
  }
}
