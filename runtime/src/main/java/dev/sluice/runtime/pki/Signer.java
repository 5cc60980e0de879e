package dev.sluice.runtime.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Makes keys, certificates and CRLs as RFC 5280 wants them: ECDSA with P-256 and SHA-256.
final class Signer {
  static final Provider PROVIDER = new BouncyCastleProvider();

  private static final String ALGORITHM = "SHA256withECDSA";
  private static final int SERIAL_BYTES = 16; // RFC 5280, 4.1.2.2: at most 20, hard to guess
  private static final Duration CRL_LIFE = Duration.ofDays(30);
  private static final SecureRandom RANDOM = new SecureRandom();

  private Signer() {}

  static KeyPair newKeyPair() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", PROVIDER);
    generator.initialize(new ECGenParameterSpec("P-256"));
    return generator.generateKeyPair();
  }

  static BigInteger newSerial() {
    return new BigInteger(8 * SERIAL_BYTES - 1, RANDOM).setBit(0);
  }

  /// The authority's own certificate, signed with its own key. It signs no other authority.
  static X509CertificateHolder authority(
      KeyPair keys, X500Name name, Instant notBefore, Instant notAfter)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    var extensions = new JcaX509ExtensionUtils();
    return certificate(keys.getPublic(), name, name, newSerial(), notBefore, notAfter)
        .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
        .addExtension(
            Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
        .addExtension(
            Extension.subjectKeyIdentifier,
            false,
            extensions.createSubjectKeyIdentifier(keys.getPublic()))
        .build(signer(keys.getPrivate()));
  }

  /// A holder's certificate.
  ///
  /// @param names may be empty
  static X509CertificateHolder holder(
      PublicKey key,
      IssuedCertificate row,
      List<GeneralNames> names,
      X509CertificateHolder issuer,
      PrivateKey issuerKey)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    var extensions = new JcaX509ExtensionUtils();
    X509v3CertificateBuilder builder =
        certificate(
                key,
                name(row.subject()),
                issuer.getSubject(),
                row.serial(),
                row.notBefore(),
                row.notAfter())
            .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
            .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
            .addExtension(
                Extension.extendedKeyUsage, false, new ExtendedKeyUsage(row.kind().purpose()))
            .addExtension(
                Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(key))
            .addExtension(
                Extension.authorityKeyIdentifier,
                false,
                extensions.createAuthorityKeyIdentifier(issuer.getSubjectPublicKeyInfo()));
    for (GeneralNames some : names) {
      builder.addExtension(Extension.subjectAlternativeName, false, some);
    }
    return builder.build(signer(issuerKey));
  }

  /// The list of all revoked certificates of the index, with the index's CRL number.
  static X509CRLHolder revocationList(
      CertificateIndex index, Instant now, X509CertificateHolder issuer, PrivateKey issuerKey)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    X509v2CRLBuilder builder = new X509v2CRLBuilder(issuer.getSubject(), Date.from(now));
    builder.setNextUpdate(Date.from(now.plus(CRL_LIFE)));
    builder.addExtension(
        Extension.authorityKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(issuer.getSubjectPublicKeyInfo()));
    builder.addExtension(
        Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(index.crlNumber())));
    for (IssuedCertificate row : index.rows()) {
      row.revocation()
          .ifPresent(revocation ->
              // BC writes no reason code for `unspecified`, as RFC 5280, 5.3.1 asks.
              builder.addCRLEntry(
                  row.serial(), Date.from(revocation.at()), revocation.reason().code()));
    }
    return builder.build(signer(issuerKey));
  }

  /// A distinguished name of RFC 4514, whose text has the last part first.
  ///
  /// @throws IllegalArgumentException if `text` is none
  static X500Name name(String text) {
    return X500Name.getInstance(new X500Principal(text).getEncoded());
  }

  /// The name that is a common name alone, whatever letters it has.
  static X500Name commonName(String text) {
    return new X500NameBuilder().addRDN(BCStyle.CN, text).build();
  }

  private static X509v3CertificateBuilder certificate(
      PublicKey key,
      X500Name subject,
      X500Name issuer,
      BigInteger serial,
      Instant notBefore,
      Instant notAfter) {
    return new JcaX509v3CertificateBuilder(
        issuer, serial, Date.from(notBefore), Date.from(notAfter), subject, key);
  }

  private static ContentSigner signer(PrivateKey key) throws OperatorCreationException {
    return new JcaContentSignerBuilder(ALGORITHM).setProvider(PROVIDER).build(key);
  }
}
