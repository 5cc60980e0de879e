package dev.sluice.runtime.demo;

import dev.sluice.runtime.trust.JarSigning;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;

/// A rule bundle as an operator handles it: a jar that is moved into the gateway's folder whole,
/// over an older version, or out of it.
final class RuleBundle {
  private static final String BUNDLE_VERSION = "Bundle-Version";
  private static final Pattern SIGNATURE = Pattern.compile("META-INF/[^/]+\\.(SF|RSA|EC)");

  private final Path built;
  private final Path workshop;
  private final Path deployed;
  private final JarSigning signing;
  private final String symbolicName;

  /// A bundle that is not deployed yet.
  ///
  /// @param built the jar
  /// @param workshop a folder on the same file system as `bundles`, where versions are made
  /// @param bundles the gateway's folder
  /// @param signing who signs each version
  RuleBundle(Path built, Path workshop, Path bundles, JarSigning signing) throws StepException {
    this.built = built;
    this.workshop = workshop;
    this.signing = signing;
    this.deployed = bundles.resolve(built.getFileName());
    try (JarInputStream jar = new JarInputStream(Files.newInputStream(built))) {
      Manifest manifest = jar.getManifest();
      String name =
          manifest == null ? null : manifest.getMainAttributes().getValue("Bundle-SymbolicName");
      if (name == null) {
        throw new StepException(built + " is no bundle");
      }
      symbolicName = name.split(";", 2)[0];
    } catch (IOException e) {
      throw new StepException(built + " cannot be read: " + e.getMessage(), e);
    }
  }

  String symbolicName() {
    return symbolicName;
  }

  /// Moves a version into the gateway's folder, over the one that may be there.
  void deploy(String version) throws StepException {
    Path made = workshop.resolve("rule-bundle-" + version + ".jar");
    try {
      rewrite(version, made);
      signing.sign(made, made);
      Files.move(
          made, deployed, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new StepException("the bundle cannot be deployed: " + e.getMessage(), e);
    }
  }

  /// Takes it out of the gateway's folder.
  void remove() throws StepException {
    try {
      Files.delete(deployed);
    } catch (IOException e) {
      throw new StepException("the bundle cannot be removed: " + e.getMessage(), e);
    }
  }

  /// The same bundle under another version, without the signature of the one that was built.
  private void rewrite(String version, Path target) throws IOException {
    try (JarInputStream in = new JarInputStream(Files.newInputStream(built));
        OutputStream file = Files.newOutputStream(target)) {
      Manifest manifest = new Manifest();
      manifest.getMainAttributes().putAll(in.getManifest().getMainAttributes());
      manifest.getMainAttributes().putValue(BUNDLE_VERSION, version);
      try (JarOutputStream out = new JarOutputStream(file, manifest)) {
        for (JarEntry entry = in.getNextJarEntry(); entry != null; entry = in.getNextJarEntry()) {
          if (!SIGNATURE.matcher(entry.getName()).matches()) {
            copy(entry, in, out);
          }
        }
      }
    }
  }

  private static void copy(JarEntry entry, InputStream in, JarOutputStream out) throws IOException {
    out.putNextEntry(new JarEntry(entry.getName()));
    in.transferTo(out);
    out.closeEntry();
  }
}
