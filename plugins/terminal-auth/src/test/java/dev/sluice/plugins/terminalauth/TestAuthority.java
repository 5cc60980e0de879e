package dev.sluice.plugins.terminalauth;

import java.io.StringWriter;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/// An authority for tests, which issues what it is told to.
final class TestAuthority {
  static final Provider PROVIDER = new BouncyCastleProvider();
  static final Duration DAY = Duration.ofDays(1);
  private static final SecureRandom RANDOM = new SecureRandom();

  /// A certificate and its key.
  record Identity(X509Certificate certificate, KeyPair keys) {}

  /// What a certificate says; the defaults are those of a good terminal.
  record Wish(
      String subject,
      Instant begin,
      Instant end,
      boolean authority,
      int keyUsage,
      @Nullable KeyPurposeId purpose,
      String curve) {
    static Wish terminal(String subject) {
      Instant now = Instant.now();
      return new Wish(
          subject,
          now.minus(DAY),
          now.plus(DAY),
          false,
          KeyUsage.digitalSignature,
          KeyPurposeId.id_kp_clientAuth,
          "secp256r1");
    }

    Wish valid(Instant from, Instant until) {
      return new Wish(subject, from, until, authority, keyUsage, purpose, curve);
    }

    Wish asAuthority() {
      int usage = KeyUsage.keyCertSign | KeyUsage.cRLSign;
      return new Wish(subject, begin, end, true, usage | keyUsage, purpose, curve);
    }

    Wish usage(int changed) {
      return new Wish(subject, begin, end, authority, changed, purpose, curve);
    }

    Wish purpose(@Nullable KeyPurposeId changed) {
      return new Wish(subject, begin, end, authority, keyUsage, changed, curve);
    }

    Wish curve(String changed) {
      return new Wish(subject, begin, end, authority, keyUsage, purpose, changed);
    }
  }

  private final Identity own;

  private TestAuthority(Identity own) {
    this.own = own;
  }

  static TestAuthority root(String subject) {
    return rootOf(Wish.terminal(subject).asAuthority().purpose(null));
  }

  static TestAuthority rootOf(Wish wish) {
    KeyPair keys = keys(wish.curve());
    return new TestAuthority(sign(wish, keys, new X500Name(wish.subject()), keys));
  }

  /// Somebody who signs with a key that may not.
  static TestAuthority of(Identity identity) {
    return new TestAuthority(identity);
  }

  TestAuthority below(String subject) {
    return new TestAuthority(issue(Wish.terminal(subject).asAuthority().purpose(null)));
  }

  X509Certificate certificate() {
    return own.certificate();
  }

  Identity terminal(String subject) {
    return issue(Wish.terminal(subject));
  }

  Identity gateway() {
    return issue(Wish.terminal("CN=gateway").purpose(KeyPurposeId.id_kp_serverAuth));
  }

  Identity issue(Wish wish) {
    X500Name issuer =
        X500Name.getInstance(own.certificate().getSubjectX500Principal().getEncoded());
    return sign(wish, keys(wish.curve()), issuer, own.keys());
  }

  X509CRL revocationList(Identity... revoked) {
    return revocationList(Instant.now().plus(DAY), revoked);
  }

  X509CRL revocationList(Instant nextUpdate, Identity... revoked) {
    return revocationList(nextUpdate, 0, revoked);
  }

  /// An empty list with a number of its own.
  X509CRL numbered(Instant nextUpdate, int number) {
    return revocationList(nextUpdate, number);
  }

  private X509CRL revocationList(Instant nextUpdate, int number, Identity... revoked) {
    try {
      Date now = Date.from(nextUpdate.minus(DAY.multipliedBy(2)));
      X509v2CRLBuilder builder =
          new X509v2CRLBuilder(
              X500Name.getInstance(own.certificate().getSubjectX500Principal().getEncoded()), now);
      builder.setNextUpdate(Date.from(nextUpdate));
      for (Identity identity : revoked) {
        builder.addCRLEntry(identity.certificate().getSerialNumber(), now, CRLReason.keyCompromise);
      }
      if (number != 0) {
        builder.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(number)));
      }
      return new JcaX509CRLConverter()
          .setProvider(PROVIDER)
          .getCRL(builder.build(signer(own.keys())));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /// A certificate over a key that may have no secret part.
  X509Certificate issue(Wish wish, SubjectPublicKeyInfo key) {
    X500Name issuer =
        X500Name.getInstance(own.certificate().getSubjectX500Principal().getEncoded());
    return sign(wish, key, issuer, own.keys());
  }

  private static Identity sign(Wish wish, KeyPair keys, X500Name issuer, KeyPair issuerKeys) {
    SubjectPublicKeyInfo key = SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded());
    return new Identity(sign(wish, key, issuer, issuerKeys), keys);
  }

  private static X509Certificate sign(
      Wish wish, SubjectPublicKeyInfo key, X500Name issuer, KeyPair issuerKeys) {
    try {
      X509v3CertificateBuilder builder =
          new X509v3CertificateBuilder(
              issuer,
              new BigInteger(64, RANDOM).add(BigInteger.ONE),
              Date.from(wish.begin()),
              Date.from(wish.end()),
              new X500Name(wish.subject()),
              key);
      builder.addExtension(
          Extension.basicConstraints, true, new BasicConstraints(wish.authority()));
      if (wish.keyUsage() != 0) {
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(wish.keyUsage()));
      }
      if (wish.purpose() != null) {
        builder.addExtension(
            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(wish.purpose()));
      }
      return new JcaX509CertificateConverter()
          .setProvider(PROVIDER)
          .getCertificate(builder.build(signer(issuerKeys)));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static ContentSigner signer(KeyPair keys) throws Exception {
    String algorithm =
        keys.getPrivate().getAlgorithm().startsWith("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    return new JcaContentSignerBuilder(algorithm).setProvider(PROVIDER).build(keys.getPrivate());
  }

  private static KeyPair keys(String curve) {
    try {
      if (curve.startsWith("RSA")) {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA", PROVIDER);
        generator.initialize(Integer.parseInt(curve.substring(3)));
        return generator.generateKeyPair();
      }
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", PROVIDER);
      generator.initialize(new ECGenParameterSpec(curve), RANDOM);
      return generator.generateKeyPair();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  static String pem(Object... objects) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      for (Object object : List.of(objects)) {
        writer.writeObject(object);
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return text.toString();
  }
}
