package dev.sluice.runtime.demo;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/// A terminal's certificate, with those of intermediate authorities if there are any, and its
/// private key, from PEM files.
public final class Credentials {
  private final List<X509CertificateHolder> chain;
  private final AsymmetricKeyParameter key;

  private Credentials(List<X509CertificateHolder> chain, AsymmetricKeyParameter key) {
    this.chain = chain;
    this.key = key;
  }

  /// Reads both files.
  ///
  /// @param certificateFile the terminal's certificate first
  /// @param keyFile an EC or RSA key, not encrypted
  public static Credentials read(Path certificateFile, Path keyFile) throws CredentialException {
    return new Credentials(certificates(certificateFile), key(keyFile));
  }

  private static List<X509CertificateHolder> certificates(Path file) throws CredentialException {
    List<X509CertificateHolder> certificates = new ArrayList<>();
    for (Object object : objects(file)) {
      if (object instanceof X509CertificateHolder certificate) {
        certificates.add(certificate);
      }
    }
    if (certificates.isEmpty()) {
      throw new CredentialException(file + " holds no certificate in PEM form");
    }
    return certificates;
  }

  private static AsymmetricKeyParameter key(Path file) throws CredentialException {
    try {
      for (Object object : objects(file)) {
        if (object instanceof PrivateKeyInfo info) {
          return PrivateKeyFactory.createKey(info);
        }
        if (object instanceof PEMKeyPair pair) {
          return PrivateKeyFactory.createKey(pair.getPrivateKeyInfo());
        }
      }
    } catch (IOException e) {
      throw new CredentialException(file + " holds a key of an unknown kind", e);
    }
    throw new CredentialException(file + " holds no private key in plain PEM form");
  }

  private static List<Object> objects(Path file) throws CredentialException {
    List<Object> objects = new ArrayList<>();
    try (Reader reader = Files.newBufferedReader(file);
        PEMParser parser = new PEMParser(reader)) {
      for (Object next = parser.readObject(); next != null; next = parser.readObject()) {
        objects.add(next);
      }
      return objects;
    } catch (IOException e) {
      throw new CredentialException("cannot read " + file + ": " + e, e);
    }
  }

  /// Credentials for one handshake.
  ///
  /// @param accepted signature algorithms that the gateway takes
  /// @throws TlsFatalAlert if this key's is not among them
  TlsCredentials forHandshake(BcTlsCrypto crypto, TlsCryptoParameters parameters, List<?> accepted)
      throws IOException {
    SignatureAndHashAlgorithm own =
        new SignatureAndHashAlgorithm(
            HashAlgorithm.sha256,
            key instanceof ECPrivateKeyParameters
                ? SignatureAlgorithm.ecdsa
                : SignatureAlgorithm.rsa);
    if (!accepted.contains(own)) {
      throw new TlsFatalAlert(
          AlertDescription.handshake_failure, "the gateway does not take signatures by " + own);
    }
    TlsCertificate[] certificates = new TlsCertificate[chain.size()];
    for (int i = 0; i < certificates.length; i++) {
      certificates[i] = crypto.createCertificate(chain.get(i).getEncoded());
    }
    return new BcDefaultTlsCredentialedSigner(
        parameters, crypto, key, new Certificate(certificates), own);
  }
}
