package dev.sluice.runtime.trust;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertPath;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.ZipFile;
import jdk.security.jarsigner.JarSigner;
import jdk.security.jarsigner.JarSignerException;

/// Signs JARs, as the JDK's `jarsigner` does and verifies.
///
/// @param key of the signer
/// @param chain the signer's certificate, then those that lead to a trusted one
/// @param timestamps where a time stamping authority is asked, if one is
public record JarSigning(PrivateKey key, CertPath chain, Optional<URI> timestamps) {
  private static final String NAME = "SLUICE";

  /// A signer from PEM files.
  ///
  /// @throws TrustException if they cannot be read, do not belong together, or no gateway would
  ///   take what they sign now; the sentence begins with the file
  public static JarSigning read(Path keyFile, Path chainFile) throws TrustException {
    CertPath chain = KeyFiles.chain(chainFile);
    JarSigning signing = new JarSigning(KeyFiles.key(keyFile), chain, Optional.empty());
    if (!signing.isPair()) {
      throw new TrustException(
          keyFile
              + ": is not the key of the first certificate of "
              + chainFile
              + ", which is that of "
              + signing.subject());
    }
    try {
      SignatureCheck.requirePurpose(signing.certificate());
      Algorithms.requireStrong(signing.certificate(), false);
      signing.requireInTime();
    } catch (TrustException e) {
      throw new TrustException(chainFile + ": " + e.sentence());
    }
    return signing;
  }

  private void requireInTime() throws TrustException {
    X509Certificate certificate = certificate();
    String whose = "the certificate of its signer " + subject();
    try {
      certificate.checkValidity();
    } catch (CertificateExpiredException e) {
      throw new TrustException(whose + " ended on " + certificate.getNotAfter().toInstant());
    } catch (CertificateNotYetValidException e) {
      throw new TrustException(whose + " begins on " + certificate.getNotBefore().toInstant());
    }
  }

  /// The same with timestamps of an authority.
  public JarSigning withTimestamps(URI authority) {
    return new JarSigning(key, chain, Optional.of(authority));
  }

  /// The certificate of the signer.
  public X509Certificate certificate() {
    return (X509Certificate) chain.getCertificates().getFirst();
  }

  /// Who signs, as RFC 2253 writes it.
  public String subject() {
    return Signer.name(certificate().getSubjectX500Principal());
  }

  private boolean isPair() {
    try {
      Signature signature =
          Signature.getInstance(JarSigner.Builder.getDefaultSignatureAlgorithm(key));
      byte[] word = {1, 2, 3};
      signature.initSign(key);
      signature.update(word);
      byte[] made = signature.sign();
      signature.initVerify(certificate().getPublicKey()); // what it is for is asked later
      signature.update(word);
      return signature.verify(made);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      // Of two kinds, or too short for any digest: no pair either way.
      return false;
    }
  }

  /// Signs a JAR into another file, which appears whole or not at all. A signature that is there
  /// already stays beside the new one, unless it was made by this class.
  ///
  /// @throws IOException if a file cannot be read or written, or no timestamp is to be had
  public void sign(Path from, Path to) throws IOException {
    Path fresh = to.resolveSibling("." + to.getFileName() + ".signing");
    JarSigner.Builder builder = new JarSigner.Builder(key, chain).signerName(NAME);
    timestamps.ifPresent(builder::tsa);
    try {
      try (ZipFile jar = new ZipFile(from.toFile());
          OutputStream out = Files.newOutputStream(fresh)) {
        builder.build().sign(jar, out);
      }
      Files.move(fresh, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (JarSignerException | IllegalArgumentException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException("cannot be signed: " + cause.getMessage(), e);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JarSigning signing
        && chain.equals(signing.chain)
        && Arrays.equals(key.getEncoded(), signing.key.getEncoded());
  }

  @Override
  public int hashCode() {
    return chain.hashCode();
  }

  @Override
  public String toString() {
    return "signer " + subject(); // never the key
  }
}
