package dev.sluice.runtime.bench.swap;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Locale;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/// A bundle that exists, replaced by copies of itself: the same classes, the manifest's version
/// raised each time, signed anew. Not for concurrent use.
public final class RaisedBundle {
  private static final String VERSION = "Bundle-Version";

  private final byte[] built;
  private final String symbolicName;
  private final String versionPrefix;
  private final Path deployed;
  private final Seal seal;
  private final OutcomeBoard board;
  private int micro;

  /// Signs JAR files by somebody whom the gateway trusts.
  public interface Seal {
    /// Signs one, into a file on the file system of the gateway's bundles.
    Path sealed(byte[] jar) throws IOException;
  }

  /// A bundle that is deployed as it was built.
  ///
  /// @param deployed the file of `bundles/` that holds it
  /// @throws IOException if that is no bundle whose version has three numbers
  public RaisedBundle(Path deployed, Seal seal) throws IOException {
    this.deployed = deployed;
    this.seal = seal;
    this.built = Files.readAllBytes(deployed);
    Attributes main = manifest().getMainAttributes();
    String name = main.getValue("Bundle-SymbolicName");
    String version = main.getValue(VERSION);
    if (name == null || version == null || !version.matches("\\d+\\.\\d+\\.\\d{1,6}(\\..*)?")) {
      throw new IOException(deployed + " is no bundle with a version such as 1.0.0");
    }
    this.symbolicName = name.split(";", 2)[0].strip();
    String[] parts = version.split("\\.", -1);
    this.versionPrefix = parts[0] + "." + parts[1] + ".";
    this.micro = Integer.parseInt(parts[2]);
    this.board = new OutcomeBoard(String.valueOf(deployed.getFileName()), symbolicName);
  }

  /// Where lines of the gateway's event log are to be put up.
  public OutcomeBoard board() {
    return board;
  }

  public String symbolicName() {
    return symbolicName;
  }

  /// Replaces it by the next version.
  ///
  /// @return what the gateway told
  public Replaced replace(Duration limit) throws IOException, InterruptedException {
    board.clear();
    int version = ++micro;
    Path made = seal.sealed(copy(version));
    Files.move(made, deployed, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    long placed = System.nanoTime();
    Outcome outcome = board.await(version, limit);
    return new Replaced(outcome, outcome.toldNanos() - placed);
  }

  /// What became of a replacement.
  ///
  /// @param nanos from the file in its place until the outcome was told
  public record Replaced(Outcome outcome, long nanos) {}

  private Manifest manifest() throws IOException {
    try (JarInputStream jar = new JarInputStream(new ByteArrayInputStream(built))) {
      Manifest manifest = jar.getManifest();
      if (manifest == null) {
        throw new IOException(deployed + " has no manifest");
      }
      return manifest;
    }
  }

  private byte[] copy(int version) throws IOException {
    Manifest manifest = new Manifest(manifest());
    manifest.getMainAttributes().putValue(VERSION, versionPrefix + version);
    manifest.getEntries().clear(); // digests of a signature that the copy does not have
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(built.length);
    try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(built));
        JarOutputStream out = new JarOutputStream(bytes, manifest)) {
      for (JarEntry entry = in.getNextJarEntry(); entry != null; entry = in.getNextJarEntry()) {
        if (!isSignature(entry.getName())) {
          out.putNextEntry(new JarEntry(entry.getName()));
          in.transferTo(out);
          out.closeEntry();
        }
      }
    }
    return bytes.toByteArray();
  }

  private static boolean isSignature(String entry) {
    return entry.toUpperCase(Locale.ROOT).matches("META-INF/[^/]+\\.(SF|RSA|DSA|EC)");
  }
}
