package dev.sluice.plugins.terminalauth;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.bouncycastle.tls.DTLSRequest;
import org.bouncycastle.tls.DTLSVerifier;
import org.bouncycastle.tls.DatagramSender;
import org.bouncycastle.tls.crypto.TlsCrypto;
import org.jspecify.annotations.Nullable;

/// The stateless cookie exchange that a handshake begins with (RFC 6347, section 4.2.1): who cannot
/// receive at the address it writes as its own gets no further, and costs no memory.
///
/// A verifier's secret never changes, so the verifier is replaced; the one before is still
/// accepted. For one thread: verifiers are not documented to be safe for more.
final class Cookies {
  private final TlsCrypto crypto;
  private DTLSVerifier current;
  private DTLSVerifier previous;
  private long rotatedNanos;

  Cookies(TlsCrypto crypto, long nowNanos) {
    this.crypto = crypto;
    this.current = new DTLSVerifier(crypto);
    this.previous = current;
    this.rotatedNanos = nowNanos;
  }

  /// Gives out a new secret if the present one is as old as that, and forgets one that is twice as
  /// old, as after a time in which nobody came.
  void rotate(long nowNanos, long periodNanos) {
    long ageNanos = nowNanos - rotatedNanos;
    if (ageNanos >= periodNanos) {
      DTLSVerifier fresh = new DTLSVerifier(crypto);
      previous = ageNanos < 2 * periodNanos ? current : fresh;
      current = fresh;
      rotatedNanos = nowNanos;
    }
  }

  /// Takes a datagram from an unknown peer. A first ClientHello is answered with a cookie; anything
  /// that is no ClientHello is ignored.
  ///
  /// @return the request, if it carries a cookie that was given to this peer, else null
  @Nullable DTLSRequest verify(Datagram datagram, AnswerPath answers) {
    byte[] client = clientOf(datagram.peer());
    byte[] hello = datagram.payload();
    HeldAnswer answer = new HeldAnswer();
    DTLSRequest request = current.verifyRequest(client, hello, 0, hello.length, answer);
    if (request == null && answer.bytes != null && previous != current) {
      request = previous.verifyRequest(client, hello, 0, hello.length, new HeldAnswer());
    }
    if (request == null && answer.bytes != null) {
      answers.send(answer.bytes, 0, answer.bytes.length);
    }
    return request;
  }

  private static byte[] clientOf(Datagram.Peer peer) {
    return ByteBuffer.allocate(4 + 4 + 8 + 16 + 16 + 4)
        .putInt(peer.device().index())
        .putInt(peer.vlanKey())
        .putLong(peer.hardwareAddress())
        .putLong(peer.address().high())
        .putLong(peer.address().low())
        .putLong(peer.called().high())
        .putLong(peer.called().low())
        .putInt(peer.port())
        .array();
  }

  /// Keeps an answer back until it is known that the previous secret does not fit either.
  private static final class HeldAnswer implements DatagramSender {
    private byte @Nullable [] bytes;

    @Override
    public int getSendLimit() {
      return AnswerPath.MAX_PAYLOAD_BYTES;
    }

    @Override
    public void send(byte[] buffer, int offset, int length) throws IOException {
      byte[] copy = new byte[length];
      System.arraycopy(buffer, offset, copy, 0, length);
      bytes = copy;
    }
  }
}
