package dev.sluice.runtime.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertPath;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;
import jdk.security.jarsigner.JarSigner;
import jdk.security.jarsigner.JarSignerException;

/// Signs a JAR with a key and a certificate as `sluice pki issue signer NAME` writes them.
///
/// @param chain the signer's certificate first
record BundleSignature(PrivateKey key, List<X509Certificate> chain) {
  private static final Pattern PRIVATE_KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
  private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3"; // RFC 5280, 4.2.1.12
  private static final String SIGNER = "SIGNER";

  BundleSignature {
    chain = List.copyOf(chain);
  }

  /// Reads key and certificates, and sees that they belong together and may sign code now.
  ///
  /// @param keyFile PKCS#8 in PEM, not encrypted
  /// @param chainFile certificates in PEM, the signer's first
  static BundleSignature read(Path keyFile, Path chainFile) throws BundleException {
    List<X509Certificate> chain = certificates(chainFile);
    X509Certificate signer = chain.getFirst();
    PrivateKey key = key(keyFile, signer.getPublicKey().getAlgorithm());
    if (!belong(key, signer)) {
      throw new BundleException(
          keyFile
              + ": is not the key of the certificate in "
              + chainFile
              + ", which is that of "
              + signer.getSubjectX500Principal());
    }
    refuseUnfit(signer, chainFile);
    return new BundleSignature(key, chain);
  }

  private static List<X509Certificate> certificates(Path file) throws BundleException {
    try (InputStream in = Files.newInputStream(file)) {
      List<X509Certificate> chain =
          CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (chain.isEmpty()) {
        throw new BundleException(file + ": has no certificate; allowed: certificates in PEM");
      }
      return chain;
    } catch (CertificateException e) {
      throw new BundleException(
          file + ": has no certificate that can be read; allowed: certificates in PEM", e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static PrivateKey key(Path file, String algorithm) throws BundleException {
    try {
      Matcher pem = PRIVATE_KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
      if (pem.find()) {
        byte[] der = Base64.getMimeDecoder().decode(pem.group(1));
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new BundleException(
          file + ": has no " + algorithm + " key that can be read, as the certificate wants one",
          e);
    }
    throw new BundleException(
        file
            + ": has no private key; allowed: PKCS#8 in PEM, not encrypted, which begins with"
            + " -----BEGIN PRIVATE KEY-----");
  }

  private static BundleException unreadable(Path file, IOException cause) {
    String why =
        switch (cause) {
          case NoSuchFileException _ -> "no such file";
          case AccessDeniedException _ -> "this user may not read it";
          default -> "cannot be read: " + cause.getMessage();
        };
    return new BundleException(file + ": " + why, cause);
  }

  private static boolean belong(PrivateKey key, X509Certificate certificate) {
    byte[] sample = {1, 2, 3};
    try {
      Signature signature =
          Signature.getInstance(JarSigner.Builder.getDefaultSignatureAlgorithm(key));
      signature.initSign(key);
      signature.update(sample);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(sample);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false; // another kind of key, or another curve
    }
  }

  private static void refuseUnfit(X509Certificate signer, Path file) throws BundleException {
    try {
      signer.checkValidity();
      List<String> purposes = signer.getExtendedKeyUsage();
      if (purposes == null || !purposes.contains(CODE_SIGNING)) {
        throw new BundleException(
            file
                + ": is no signer's certificate: it has not the purpose codeSigning; './sluice"
                + " pki issue signer NAME' makes one that has");
      }
    } catch (CertificateExpiredException e) {
      throw new BundleException(file + ": ended on " + signer.getNotAfter().toInstant(), e);
    } catch (CertificateNotYetValidException e) {
      throw new BundleException(file + ": begins on " + signer.getNotBefore().toInstant(), e);
    } catch (CertificateException e) {
      throw new BundleException(file + ": its purposes cannot be read", e);
    }
  }

  /// Puts a signature into a JAR that has none.
  void sign(Path jar) throws BundleException {
    Path signed = jar.resolveSibling(jar.getFileName() + ".signed");
    try (ZipFile unsigned = new ZipFile(jar.toFile());
        OutputStream out = Files.newOutputStream(signed)) {
      CertPath path =
          CertificateFactory.getInstance("X.509").generateCertPath(List.<Certificate>copyOf(chain));
      new JarSigner.Builder(key, path)
          .digestAlgorithm("SHA-256")
          .signerName(SIGNER)
          .build()
          .sign(unsigned, out);
    } catch (IOException | GeneralSecurityException | JarSignerException e) {
      throw new BundleException(jar + ": cannot be signed: " + e.getMessage(), e);
    }
    try {
      Files.move(signed, jar, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new BundleException(jar + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /// Who signs, as RFC 2253 writes it.
  String signer() {
    return chain.getFirst().getSubjectX500Principal().getName();
  }
}
