package dev.sluice.runtime.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A bundle's JAR, read once from its first byte to its last: the manifest, the parts of
/// signatures, the names of all entries, and what the classes use, those of other Java versions and
/// of nested JARs included.
///
/// @param path of the file
/// @param names of the entries, folders included
/// @param parts of signatures: `META-INF/NAME.SF` and its block, by entry name
/// @param uses what the classes use that a permission covers
/// @param classes how many class files there are
record BundleFile(
    Path path,
    BundleManifest manifest,
    ManifestBytes manifestBytes,
    Set<String> names,
    Map<String, Part> parts,
    List<FoundUse> uses,
    int classes) {
  /// Most bytes of the file.
  private static final long MAX_BYTES = 64L << 20;

  private static final String META_INF = "META-INF/";

  /// What Java takes for a part of a signature, whatever the case of its letters.
  private static final Pattern PART =
      Pattern.compile("META-INF/(?:[^/]+\\.(?:SF|RSA|DSA|EC)|SIG-[^/]*)", Pattern.CASE_INSENSITIVE);

  /// Parts that are understood here.
  private static final Pattern KNOWN_PART = Pattern.compile("META-INF/[A-Z0-9_-]+\\.(?:SF|RSA|EC)");

  BundleFile {
    names = Collections.unmodifiableSet(new LinkedHashSet<>(names));
    parts = Map.copyOf(parts);
    uses = List.copyOf(uses);
  }

  /// One part of a signature.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Part(byte[] content) {}

  /// The manifest as it stands in the file.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record ManifestBytes(byte[] content) {}

  /// Reads the whole file.
  ///
  /// @throws TrustException if it is not one that everybody reads alike, or a class cannot be read
  static BundleFile read(Path path) throws TrustException {
    try {
      if (Files.size(path) > MAX_BYTES) {
        throw new TrustException(
            "it has " + Files.size(path) + " bytes; allowed: at most " + MAX_BYTES);
      }
      Reading reading = new Reading();
      ZipLayout.Budget budget = new ZipLayout.Budget();
      new ZipLayout(Files.readAllBytes(path), budget)
          .walk((name, content) -> reading.outer(name, content, budget));
      return reading.file(path);
    } catch (IOException e) {
      throw new TrustException("it cannot be read: " + e.getMessage());
    }
  }

  /// Whether somebody signed it, rightly or not.
  boolean isSigned() {
    return !parts.isEmpty();
  }

  private static final class Reading {
    private final ClassScan scan = new ClassScan();
    private final List<String> names = new ArrayList<>();
    private final Map<String, Part> parts = new TreeMap<>();
    private byte @Nullable [] manifest;

    void outer(String name, byte[] content, ZipLayout.Budget budget) throws TrustException {
      names.add(name);
      if (name.equals(JarFile.MANIFEST_NAME)) {
        requireFirst();
        manifest = content;
      } else if (PART.matcher(name).matches()) {
        part(name, content);
      } else {
        refuseLookalike(name);
        inner(name, content);
        if (isZip(name, content)) {
          nested(name, content, budget);
        }
      }
    }

    /// A stream finds the manifest there only, and takes a JAR for one without if it is elsewhere.
    private void requireFirst() throws TrustException {
      boolean second = names.size() == 2 && names.getFirst().equals(META_INF);
      if (names.size() != 1 && !second) {
        throw new TrustException(
            "it is no JAR file that everybody reads alike: its manifest is not the first entry");
      }
    }

    private void part(String name, byte[] content) throws TrustException {
      if (!KNOWN_PART.matcher(name).matches()) {
        throw new TrustException(
            "it has "
                + name
                + ", which Java takes for a part of a signature; allowed: META-INF/NAME.SF with"
                + " META-INF/NAME.RSA or NAME.EC, in capital letters");
      }
      parts.put(name, new Part(content));
    }

    private static void refuseLookalike(String name) throws TrustException {
      String upper = name.toUpperCase(Locale.ROOT);
      boolean inside = upper.startsWith(META_INF) && !name.startsWith(META_INF);
      if (inside || upper.equals(JarFile.MANIFEST_NAME)) {
        throw new TrustException(
            "its entry " + name + " differs from META-INF only by the case of its letters");
      }
    }

    private void inner(String name, byte[] content) throws TrustException {
      if (name.endsWith(".class") || startsWith(content, 0xca, 0xfe, 0xba, 0xbe)) {
        scan.read(name, content);
      }
    }

    private void nested(String name, byte[] content, ZipLayout.Budget budget)
        throws TrustException {
      try {
        new ZipLayout(content, budget)
            .walk((within, inside) -> {
              inner(name + "!/" + within, inside);
              if (isZip(within, inside)) {
                throw new TrustException(
                    "it has a JAR within a JAR within it, which nothing here could load");
              }
            });
      } catch (TrustException e) {
        throw new TrustException("in its entry " + name + ": " + e.sentence());
      }
    }

    private static boolean isZip(String name, byte[] content) {
      return name.endsWith(".jar") || startsWith(content, 'P', 'K', 3, 4);
    }

    private static boolean startsWith(byte[] content, int... bytes) {
      for (int at = 0; at < bytes.length; at++) {
        if (content.length <= at || (content[at] & 0xff) != bytes[at]) {
          return false;
        }
      }
      return true;
    }

    BundleFile file(Path path) throws TrustException {
      if (manifest == null) {
        throw new TrustException("it has no manifest");
      }
      return new BundleFile(
          path,
          new BundleManifest(manifest),
          new ManifestBytes(manifest),
          new LinkedHashSet<>(names),
          parts,
          scan.uses(),
          scan.classes());
    }
  }
}
