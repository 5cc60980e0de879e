package dev.sluice.runtime.trust;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertPath;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.SignerInformationStore;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampTokenGenerator;

/// A certificate with its key, and what can be made with it, right and wrong.
///
/// @param issuers those that lead to a trusted one, the nearest first
record TestCertificates(KeyPair keys, X509Certificate certificate, List<X509Certificate> issuers) {
  private static final Duration DAY = Duration.ofDays(1);
  private static long serial = 1000;

  TestCertificates {
    issuers = List.copyOf(issuers);
  }

  /// What a certificate is to be. The defaults are those of a good signer.
  record Wanted(
      String name,
      String algorithm,
      int bits,
      Instant from,
      Instant to,
      Optional<KeyPurposeId> purpose,
      int usage,
      boolean authority,
      String digest) {
    static Wanted signer(String name) {
      return new Wanted(
          name,
          "EC",
          256,
          Instant.now().minus(DAY),
          Instant.now().plus(DAY),
          Optional.of(KeyPurposeId.id_kp_codeSigning),
          KeyUsage.digitalSignature,
          false,
          "SHA256");
    }

    static Wanted authority(String name) {
      return new Wanted(
          name,
          "EC",
          256,
          Instant.now().minus(Duration.ofDays(100)),
          Instant.now().plus(Duration.ofDays(100)),
          Optional.empty(),
          KeyUsage.keyCertSign | KeyUsage.cRLSign,
          true,
          "SHA256");
    }

    Wanted key(String kind, int length) {
      return new Wanted(name, kind, length, from, to, purpose, usage, authority, digest);
    }

    Wanted life(Instant begin, Instant end) {
      return new Wanted(name, algorithm, bits, begin, end, purpose, usage, authority, digest);
    }

    Wanted purpose(Optional<KeyPurposeId> other) {
      return new Wanted(name, algorithm, bits, from, to, other, usage, authority, digest);
    }

    Wanted usage(int other) {
      return new Wanted(name, algorithm, bits, from, to, purpose, other, authority, digest);
    }

    Wanted digest(String other) {
      return new Wanted(name, algorithm, bits, from, to, purpose, usage, authority, other);
    }
  }

  static TestCertificates root(String name) {
    return make(Wanted.authority(name), Optional.empty());
  }

  static TestCertificates selfSigned(Wanted wanted) {
    return make(wanted, Optional.empty());
  }

  TestCertificates issue(Wanted wanted) {
    return make(wanted, Optional.of(this));
  }

  TestCertificates signer(String name) {
    return issue(Wanted.signer(name));
  }

  private static KeyPair keys(Wanted wanted) throws GeneralSecurityException {
    KeyPairGenerator generator =
        wanted.bits == 192 || wanted.bits == 224
            ? KeyPairGenerator.getInstance(wanted.algorithm, Algorithms.BouncyCastle.PROVIDER)
            : KeyPairGenerator.getInstance(wanted.algorithm);
    if (wanted.bits > 0) {
      generator.initialize(wanted.bits);
    }
    return generator.generateKeyPair();
  }

  private static String signature(KeyPair keys, String digest) {
    return switch (keys.getPrivate().getAlgorithm()) {
      case "RSA" -> digest + "withRSA";
      case "EdDSA", "Ed25519" -> "Ed25519";
      default -> digest + "withECDSA";
    };
  }

  private static synchronized BigInteger nextSerial() {
    return BigInteger.valueOf(serial++);
  }

