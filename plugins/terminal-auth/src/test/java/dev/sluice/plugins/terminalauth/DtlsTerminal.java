package dev.sluice.plugins.terminalauth;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.plugin.Verdict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.DatagramTransport;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCryptoProvider;
import org.jspecify.annotations.Nullable;

/// A terminal that authenticates, with the library's own client.
final class DtlsTerminal implements DatagramTransport {
  private static final AtomicInteger NEXT_PORT = new AtomicInteger(20_000);
  private static final JcaTlsCrypto CRYPTO =
      new JcaTlsCryptoProvider().setProvider(TestAuthority.PROVIDER).create(new SecureRandom());

  private final AuthSite site;
  private final String address;
  private final long hardwareAddress;
  private final int port;
  private final BlockingQueue<byte[]> mailbox;
  private final int[] suites;

  /// Datagrams that are let out before the line goes dead.
  private volatile int sendsLeft = Integer.MAX_VALUE;

  private final List<byte[]> sent = new CopyOnWriteArrayList<>();
  private volatile UnaryOperator<byte[]> line = UnaryOperator.identity();
  private volatile @Nullable Verdict lastVerdict;
  private volatile short alertReceived = -1;
  private volatile boolean losesFinished;
  private volatile boolean closed;
  private @Nullable DTLSTransport dtls;

  DtlsTerminal(AuthSite site, String address, long hardwareAddress) {
    this(
        site,
        address,
        hardwareAddress,
        NEXT_PORT.getAndIncrement(),
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256);
  }

  DtlsTerminal(AuthSite site, String address, long hardwareAddress, int port, int... suites) {
    this.site = site;
    this.address = address;
    this.hardwareAddress = hardwareAddress;
    this.port = port;
    this.suites = suites;
    this.mailbox = site.mailbox(new AuthSite.Endpoint(address, port));
  }

  int port() {
    return port;
  }

  String address() {
    return address;
  }

  int sendsLeft() {
    return sendsLeft;
  }

  DtlsTerminal sends(int most) {
    sendsLeft = most;
    return this;
  }

  /// Has every datagram changed on its way from now on.
  DtlsTerminal over(UnaryOperator<byte[]> changes) {
    line = changes;
    return this;
  }

  /// Has the line lose the gateway's Finished, once.
  DtlsTerminal losesFirstFinished() {
    losesFinished = true;
    return this;
  }

  private boolean isLost(byte[] datagram) {
    boolean lost =
        losesFinished
            && Records.of(datagram).stream()
                .anyMatch(record -> record[0] == 22 && Records.epochOf(record) == 1);
    losesFinished &= !lost;
    return lost;
  }

  /// What the DTLS layer has sent so far.
  List<byte[]> sent() {
    return List.copyOf(sent);
  }

  /// Authenticates, and reads the gateway's first line.
  String authenticate(TestAuthority.@Nullable Identity identity) throws IOException {
    dtls = new DTLSClientProtocol().connect(new Client(identity), this);
    return line();
  }

  String ask(String line) throws IOException {
    send(line);
    return line();
  }

  void send(String line) throws IOException {
    byte[] bytes = (line + "\n").getBytes(US_ASCII);
    dtls().send(bytes, 0, bytes.length);
  }

  String line() throws IOException {
    byte[] buffer = new byte[1500];
    int bytes = dtls().receive(buffer, 0, buffer.length, 5000);
    return bytes < 0 ? "" : new String(buffer, 0, bytes, US_ASCII).strip();
  }

  private DTLSTransport dtls() {
    if (dtls == null) {
      throw new IllegalStateException("not authenticated");
    }
    return dtls;
  }

  void hangUp() throws IOException {
    dtls().close();
  }

  short alertReceived() {
    return alertReceived;
  }

  @Nullable Verdict lastVerdict() {
    return lastVerdict;
  }

  @Override
  public int getReceiveLimit() {
    return 1472;
  }

  @Override
  public int getSendLimit() {
    return 1400;
  }

