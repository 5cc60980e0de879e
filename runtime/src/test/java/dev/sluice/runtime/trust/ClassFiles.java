package dev.sluice.runtime.trust;

import java.util.Map;

/// Compiled classes for tests of other packages.
public final class ClassFiles {
  private ClassFiles() {}

  /// What a class, and those within it, are compiled to, by entry name.
  public static Map<String, byte[]> of(String type, String code) {
    return TestBundle.classes(type, code);
  }
}
