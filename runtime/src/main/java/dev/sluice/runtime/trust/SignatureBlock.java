package dev.sluice.runtime.trust;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.util.Store;

/// One signature of a JAR: the signature file, which has the manifest's digest, and the block,
/// which signs that file (RFC 5652; JAR File Specification, "Signed JAR File").
///
/// What is asked for goes beyond what Java itself asks for: the signature must cover the manifest
/// as a whole. Java is content with the sections that a signature names, and lets others add to the
/// manifest behind the signer's back.
///
/// @param name as in `META-INF/NAME.SF`
/// @param certificate of the signer
/// @param others that came with it
record SignatureBlock(
    String name,
    X509Certificate certificate,
    List<X509Certificate> others,
    SignerInformation information) {
  private static final String WHOLE = "-Digest-Manifest";

  SignatureBlock {
    others = List.copyOf(others);
  }

  /// Verifies the pair of files.
  ///
  /// @throws TrustException if the block does not sign the file, or that not the manifest, or
  ///   either by weak means
  static SignatureBlock verify(String name, byte[] file, byte[] block, byte[] manifest)
      throws TrustException {
    try {
      CMSSignedData signed = new CMSSignedData(new CMSProcessableByteArray(file), block);
      Collection<SignerInformation> signers = signed.getSignerInfos().getSigners();
      if (signers.size() != 1 || !isDetached(block)) {
        throw new TrustException("its signature " + name + " has not one signer");
      }
      SignerInformation information = signers.iterator().next();
      List<X509Certificate> all = certificates(signed.getCertificates());
      X509Certificate certificate = signer(name, information, signed.getCertificates());
      String whose = "its signature " + name;
      Algorithms.requireStrongDigest(information.getDigestAlgorithmID(), whose);
      Algorithms.requireStrongSignature(
          information.toASN1Structure().getDigestEncryptionAlgorithm(), whose);
      Algorithms.requireStrongKey(
          certificate.getPublicKey(),
          "the certificate " + Signer.name(certificate.getSubjectX500Principal()));
      var verifier = Algorithms.verifier(information).build(certificate.getPublicKey());
      if (!information.verify(verifier)) {
        throw tampered(name);
      }
      requireManifest(name, file, manifest);
      return new SignatureBlock(name, certificate, all, information);
    } catch (CMSException | OperatorCreationException | IllegalArgumentException e) {
      throw tampered(name);
    } catch (GeneralSecurityException | IOException | IllegalStateException e) {
      throw new TrustException("its signature " + name + " cannot be read: " + e.getMessage());
    }
  }

  private static boolean isDetached(byte[] block) throws CMSException {
    return new CMSSignedData(block).isDetachedSignature();
  }

  private static TrustException tampered(String name) {
    return new TrustException(
        "its signature "
            + name
            + " does not fit: META-INF/"
            + name
            + ".SF was tampered with, or the block beside it");
  }

  private static X509Certificate signer(
      String name, SignerInformation information, Store<X509CertificateHolder> certificates)
      throws TrustException, GeneralSecurityException {
    for (Object each : certificates.getMatches(null)) {
      if (each instanceof X509CertificateHolder holder && information.getSID().match(holder)) {
        return converter().getCertificate(holder);
      }
    }
    throw new TrustException("its signature " + name + " does not bring its signer's certificate");
  }

  private static List<X509Certificate> certificates(Store<X509CertificateHolder> store)
      throws GeneralSecurityException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (X509CertificateHolder holder : store.getMatches(null)) {
      certificates.add(converter().getCertificate(holder));
    }
    return certificates;
  }

  /// Certificates as the JVM's own classes, which its path builder and its `JarFile` make too.
  static JcaX509CertificateConverter converter() {
    return new JcaX509CertificateConverter();
  }

  private static void requireManifest(String name, byte[] file, byte[] manifest)
      throws TrustException, IOException, GeneralSecurityException {
    Attributes main = new Manifest(new ByteArrayInputStream(file)).getMainAttributes();
    boolean covered = false;
    for (Map.Entry<Object, Object> each : main.entrySet()) {
      String key = each.getKey().toString();
      if (key.toLowerCase(Locale.ROOT).endsWith(WHOLE.toLowerCase(Locale.ROOT))) {
        String digest = key.substring(0, key.length() - WHOLE.length());
        if (!Algorithms.isStrongDigest(digest)) {
          throw Algorithms.weak("its signature " + name, digest);
        }
        if (!isDigest(manifest, digest, each.getValue().toString())) {
          throw new TrustException(
              "its manifest was changed after " + name + " signed it, which covers another one");
        }
        covered = true;
      }
    }
    if (!covered) {
      throw new TrustException("its signature " + name + " does not cover the whole manifest");
    }
  }

  private static boolean isDigest(byte[] content, String algorithm, String base64)
      throws GeneralSecurityException {
    byte[] made = MessageDigest.getInstance(algorithm).digest(content);
    return MessageDigest.isEqual(made, java.util.Base64.getDecoder().decode(base64));
  }

  /// The timestamp that somebody put on the signature, as RFC 3161 encodes it.
  Optional<byte[]> timestamp() throws TrustException {
    if (information.getUnsignedAttributes() == null) {
      return Optional.empty();
    }
    Attribute token =
        information
            .getUnsignedAttributes()
            .get(PKCSObjectIdentifiers.id_aa_signatureTimeStampToken);
    if (token == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(token.getAttrValues().getObjectAt(0).toASN1Primitive().getEncoded());
    } catch (IOException | RuntimeException e) {
      throw new TrustException("the timestamp of its signature " + name + " cannot be read");
    }
  }
}
