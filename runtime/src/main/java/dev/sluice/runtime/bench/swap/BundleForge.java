package dev.sluice.runtime.bench.swap;

import dev.sluice.runtime.pki.PkiException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/// Makes bundles, good and bad, signed, as files beside the gateway's folder. Not for concurrent
/// use.
public final class BundleForge {
  private static final String STORE = "trust";

  private final Path workshop;
  private final BundleSigner signer;
  private final BundleSigner stranger;

  private BundleForge(Path workshop, BundleSigner signer, BundleSigner stranger) {
    this.workshop = workshop;
    this.signer = signer;
    this.stranger = stranger;
  }

  /// A forge with two signers of its own: one that a gateway is to trust, and a stranger.
  ///
  /// @param folder empty, or not there; on the same file system as the gateway's bundles
  public static BundleForge open(Path folder) throws IOException, PkiException {
    Path store = Files.createDirectories(folder.resolve(STORE));
    BundleSigner signer = BundleSigner.create(folder.resolve("signer"), "Sluice bench signers");
    Files.copy(signer.authority(), store.resolve("ca.crt"));
    return new BundleForge(
        folder, signer, BundleSigner.create(folder.resolve("stranger"), "Sluice bench strangers"));
  }

  /// The symbolic name of all bundles made here.
  public static String symbolicName() {
    return BundleRecipe.SYMBOLIC_NAME;
  }

  /// The folder with the certificate that a gateway is to trust, and nothing else.
  public Path trustStore() {
    return workshop.resolve(STORE);
  }

  /// Has a gateway trust the signer besides those that it trusts already, for bundles of every
  /// name.
  ///
  /// @param store its folder of trusted certificates
  /// @param settings its `sluice.cfg`, which names no signers
  public void settleIn(Path store, Path settings) throws IOException {
    Files.createDirectories(store);
    Files.copy(signer.authority(), store.resolve("bench-signers.crt"));
    Files.writeString(
        settings, "signer-names = " + BundleSigner.NAME + ":*\n", StandardOpenOption.APPEND);
  }

  /// Lines of `sluice.cfg` by which a gateway trusts the signer.
  public String settings() {
    return "bundle-trust = signed\ntrust-store = " + trustStore() + "\n";
  }

  /// A bundle that marks packets with its version.
  ///
  /// @param version more than 0, and higher than all made before
  public Path good(int version) throws IOException {
    return written(version, signer.signed(new BundleRecipe(version).jar()));
  }

  /// A bundle that is bad in one way.
  public Path bad(BadBundle kind, int version) throws IOException {
    byte[] jar = kind.recipe(version).jar();
    return written(
        version,
        switch (kind.seal()) {
          case OURS -> signer.signed(jar);
          case NONE -> jar;
          case STRANGER -> stranger.signed(jar);
          case TAMPERED -> tampered(signer.signed(jar), version);
          case TRUNCATED -> truncated(signer.signed(jar));
          case RUBBISH -> "no bundle at all".getBytes(StandardCharsets.US_ASCII);
        });
  }

  /// Any JAR file, signed, as a file beside the others.
  public Path raised(byte[] jar) throws IOException {
    return Files.write(workshop.resolve("raised.jar"), signer.signed(jar));
  }

  private Path written(int version, byte[] jar) throws IOException {
    return Files.write(workshop.resolve("marking-" + version + ".jar"), jar);
  }

  private static byte[] truncated(byte[] jar) {
    return Arrays.copyOf(jar, jar.length - 40);
  }

  /// Puts the handler of the next version in; its check sum is right, its digest is not.
  private static byte[] tampered(byte[] jar, int version) throws IOException {
    byte[] other = handler(new BundleRecipe(version + 1).jar());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(jar.length);
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(jar));
        ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        byte[] content = in.readAllBytes();
        out.putNextEntry(new ZipEntry(entry.getName()));
        out.write(entry.getName().equals(BundleRecipe.HANDLER_ENTRY) ? other : content);
        out.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] handler(byte[] jar) throws IOException {
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(jar))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (entry.getName().equals(BundleRecipe.HANDLER_ENTRY)) {
          return in.readAllBytes();
        }
      }
    }
    throw new IOException("a marking bundle has no handler");
  }
}
