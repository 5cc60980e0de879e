package dev.sluice.runtime.trust;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// What a bundle may need a permission for. `docs/bundle-trust.md` says what each covers; the rules
/// are in [PermissionRules]. What no permission covers, every bundle may use: computing,
/// collections, time, locks and atomics, cryptography, and the API.
public enum Permission {
  /// Starting threads, pools and timers.
  THREADS,
  /// Files and folders, read or written.
  FILES,
  /// Sockets, name look-ups, URLs, data bases, directories.
  NETWORK,
  /// Other processes.
  PROCESS,
  /// Members by name: reflection, method handle look-ups, proxies.
  REFLECTION,
  /// Environment variables and system properties, standard streams, defaults of the whole JVM.
  ENVIRONMENT,
  /// Object streams.
  SERIALIZATION,
  /// Class loaders, defining classes, services, compilers.
  CLASSLOADING,
  /// The JVM's management, recording and logging.
  MANAGEMENT,
  /// Other bundles and the framework itself.
  FRAMEWORK,
  /// Security providers and policies of the whole JVM.
  SECURITY,
  /// Native code and raw memory. Nobody gets it.
  NATIVE,
  /// The end of the process. Nobody gets it.
  EXIT;

  /// Whether an operator can grant it.
  public boolean isGrantable() {
    return this != NATIVE && this != EXIT;
  }

  /// The word for it in headers and settings.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The permission that has this word.
  public static Optional<Permission> of(String word) {
    return Arrays.stream(values()).filter(each -> each.word().equals(word)).findFirst();
  }

  /// The words of those that can be granted.
  static String grantable() {
    return Arrays.stream(values())
        .filter(Permission::isGrantable)
        .map(Permission::word)
        .collect(Collectors.joining(", "));
  }
}
