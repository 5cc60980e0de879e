package dev.sluice.runtime.trust;

import java.security.Provider;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.DefaultAlgorithmNameFinder;

/// What counts as strong: digests from SHA-256 on, RSA from 2048 bits, EC from 256, EdDSA.
final class Algorithms {
  /// Signatures that the JVM's own providers check too. Those of Bouncy Castle take a quarter of a
  /// second to begin with, which a start need not lose to what hardly anybody signs by.
  private static final Set<ASN1ObjectIdentifier> OF_PLATFORM =
      Set.of(
          X9ObjectIdentifiers.ecdsa_with_SHA256,
          X9ObjectIdentifiers.ecdsa_with_SHA384,
          X9ObjectIdentifiers.ecdsa_with_SHA512,
          PKCSObjectIdentifiers.rsaEncryption,
          PKCSObjectIdentifiers.sha256WithRSAEncryption,
          PKCSObjectIdentifiers.sha384WithRSAEncryption,
          PKCSObjectIdentifiers.sha512WithRSAEncryption);

  /// Digests by the word that manifests use before `-Digest`, as Java names them.
  private static final Map<String, String> DIGESTS =
      Map.of(
          "SHA-256", "SHA-256",
          "SHA-384", "SHA-384",
          "SHA-512", "SHA-512",
          "SHA3-256", "SHA3-256",
          "SHA3-384", "SHA3-384",
          "SHA3-512", "SHA3-512");

  private static final Set<String> STRONG_OIDS =
      Set.of(
          NISTObjectIdentifiers.id_sha256.getId(),
          NISTObjectIdentifiers.id_sha384.getId(),
          NISTObjectIdentifiers.id_sha512.getId(),
          NISTObjectIdentifiers.id_sha3_256.getId(),
          NISTObjectIdentifiers.id_sha3_384.getId(),
          NISTObjectIdentifiers.id_sha3_512.getId(),
          NISTObjectIdentifiers.id_shake256.getId(),
          NISTObjectIdentifiers.id_shake256_len.getId());

  private static final boolean PLATFORM_IS_WHOLE = PlatformProvider.isWhole();

  private static final int LEAST_RSA = 2048;
  private static final int LEAST_EC = 256;

  private Algorithms() {}

  /// Takes the JVM's providers as they are now: to be called before any bundle runs.
  static void prepare() {
    PlatformProvider.isWhole();
  }

  /// Made when it is first needed. Handed over as an object, never registered with the JVM.
  static final class BouncyCastle {
    static final Provider PROVIDER = new BouncyCastleProvider();
  }

  /// What checks a signature, by providers that know its algorithm.
  static JcaSimpleSignerInfoVerifierBuilder verifier(SignerInformation information) {
    var builder = new JcaSimpleSignerInfoVerifierBuilder();
    AlgorithmIdentifier signature = information.toASN1Structure().getDigestEncryptionAlgorithm();
    return builder.setProvider(
        OF_PLATFORM.contains(signature.getAlgorithm()) && PLATFORM_IS_WHOLE
            ? PlatformProvider.FIRST_SEEN
            : BouncyCastle.PROVIDER);
  }

  /// Whether a manifest's word names a strong digest.
  static boolean isStrongDigest(String word) {
    return DIGESTS.containsKey(word.toUpperCase(Locale.ROOT));
  }

  /// Refuses a digest's identifier that is weak or unknown.
  static void requireStrongDigest(AlgorithmIdentifier digest, String whose) throws TrustException {
    if (!STRONG_OIDS.contains(digest.getAlgorithm().getId())) {
      throw weak(whose, new DefaultAlgorithmNameFinder().getAlgorithmName(digest));
    }
  }

  /// Refuses a signature's identifier that names a weak digest.
  static void requireStrongSignature(AlgorithmIdentifier signature, String whose)
      throws TrustException {
    String name = new DefaultAlgorithmNameFinder().getAlgorithmName(signature);
    if (signature.getAlgorithm().equals(PKCSObjectIdentifiers.id_RSASSA_PSS)) {
      requireStrongDigest(
          RSASSAPSSparams.getInstance(signature.getParameters()).getHashAlgorithm(), whose);
    }
    refuseWeakName(name, whose);
  }

  private static void refuseWeakName(String name, String whose) throws TrustException {
    String upper = name.toUpperCase(Locale.ROOT).replace("-", "");
    for (String weak : Set.of("MD2", "MD4", "MD5", "SHA1", "DSAWITHSHA")) {
      if (upper.contains(weak) && !upper.startsWith("ECDSAWITHSHA2")) {
        throw weak(whose, name);
      }
    }
  }

  /// Refuses a certificate with a weak key, or one that was itself signed weakly.
  ///
  /// @param anchor whether it is trusted as it is, so that its own signature says nothing
  static void requireStrong(X509Certificate certificate, boolean anchor) throws TrustException {
    String whose = "the certificate " + Signer.name(certificate.getSubjectX500Principal());
    requireStrongKey(certificate.getPublicKey(), whose);
    if (!anchor) {
      byte[] parameters = certificate.getSigAlgParams();
      if (certificate.getSigAlgOID().equals(PKCSObjectIdentifiers.id_RSASSA_PSS.getId())) {
        requireStrongDigest(RSASSAPSSparams.getInstance(parameters).getHashAlgorithm(), whose);
      }
      refuseWeakName(certificate.getSigAlgName(), whose);
    }
  }

  static void requireStrongKey(PublicKey key, String whose) throws TrustException {
    switch (key) {
      case RSAPublicKey rsa when rsa.getModulus().bitLength() < LEAST_RSA ->
          throw weak(whose, "RSA with " + rsa.getModulus().bitLength() + " bits");
      case ECPublicKey ec when ec.getParams().getCurve().getField().getFieldSize() < LEAST_EC ->
          throw weak(
              whose, "EC with " + ec.getParams().getCurve().getField().getFieldSize() + " bits");
      case RSAPublicKey _, ECPublicKey _, EdECPublicKey _ -> {
        // strong enough
      }
      default -> throw weak(whose, key.getAlgorithm());
    }
  }

  static TrustException weak(String whose, String algorithm) {
    return new TrustException(
        whose
            + " uses "
            + algorithm
            + "; allowed: SHA-256 or longer, with RSA from 2048 bits, EC from 256 bits, or EdDSA");
  }
}
