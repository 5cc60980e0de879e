package dev.sluice.runtime.trust;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// The command `seal`, a step of the build: signs the distribution's own bundles with a key that
/// exists for that moment only.
///
/// Nobody can sign anything else with it afterwards, so its certificate, which is all that is kept,
/// stands for exactly what this build made.
public final class DistributionSigner {
  private static final String SUBJECT = "CN=Sluice build on this machine";
  private static final int SERIAL_BITS = 127;
  private static final Duration LIFE = Duration.ofDays(3650);
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

  private DistributionSigner() {}

  /// Runs the command.
  ///
  /// @param args the folder of the distribution
  /// @return 0 done, 1 failed, 2 called wrongly
  public static int run(List<String> args) {
    if (args.size() != 1) {
      System.err.println("sluice seal: the folder of the distribution must follow");
      return 2;
    }
    try {
      seal(Path.of(args.getFirst()));
      return 0;
    } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
      System.err.println("sluice seal: the bundles cannot be signed: " + e);
      return 1;
    }
  }

  /// Signs `plugins/*.jar` in place and leaves the certificate in `trust`, alone.
  static void seal(Path distribution)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    X509Certificate certificate = certificate(keys);
    JarSigning signing =
        new JarSigning(
            keys.getPrivate(),
            CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate)),
            Optional.empty());
    try (DirectoryStream<Path> jars =
        Files.newDirectoryStream(distribution.resolve("plugins"), "*.jar")) {
      for (Path jar : jars) {
        signing.sign(jar, jar);
      }
    }
    Path trust = Files.createDirectories(distribution.resolve("trust"));
    String pem =
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
            + "\n-----END CERTIFICATE-----\n";
    Files.writeString(trust.resolve("distribution.crt"), pem);
  }

  private static X509Certificate certificate(KeyPair keys)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    Instant now = Instant.now();
    X500Principal name = new X500Principal(SUBJECT);
    var builder =
        new JcaX509v3CertificateBuilder(
            name,
            new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(0),
            Date.from(now.minus(CLOCK_SKEW)),
            Date.from(now.plus(LIFE)),
            name,
            keys.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    builder.addExtension(
        Extension.extendedKeyUsage, true, new ExtendedKeyUsage(KeyPurposeId.id_kp_codeSigning));
    return SignatureBlock.converter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
  }
}
