package dev.sluice.runtime.demo;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCertificate;

/// Whom a terminal takes for its gateway: whoever has a certificate for servers from one of these
/// authorities. Source: RFC 5280, section 6.
public final class GatewayTrust {
  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
  private static final int DIGITAL_SIGNATURE = 0;

  private final CertificateFactory factory;
  private final Set<TrustAnchor> anchors;

  private GatewayTrust(CertificateFactory factory, Set<TrustAnchor> anchors) {
    this.factory = factory;
    this.anchors = anchors;
  }

  /// Reads the authorities' certificates from a PEM file.
  public static GatewayTrust read(Path file) throws CredentialException {
    try (InputStream in = Files.newInputStream(file)) {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      Set<TrustAnchor> anchors =
          factory.generateCertificates(in).stream()
              .map(certificate -> new TrustAnchor((X509Certificate) certificate, null))
              .collect(Collectors.toSet());
      if (anchors.isEmpty()) {
        throw new CredentialException(file + " holds no certificate in PEM form");
      }
      return new GatewayTrust(factory, anchors);
    } catch (IOException | CertificateException e) {
      throw new CredentialException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /// Checks what the gateway has shown.
  ///
  /// @throws TlsFatalAlert if it is not trusted, with the reason
  void verify(Certificate shown) throws IOException {
    try {
      List<X509Certificate> path = new ArrayList<>();
      for (TlsCertificate certificate : shown.getCertificateList()) {
        path.add(parse(certificate));
      }
      path.removeIf(this::isAnchor);
      if (path.isEmpty()) {
        throw new CertificateException("no certificate of its own");
      }
      requireServer(path.getFirst());
      PKIXParameters parameters = new PKIXParameters(anchors);
      parameters.setRevocationEnabled(false); // terminals have no way to a CRL before they are in
      CertPathValidator.getInstance("PKIX").validate(factory.generateCertPath(path), parameters);
    } catch (GeneralSecurityException e) {
      throw new TlsFatalAlert(
          AlertDescription.bad_certificate, "the gateway's certificate: " + e.getMessage(), e);
    }
  }

  private X509Certificate parse(TlsCertificate certificate)
      throws IOException, CertificateException {
    return (X509Certificate)
        factory.generateCertificate(new ByteArrayInputStream(certificate.getEncoded()));
  }

  private boolean isAnchor(X509Certificate certificate) {
    return anchors.stream().anyMatch(anchor -> certificate.equals(anchor.getTrustedCert()));
  }

  private static void requireServer(X509Certificate certificate) throws CertificateException {
    List<String> uses = certificate.getExtendedKeyUsage();
    if (uses == null || !uses.contains(SERVER_AUTH)) {
      throw new CertificateException("not for servers (extended key usage serverAuth is missing)");
    }
    boolean[] keyUsage = certificate.getKeyUsage();
    if (keyUsage != null && !keyUsage[DIGITAL_SIGNATURE]) {
      throw new CertificateException("key usage digitalSignature is missing");
    }
  }
}
