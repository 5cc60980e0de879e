package dev.sluice.runtime.host;

import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.osgi.framework.Version;

/// A bundle's file as it was taken into the private store, where nobody else writes.
///
/// @param file where it was found, in `bundles/`
/// @param modified when that file was last written
/// @param copy the private copy, which is what is checked and installed
/// @param sha256 of the copy, as 64 hexadecimal digits
record StoredBundle(
    Path file, FileTime modified, Path copy, String sha256, String symbolicName, Version version) {

  /// How every location begins that the gateway installs from `bundles/`.
  static final String LOCATION = "sluice:";

  /// How the bundle is named to people and in the chain.
  String title() {
    return symbolicName + "/" + version;
  }

  /// Where the framework believes that it came from: different for every content.
  String location() {
    return LOCATION + symbolicName + "/" + version + "/" + sha256;
  }

  /// The same content, as that of another file.
  StoredBundle at(Path other) {
    return new StoredBundle(other, modified, copy, sha256, symbolicName, version);
  }

  String fileName() {
    return String.valueOf(file.getFileName());
  }
}
