package dev.sluice.plugins.terminalauth;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The DTLS 1.2 record headers of a datagram: 13 bytes each (RFC 6347, section 4.1).
///
/// Records that cannot be genuine are dropped before the library sees them. It discards a record
/// whose authentication fails, as it must, but ends the association over an encrypted record that
/// is too short to be one: without this, one forged datagram would end a session.
final class Records {
  static final int HEADER_BYTES = 13;

  static final byte HANDSHAKE = 22;

  private static final int CHANGE_CIPHER_SPEC = 20;
  private static final int APPLICATION_DATA = 23;
  private static final int MAJOR = 254;

  /// What AES-GCM adds to a record: explicit nonce and tag (RFC 5288).
  private static final int GCM_BYTES = 8 + 16;

  private static final int MAX_FRAGMENT_BYTES = (1 << 14) + GCM_BYTES;

  /// Behind the handshake's header and the version.
  private static final int RANDOM_AT = HEADER_BYTES + 12 + 2;

  private static final int RANDOM_BYTES = 32;
  private static final byte CLIENT_HELLO = 1;

  private Records() {}

  /// Whether a datagram is a row of whole records, each of a known type, and long enough to be
  /// authentic if it is encrypted.
  static boolean arePlausible(byte[] datagram) {
    int at = 0;
    do {
      if (datagram.length - at < HEADER_BYTES) {
        return false;
      }
      int fragmentBytes = u16(datagram, at + 11);
      if (!isKnown(datagram, at)
          || fragmentBytes < leastBytes(u16(datagram, at + 3))
          || fragmentBytes > MAX_FRAGMENT_BYTES) {
        return false;
      }
      at += HEADER_BYTES + fragmentBytes;
    } while (at < datagram.length);
    return at == datagram.length;
  }

  /// DTLS 1.0 and 1.2 are written `254.255` and `254.253`; a ClientHello may begin with either.
  private static boolean isKnown(byte[] datagram, int at) {
    int type = Byte.toUnsignedInt(datagram[at]);
    int minor = Byte.toUnsignedInt(datagram[at + 2]);
    return CHANGE_CIPHER_SPEC <= type
        && type <= APPLICATION_DATA
        && Byte.toUnsignedInt(datagram[at + 1]) == MAJOR
        && (minor == 253 || minor == 255);
  }

  /// The records of a datagram, each with its header; one that is cut off is left out.
  static List<byte[]> of(byte[] datagram) {
    List<byte[]> records = new ArrayList<>();
    int at = 0;
    while (datagram.length - at >= HEADER_BYTES) {
      int end = at + HEADER_BYTES + u16(datagram, at + 11);
      if (end > datagram.length) {
        break;
      }
      records.add(Arrays.copyOfRange(datagram, at, end));
      at = end;
    }
    return records;
  }

  static int epochOf(byte[] record) {
    return u16(record, 3);
  }

  /// The record's number within its epoch, 48 bits.
  static long numberOf(byte[] record) {
    long number = 0;
    for (int at = 5; at < 11; at++) {
      number = number << 8 | Byte.toUnsignedInt(record[at]);
    }
    return number;
  }

  /// Whether a datagram begins a handshake in clear with another random number than this (RFC 6347,
  /// section 4.2.8).
  static boolean isAnotherHello(byte[] datagram, byte[] random) {
    return datagram.length >= RANDOM_AT + RANDOM_BYTES
        && datagram[0] == HANDSHAKE
        && epochOf(datagram) == 0
        && datagram[HEADER_BYTES] == CLIENT_HELLO
        && !Arrays.equals(datagram, RANDOM_AT, RANDOM_AT + RANDOM_BYTES, random, 0, RANDOM_BYTES);
  }

  /// The random number of a ClientHello that is the first record of a datagram.
  static byte[] randomOf(byte[] hello) {
    return Arrays.copyOfRange(hello, RANDOM_AT, RANDOM_AT + RANDOM_BYTES);
  }

  private static int leastBytes(int epoch) {
    return epoch == 0 ? 1 : GCM_BYTES;
  }

  private static int u16(byte[] bytes, int at) {
    return Byte.toUnsignedInt(bytes[at]) << 8 | Byte.toUnsignedInt(bytes[at + 1]);
  }
}
