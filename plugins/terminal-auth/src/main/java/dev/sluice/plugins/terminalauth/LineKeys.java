package dev.sluice.plugins.terminalauth;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.SecurityParameters;

/// What a handshake leaves for the protection of records (RFC 5246, section 6.3): keys and the
/// fixed part of the nonces, of both directions.
final class LineKeys {
  static final int MAX_KEY_BYTES = 32;
  static final int SALT_BYTES = 4;
  static final int RANDOM_BYTES = 32;

  private static final String LABEL = "key expansion";

  final int keyBytes;
  final byte[] clientKey;
  final byte[] serverKey;
  final byte[] clientSalt;
  final byte[] serverSalt;

  /// Of the ClientHello.
  final byte[] clientRandom;

  /// @param block as RFC 5246 cuts it: keys, then salts, the client's before the server's
  LineKeys(int keyBytes, byte[] block, byte[] clientRandom) {
    this.keyBytes = keyBytes;
    this.clientRandom = clientRandom;
    clientKey = Arrays.copyOfRange(block, 0, keyBytes);
    serverKey = Arrays.copyOfRange(block, keyBytes, 2 * keyBytes);
    clientSalt = Arrays.copyOfRange(block, 2 * keyBytes, 2 * keyBytes + SALT_BYTES);
    serverSalt = Arrays.copyOfRange(block, 2 * keyBytes + SALT_BYTES, 2 * (keyBytes + SALT_BYTES));
  }

  /// Derives them, as the library has for itself. To be called before it forgets the secret.
  static LineKeys of(SecurityParameters parameters) {
    int keyBytes =
        switch (parameters.getCipherSuite()) {
          case CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 -> 16;
          case CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 -> MAX_KEY_BYTES;
          default ->
              throw new IllegalStateException("suite " + parameters.getCipherSuite() + " chosen");
        };
    byte[] clientRandom = parameters.getClientRandom();
    byte[] seed =
        ByteBuffer.allocate(2 * RANDOM_BYTES)
            .put(parameters.getServerRandom())
            .put(clientRandom)
            .array();
    byte[] block =
        parameters
            .getMasterSecret()
            .deriveUsingPRF(parameters.getPRFAlgorithm(), LABEL, seed, 2 * (keyBytes + SALT_BYTES))
            .extract();
    LineKeys keys = new LineKeys(keyBytes, block, clientRandom.clone());
    Arrays.fill(block, (byte) 0);
    return keys;
  }

  /// Overwrites them.
  void wipe() {
    Arrays.fill(clientKey, (byte) 0);
    Arrays.fill(serverKey, (byte) 0);
  }
}
