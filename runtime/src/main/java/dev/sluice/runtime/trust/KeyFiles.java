package dev.sluice.runtime.trust;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertPath;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;

/// A signer's key and certificates as PEM files have them.
final class KeyFiles {
  private KeyFiles() {}

  /// The first private key of a file: PKCS#8, or the older forms of EC and RSA; not encrypted.
  static PrivateKey key(Path file) throws TrustException {
    try (Reader reader = Files.newBufferedReader(file);
        PEMParser parser = new PEMParser(reader)) {
      for (Object each = parser.readObject(); each != null; each = parser.readObject()) {
        switch (each) {
          case PrivateKeyInfo info -> {
            return key(file, info);
          }
          case PEMKeyPair pair -> {
            return key(file, pair.getPrivateKeyInfo());
          }
          default -> {
            // The parameters of a curve come before its key; an encrypted key is told below.
          }
        }
      }
    } catch (PEMException | RuntimeException e) {
      throw new TrustException(file + ": cannot be read as PEM: " + e.getMessage());
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    throw new TrustException(file + ": holds no private key that can be read without a password");
  }

  private static TrustException unreadable(Path file, IOException cause) {
    String why =
        switch (cause) {
          case NoSuchFileException _ -> "no such file";
          case AccessDeniedException _ -> "this user may not read it";
          default -> "cannot be read: " + cause.getMessage();
        };
    return new TrustException(file + ": " + why);
  }

  /// As a key of the JVM's own providers, which sign JARs.
  private static PrivateKey key(Path file, PrivateKeyInfo info) throws TrustException, IOException {
    PKCS8EncodedKeySpec encoded = new PKCS8EncodedKeySpec(info.getEncoded());
    Optional<PrivateKey> key =
        Stream.of("EC", "RSA", "EdDSA").flatMap(each -> ofKind(each, encoded).stream()).findFirst();
    return key.orElseThrow(() ->
        new TrustException(file + ": is a key of an unknown kind; allowed: EC, RSA, Ed25519"));
  }

  private static Optional<PrivateKey> ofKind(String kind, PKCS8EncodedKeySpec encoded) {
    try {
      return Optional.of(KeyFactory.getInstance(kind).generatePrivate(encoded));
    } catch (GeneralSecurityException e) {
      return Optional.empty(); // it is of another kind
    }
  }

  /// The certificates of a file: the signer's first, then those that lead to a trusted one.
  static CertPath chain(Path file) throws TrustException {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      byte[] content = Files.readAllBytes(file);
      for (Certificate each : factory.generateCertificates(new ByteArrayInputStream(content))) {
        chain.add((X509Certificate) each);
      }
      if (chain.isEmpty()) {
        throw new TrustException(file + ": holds no certificate");
      }
      return factory.generateCertPath(chain);
    } catch (IOException e) {
      throw unreadable(file, e);
    } catch (GeneralSecurityException e) {
      throw new TrustException(file + ": cannot be read as certificates: " + e.getMessage());
    }
  }
}
