package dev.sluice.plugins.terminalauth;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.AlertLevel;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.jspecify.annotations.Nullable;

/// The gateway's side of one handshake: DTLS 1.2 alone, ECDHE with ECDSA and AES-GCM, P-256 or
/// P-384, extended master secret, and a certificate from the terminal.
final class TerminalServer extends DefaultTlsServer {
  private static final int RESEND_MS = 1000;
  private static final int MAX_MESSAGE_BYTES = 16_384;

  /// Decides on the certificates that a terminal sent, its own first; none if it sent none.
  interface Judge {
    void judge(List<X509Certificate> presented) throws Refused;
  }

  private final JcaTlsCrypto jcaCrypto;
  private final Provider provider;
  private final Credentials credentials;
  private final List<X509Certificate> roots;
  private final Judge judge;
  private final int timeoutMs;
  private @Nullable Refused refusal;
  private short alertRaised = -1;
  private @Nullable LineKeys keys;

  TerminalServer(
      JcaTlsCrypto crypto, Provider provider, Material material, Judge judge, int timeoutMs) {
    super(crypto);
    this.jcaCrypto = crypto;
    this.provider = provider;
    this.credentials = material.credentials();
    this.roots = material.authorities().roots();
    this.judge = judge;
    this.timeoutMs = timeoutMs;
  }

  /// Why the certificate was refused, or null.
  @Nullable Refused refusal() {
    return refusal;
  }

  /// What a handshake failed of that no [Refused] explains.
  Cause failure() {
    return alertRaised == AlertDescription.decrypt_error ? Cause.BAD_SIGNATURE : Cause.PROTOCOL;
  }

  /// The alert that this side sent, or -1.
  short alertRaised() {
    return alertRaised;
  }

  @Override
  protected ProtocolVersion[] getSupportedVersions() {
    return ProtocolVersion.DTLSv12.only();
  }

  @Override
  protected int[] getSupportedCipherSuites() {
    return new int[] {
      CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
      CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
    };
  }

  @Override
  public int[] getSupportedGroups() {
    return new int[] {NamedGroup.secp256r1, NamedGroup.secp384r1};
  }

  @Override
  public boolean requiresExtendedMasterSecret() {
    return true;
  }

  @Override
  public int getHandshakeTimeoutMillis() {
    return timeoutMs;
  }

  @Override
  public int getHandshakeResendTimeMillis() {
    return RESEND_MS;
  }

  @Override
  public int getMaxCertificateChainLength() {
    return PathFinder.MAX_PATH;
  }

  @Override
  public int getMaxHandshakeMessageSize() {
    return MAX_MESSAGE_BYTES;
  }

  @Override
  public TlsCredentials getCredentials() throws IOException {
    return getECDSASignerCredentials();
  }

  @Override
  protected TlsCredentialedSigner getECDSASignerCredentials() throws IOException {
    List<X509Certificate> chain = credentials.chain();
    TlsCertificate[] certificates = new TlsCertificate[chain.size()];
    for (int i = 0; i < certificates.length; i++) {
      certificates[i] = jcaCrypto.createCertificate(encoded(chain.get(i)));
    }
    return new JcaDefaultTlsCredentialedSigner(
        new TlsCryptoParameters(context),
        jcaCrypto,
        credentials.key(),
        new Certificate(certificates),
        new SignatureAndHashAlgorithm(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
  }

  // Vector is what the library's constructor takes.
  @SuppressWarnings("JdkObsolete")
  @Override
  public CertificateRequest getCertificateRequest() throws IOException {
    Vector<SignatureAndHashAlgorithm> algorithms = new Vector<>();
    algorithms.add(new SignatureAndHashAlgorithm(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
    algorithms.add(new SignatureAndHashAlgorithm(HashAlgorithm.sha384, SignatureAlgorithm.ecdsa));
    Vector<X500Name> names = new Vector<>();
    for (X509Certificate root : roots) {
      names.add(X500Name.getInstance(root.getSubjectX500Principal().getEncoded()));
    }
    return new CertificateRequest(
        new short[] {ClientCertificateType.ecdsa_sign}, algorithms, names);
  }

  @Override
  public void notifyClientCertificate(@Nullable Certificate certificate) throws IOException {
    try {
      judge.judge(presented(certificate));
    } catch (Refused e) {
      refusal = e;
      throw new TlsFatalAlert(e.why().alert(), e.why().word());
    }
  }

  private List<X509Certificate> presented(@Nullable Certificate certificate)
      throws IOException, Refused {
    List<X509Certificate> presented = new ArrayList<>();
    if (certificate == null) {
      return presented;
    }
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509", provider);
      for (TlsCertificate one : certificate.getCertificateList()) {
        presented.add(
            (X509Certificate)
                factory.generateCertificate(new ByteArrayInputStream(one.getEncoded())));
      }
    } catch (GeneralSecurityException e) {
      throw new Refused(Cause.BAD_CERTIFICATE, "unreadable certificate: " + e.getMessage());
    }
    return presented;
  }

  private static byte[] encoded(X509Certificate certificate) throws IOException {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IOException("the gateway's certificate cannot be encoded", e);
    }
  }

  /// Keeps the keys, which the library forgets afterwards.
  @Override
  public void notifyHandshakeComplete() throws IOException {
    super.notifyHandshakeComplete();
    keys = LineKeys.of(context.getSecurityParameters());
  }

  /// The keys of a handshake that has ended well.
  LineKeys keys() {
    LineKeys derived = keys;
    if (derived == null) {
      throw new IllegalStateException("the handshake has not ended well");
    }
    return derived;
  }

  @Override
  public void notifyAlertRaised(
      short level, short description, @Nullable String message, @Nullable Throwable cause) {
    if (level == AlertLevel.fatal) {
      alertRaised = description;
    }
  }
}
