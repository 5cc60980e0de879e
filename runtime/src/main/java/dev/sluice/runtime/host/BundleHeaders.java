package dev.sluice.runtime.host;

import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/// What a JAR says that it is, once everything in it that can be judged without running it has
/// been.
///
/// @param symbolicName without directives
record BundleHeaders(String symbolicName, Version version) {
  /// Most bytes that the entries may have when they are unpacked.
  static final long MAX_UNPACKED_BYTES = 512L << 20;

  private static final Pattern SYMBOLIC_NAME =
      Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");

  /// A class of the packages that the gateway itself exports, wherever in the JAR it lies.
  private static final Pattern OWN_API =
      Pattern.compile("(?:.*/)?dev/sluice/(?:plugin|wire)/[^/]+\\.class");

  /// Reads and checks.
  ///
  /// @throws IOException if an entry cannot be read whole
  static BundleHeaders check(JarFile jar) throws IOException, RefusedException {
    Manifest manifest = jar.getManifest();
    Attributes main = manifest == null ? new Attributes() : manifest.getMainAttributes();
    BundleHeaders headers = new BundleHeaders(symbolicName(main), version(main));
    if (main.getValue(Constants.FRAGMENT_HOST) != null) {
      throw new RefusedException(
          "it is a fragment of "
              + main.getValue(Constants.FRAGMENT_HOST)
              + "; allowed: bundles that stand alone");
    }
    new Contents().read(jar);
    return headers;
  }

  private static String symbolicName(Attributes main) throws RefusedException {
    String header = main.getValue(Constants.BUNDLE_SYMBOLICNAME);
    if (header == null) {
      throw new RefusedException(
          "its manifest has no Bundle-SymbolicName, so it is no OSGi bundle");
    }
    String name = beforeDirectives(header);
    if (!isSymbolicName(name)) {
      throw new RefusedException(
          "its Bundle-SymbolicName = " + header + "; allowed: words joined by dots");
    }
    return name;
  }

  static boolean isSymbolicName(String text) {
    return SYMBOLIC_NAME.matcher(text).matches() && text.length() <= 200;
  }

  private static String beforeDirectives(String header) {
    int directives = header.indexOf(';');
    return (directives < 0 ? header : header.substring(0, directives)).strip();
  }

  private static Version version(Attributes main) throws RefusedException {
    @Nullable String header = main.getValue(Constants.BUNDLE_VERSION);
    try {
      return Version.parseVersion(header);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(
          "its Bundle-Version = " + header + "; allowed: a version such as 1.2.3");
    }
  }

  /// Walks through every entry and checks its sum, which [JarFile] alone does not.
  private static final class Contents {
    private final byte[] block = new byte[1 << 16];
    private long unpackedBytes;

    void read(JarFile jar) throws IOException, RefusedException {
      for (JarEntry entry : Collections.list(jar.entries())) {
        refuseOwnApi(entry.getName());
        CRC32 sum = new CRC32();
        try (InputStream in = new CheckedInputStream(jar.getInputStream(entry), sum)) {
          if (entry.getName().endsWith(".jar")) {
            nested(in);
          }
          drain(in);
        }
        if (sum.getValue() != entry.getCrc()) {
          throw new ZipException("the check sum of " + entry.getName() + " is wrong");
        }
      }
    }

    private void nested(InputStream in) throws IOException, RefusedException {
      ZipInputStream zip = new ZipInputStream(in);
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        refuseOwnApi(entry.getName());
        drain(zip);
      }
    }

    private void drain(InputStream in) throws IOException, RefusedException {
      for (int count = in.read(block); count > 0; count = in.read(block)) {
        unpackedBytes += count;
        if (unpackedBytes > MAX_UNPACKED_BYTES) {
          throw new RefusedException(
              "it unpacks to more than "
                  + MAX_UNPACKED_BYTES
                  + " bytes, which is the most allowed");
        }
      }
    }

    private static void refuseOwnApi(String entry) throws RefusedException {
      if (OWN_API.matcher(entry).matches()) {
        throw new RefusedException(
            "it contains "
                + entry
                + ", which the gateway provides: leave plugin-api out of the JAR and import its"
                + " packages");
      }
    }
  }
}
