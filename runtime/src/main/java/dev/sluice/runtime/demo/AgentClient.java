package dev.sluice.runtime.demo;

import java.io.IOException;
import java.security.SecureRandom;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/// The terminal's side of one DTLS 1.2 handshake.
final class AgentClient extends DefaultTlsClient {
  private static final int RESEND_MILLIS = 500;
  private static final int[] SUITES = {
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
  };

  private final BcTlsCrypto crypto;
  private final Credentials credentials;
  private final GatewayTrust trust;
  private final int handshakeMillis;

  AgentClient(Credentials credentials, GatewayTrust trust, int handshakeMillis) {
    this(new BcTlsCrypto(new SecureRandom()), credentials, trust, handshakeMillis);
  }

  private AgentClient(
      BcTlsCrypto crypto, Credentials credentials, GatewayTrust trust, int handshakeMillis) {
    super(crypto);
    this.crypto = crypto;
    this.credentials = credentials;
    this.trust = trust;
    this.handshakeMillis = handshakeMillis;
  }

  @Override
  protected ProtocolVersion[] getSupportedVersions() {
    return ProtocolVersion.DTLSv12.only();
  }

  @Override
  protected int[] getSupportedCipherSuites() {
    return SUITES.clone();
  }

  @Override
  public int getHandshakeTimeoutMillis() {
    return handshakeMillis;
  }

  @Override
  public int getHandshakeResendTimeMillis() {
    return RESEND_MILLIS;
  }

  @Override
  public TlsAuthentication getAuthentication() {
    return new TlsAuthentication() {
      @Override
      public void notifyServerCertificate(TlsServerCertificate shown) throws IOException {
        trust.verify(shown.getCertificate());
      }

      @Override
      public TlsCredentials getClientCredentials(CertificateRequest request) throws IOException {
        return credentials.forHandshake(
            crypto, new TlsCryptoParameters(context), request.getSupportedSignatureAlgorithms());
      }
    };
  }
}