  @Override
  public int receive(byte[] buffer, int offset, int limit, int waitMillis) throws IOException {
    if (closed) {
      throw new IOException("closed by the gateway");
    }
    try {
      byte[] datagram = mailbox.poll(Math.max(1, waitMillis), TimeUnit.MILLISECONDS);
      if (datagram == null || isLost(datagram)) {
        return -1;
      }
      int bytes = Math.min(limit, datagram.length);
      System.arraycopy(datagram, 0, buffer, offset, bytes);
      return bytes;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void send(byte[] buffer, int offset, int length) {
    int left = sendsLeft;
    if (left > 0) {
      byte[] payload = new byte[length];
      System.arraycopy(buffer, offset, payload, 0, length);
      sent.add(payload);
      sendRaw(line.apply(payload));
      sendsLeft = left - 1;
    }
  }

  /// The packet that a datagram arrives in.
  AuthFrame packet(byte[] payload) {
    return new AuthFrame(
        site.terminalSide,
        AuthSite.frame(
            hardwareAddress,
            AuthSite.MASTER_HARDWARE,
            address,
            AuthSite.MASTER,
            port,
            2405,
            payload));
  }

  /// Begins a handshake over another line.
  void connectOver(DatagramTransport line) throws IOException {
    new DTLSClientProtocol().connect(new Client(null), line);
  }

  /// Puts a cookie into a ClientHello that has none (RFC 6347, section 4.2.1).
  static byte[] withCookie(byte[] hello, byte[] from, int at, int bytes) {
    int cookieAt = 13 + 12 + 2 + 32 + 1 + hello[13 + 12 + 2 + 32];
    ByteBuffer made = ByteBuffer.allocate(hello.length + bytes);
    made.put(hello, 0, cookieAt).put((byte) bytes).put(from, at, bytes);
    made.put(hello, cookieAt + 1, hello.length - cookieAt - 1);
    int body = hello.length - 25 + bytes;
    made.putShort(11, (short) (body + 12));
    made.putShort(15, (short) body);
    made.putShort(17, (short) 1);
    made.putShort(23, (short) body);
    return made.array();
  }

  /// A dead line that keeps what is sent first.
  static final class Capture implements DatagramTransport {
    private byte @Nullable [] first;

    byte[] first() {
      if (first == null) {
        throw new IllegalStateException("nothing was sent");
      }
      return first;
    }

    @Override
    public int getReceiveLimit() {
      return 1472;
    }

    @Override
    public int getSendLimit() {
      return 1400;
    }

    @Override
    public int receive(byte[] buffer, int offset, int limit, int waitMillis) throws IOException {
      throw new IOException("a dead line");
    }

    @Override
    public void send(byte[] buffer, int offset, int length) {
      if (first == null) {
        first = Arrays.copyOfRange(buffer, offset, offset + length);
      }
    }

    @Override
    public void close() {}
  }

  /// Sends a datagram past the DTLS layer.
  Verdict sendRaw(byte[] payload) {
    Verdict verdict = site.enter(packet(payload));
    lastVerdict = verdict;
    return verdict;
  }

  @Override
  public void close() {
    closed = true;
  }

  private final class Client extends DefaultTlsClient {
    private final TestAuthority.@Nullable Identity identity;

    Client(TestAuthority.@Nullable Identity identity) {
      super(CRYPTO);
      this.identity = identity;
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
      return ProtocolVersion.DTLSv12.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
      return suites;
    }

    @Override
    public int getHandshakeTimeoutMillis() {
      return 8000;
    }

    @Override
    public void notifyAlertReceived(short level, short description) {
      alertReceived = description;
    }

    @Override
    public TlsAuthentication getAuthentication() {
      return new TlsAuthentication() {
        @Override
        public void notifyServerCertificate(TlsServerCertificate certificate) {
          if (certificate.getCertificate().isEmpty()) {
            throw new AssertionError("the gateway shows a certificate");
          }
        }

        @Override
        public @Nullable TlsCredentials getClientCredentials(CertificateRequest request)
            throws IOException {
          return identity == null ? null : credentials(identity);
        }
      };
    }

    private TlsCredentials credentials(TestAuthority.Identity identity) throws IOException {
      try {
        TlsCertificate certificate = CRYPTO.createCertificate(identity.certificate().getEncoded());
        return new JcaDefaultTlsCredentialedSigner(
            new TlsCryptoParameters(context),
            CRYPTO,
            identity.keys().getPrivate(),
            new Certificate(new TlsCertificate[] {certificate}),
            new SignatureAndHashAlgorithm(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
      } catch (CertificateEncodingException e) {
        throw new IOException(e);
      }
    }
  }
}