  private static TestCertificates make(Wanted wanted, Optional<TestCertificates> issuer) {
    try {
      KeyPair keys = keys(wanted);
      X500Principal name = new X500Principal("CN=" + wanted.name);
      X500Principal by = issuer.map(i -> i.certificate.getSubjectX500Principal()).orElse(name);
      KeyPair signing = issuer.map(TestCertificates::keys).orElse(keys);
      var builder =
          new JcaX509v3CertificateBuilder(
              by,
              nextSerial(),
              Date.from(wanted.from),
              Date.from(wanted.to),
              name,
              keys.getPublic());
      builder.addExtension(
          Extension.basicConstraints, true, new BasicConstraints(wanted.authority));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(wanted.usage));
      if (wanted.purpose.isPresent()) {
        builder.addExtension(
            Extension.extendedKeyUsage, true, new ExtendedKeyUsage(wanted.purpose.get()));
      }
      X509Certificate made =
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(
                      new JcaContentSignerBuilder(signature(signing, wanted.digest))
                          .setProvider(Algorithms.BouncyCastle.PROVIDER)
                          .build(signing.getPrivate())));
      List<X509Certificate> issuers =
          issuer
              .map(i -> Stream.concat(Stream.of(i.certificate), i.issuers.stream()).toList())
              .orElse(List.of());
      return new TestCertificates(keys, made, issuers);
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The certificate, then those between it and the root.
  CertPath chain() {
    List<X509Certificate> chain = new java.util.ArrayList<>(List.of(certificate));
    issuers.stream().limit(Math.max(0, issuers.size() - 1)).forEach(chain::add);
    try {
      return CertificateFactory.getInstance("X.509").generateCertPath(chain);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  JarSigning signing() {
    return new JarSigning(keys.getPrivate(), chain(), Optional.empty());
  }

  static String pem(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }

  /// Writes the certificate where a gateway trusts it.
  Path trusted(Path folder) throws Exception {
    Files.createDirectories(folder);
    return Files.writeString(
        folder.resolve(certificate.getSerialNumber() + ".crt"),
        pem("CERTIFICATE", certificate.getEncoded()));
  }

  /// Writes a revocation list of this authority.
  ///
  /// @param next when it is out of date
  void revoke(Path folder, Instant next, X509Certificate... revoked) throws Exception {
    var builder =
        new JcaX509v2CRLBuilder(
            certificate.getSubjectX500Principal(), Date.from(Instant.now().minus(DAY)));
    builder.setNextUpdate(Date.from(next));
    for (X509Certificate each : revoked) {
      builder.addCRLEntry(
          each.getSerialNumber(), Date.from(Instant.parse("2026-01-02T03:04:05Z")), 1);
    }
    byte[] list =
        builder
            .build(
                new JcaContentSignerBuilder(signature(keys, "SHA256"))
                    .setProvider(Algorithms.BouncyCastle.PROVIDER)
                    .build(keys.getPrivate()))
            .getEncoded();
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve(certificate.getSerialNumber() + ".crl"), pem("X509 CRL", list));
  }

  /// The same signature block with a timestamp of this authority's in it.
  byte[] stamped(byte[] block, Instant time) {
    try {
      CMSSignedData signed = new CMSSignedData(block);
      SignerInformation information = signed.getSignerInfos().iterator().next();
      byte[] imprint =
          java.security.MessageDigest.getInstance("SHA-256").digest(information.getSignature());
      Attribute attribute =
          new Attribute(
              PKCSObjectIdentifiers.id_aa_signatureTimeStampToken,
              new DERSet(ASN1Primitive.fromByteArray(token(imprint, time))));
      SignerInformation stamped =
          SignerInformation.replaceUnsignedAttributes(
              information, new AttributeTable(new org.bouncycastle.asn1.DERSet(attribute)));
      return CMSSignedData.replaceSigners(signed, new SignerInformationStore(stamped)).getEncoded();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] token(byte[] imprint, Instant time)
      throws GeneralSecurityException, OperatorCreationException, TSPException, IOException {
    var signer =
        new JcaSimpleSignerInfoGeneratorBuilder()
            .setProvider(Algorithms.BouncyCastle.PROVIDER)
            .build("SHA256withECDSA", keys.getPrivate(), certificate);
    var digests = new JcaDigestCalculatorProviderBuilder().build();
    TimeStampTokenGenerator generator =
        new TimeStampTokenGenerator(
            signer,
            digests.get(new org.bouncycastle.asn1.x509.AlgorithmIdentifier(TSPAlgorithms.SHA256)),
            new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1"));
    generator.addCertificates(new JcaCertStore(List.of(certificate)));
    TimeStampRequestGenerator requests = new TimeStampRequestGenerator();
    requests.setCertReq(true);
    TimeStampRequest request = requests.generate(TSPAlgorithms.SHA256, imprint);
    return generator.generate(request, nextSerial(), Date.from(time)).getEncoded();
  }
}
