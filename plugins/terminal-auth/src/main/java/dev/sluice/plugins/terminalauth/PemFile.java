package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.SettingsException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/// What a PEM file holds (RFC 7468).
///
/// @param name how messages name the file
record PemFile(String name, String text, Provider provider) {

  /// Every certificate of the file, at least one.
  List<X509Certificate> certificates() throws SettingsException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Object object : objects()) {
      if (object instanceof X509CertificateHolder holder) {
        certificates.add(certificate(holder));
      }
    }
    if (certificates.isEmpty()) {
      throw wrong("no certificate in it", "PEM blocks that begin with BEGIN CERTIFICATE");
    }
    return certificates;
  }

  private X509Certificate certificate(X509CertificateHolder holder) throws SettingsException {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509", provider)
              .generateCertificate(new ByteArrayInputStream(holder.getEncoded()));
    } catch (CertificateException | IOException e) {
      throw wrong("unreadable certificate (" + e.getMessage() + ")", "X.509 certificates");
    }
  }

  /// Every revocation list of the file, at least one.
  List<X509CRL> revocationLists() throws SettingsException {
    List<X509CRL> lists = new ArrayList<>();
    for (Object object : objects()) {
      if (object instanceof X509CRLHolder holder) {
        lists.add(revocationList(holder));
      }
    }
    if (lists.isEmpty()) {
      throw wrong("no revocation list in it", "PEM blocks that begin with BEGIN X509 CRL");
    }
    return lists;
  }

  private X509CRL revocationList(X509CRLHolder holder) throws SettingsException {
    try {
      return (X509CRL)
          CertificateFactory.getInstance("X.509", provider)
              .generateCRL(new ByteArrayInputStream(holder.getEncoded()));
    } catch (CertificateException | CRLException | IOException e) {
      throw wrong("unreadable revocation list (" + e.getMessage() + ")", "X.509 lists");
    }
  }

  /// The first private key of the file, which must not be encrypted.
  PrivateKey privateKey() throws SettingsException {
    JcaPEMKeyConverter converter = new JcaPEMKeyConverter().setProvider(provider);
    try {
      for (Object object : objects()) {
        if (object instanceof PEMKeyPair pair) {
          return converter.getKeyPair(pair).getPrivate();
        }
        if (object instanceof PrivateKeyInfo info) {
          return converter.getPrivateKey(info);
        }
      }
    } catch (IOException e) {
      throw wrong("unreadable key", "an EC key on P-256 or P-384");
    }
    throw wrong("no unencrypted private key in it", "a PEM block that begins with PRIVATE KEY");
  }

  private List<Object> objects() throws SettingsException {
    List<Object> objects = new ArrayList<>();
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
        objects.add(object);
      }
    } catch (IOException | RuntimeException e) {
      // The parser meets broken ASN.1 with unchecked exceptions of many kinds.
      throw wrong("not a PEM file (" + e.getMessage() + ")", "PEM (RFC 7468)");
    }
    return objects;
  }

  private SettingsException wrong(String what, String allowed) {
    return new SettingsException(name + ": " + what + ": allowed: " + allowed);
  }

  static PemFile of(String name, byte[] content, Provider provider) {
    return new PemFile(name, new String(content, StandardCharsets.ISO_8859_1), provider);
  }
}
