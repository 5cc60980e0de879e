package dev.sluice.runtime.bench.swap;

import dev.sluice.runtime.pki.Authority;
import dev.sluice.runtime.pki.CertificateKind;
import dev.sluice.runtime.pki.CertificateRequest;
import dev.sluice.runtime.pki.PkiException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertPath;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.zip.ZipFile;
import jdk.security.jarsigner.JarSigner;

/// Signs bundles with a certificate that a small CA of its own has issued. Not for concurrent use.
final class BundleSigner {
  private static final int DAYS = 365;

  /// The common name of the certificate.
  static final String NAME = "signer";

  private final JarSigner signer;
  private final Path authority;
  private final Path scratch;

  private BundleSigner(JarSigner signer, Path authority, Path scratch) {
    this.signer = signer;
    this.authority = authority;
    this.scratch = scratch;
  }

  /// Makes the CA and the certificate.
  ///
  /// @param folder empty, or not there
  /// @param name of the CA
  static BundleSigner create(Path folder, String name) throws IOException, PkiException {
    Authority authority = Authority.create(folder, name);
    authority.issue(CertificateRequest.of(CertificateKind.SIGNER, NAME, DAYS));
    try {
      CertPath path =
          CertificateFactory.getInstance("X.509")
              .generateCertPath(
                  List.of(
                      certificate(authority.certificateFile(NAME)),
                      certificate(authority.certificateFile("ca"))));
      JarSigner signer =
          new JarSigner.Builder(key(authority.keyFile(NAME)), path)
              .digestAlgorithm("SHA-256")
              .signatureAlgorithm("SHA256withECDSA")
              .signerName("BENCH")
              .build();
      return new BundleSigner(
          signer, authority.certificateFile("ca"), folder.resolve("unsigned.jar"));
    } catch (GeneralSecurityException e) {
      throw new PkiException("no signer can be made: " + e.getMessage(), e);
    }
  }

  /// The file of the CA's certificate, for whoever is to trust the signatures.
  Path authority() {
    return authority;
  }

  /// The same JAR file with a signature.
  byte[] signed(byte[] jar) throws IOException {
    Files.write(scratch, jar);
    ByteArrayOutputStream signed = new ByteArrayOutputStream(2 * jar.length);
    try (ZipFile unsigned = new ZipFile(scratch.toFile())) {
      signer.sign(unsigned, signed);
    }
    return signed.toByteArray();
  }

  private static Certificate certificate(Path file) throws IOException, GeneralSecurityException {
    try (InputStream in = new ByteArrayInputStream(Files.readAllBytes(file))) {
      return CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
    String text = Files.readString(file).replaceAll("-----[A-Z ]+-----", "");
    byte[] encoded = Base64.getMimeDecoder().decode(text);
    return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(encoded));
  }
}
