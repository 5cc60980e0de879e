package dev.sluice.plugins.terminalauth;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Protects DTLS 1.2 records by AES-GCM (RFC 5288; RFC 6347, section 4.1.2.1).
///
/// A record is header, eight bytes of nonce, ciphertext, tag of 16 bytes. What it is authenticated
/// with is epoch and number, type, version, and the length of the content.
final class RecordCipher {
  static final int NONCE_BYTES = 8;
  static final int TAG_BYTES = 16;
  private static final int VERSION = 0xfefd;
  private static final int EPOCH_SHIFT = 48;
  private static final int HEAD_BYTES = 13;

  private RecordCipher() {}

  /// The whole record.
  ///
  /// @param number of epoch 1, never used with this key before
  static byte[] seal(byte[] key, byte[] salt, int type, long number, byte[] content) {
    long epochAndNumber = 1L << EPOCH_SHIFT | number;
    byte[] sealed =
        run(Cipher.ENCRYPT_MODE, key, salt, epochAndNumber, epochAndNumber, type, content);
    if (sealed == null) {
      throw new IllegalStateException("encryption has no wrong tag");
    }
    return ByteBuffer.allocate(HEAD_BYTES + NONCE_BYTES + sealed.length)
        .put((byte) type)
        .putShort((short) VERSION)
        .putLong(epochAndNumber)
        .putShort((short) (NONCE_BYTES + sealed.length))
        .putLong(epochAndNumber)
        .put(sealed)
        .array();
  }

  /// The content of a whole record of epoch 1, or null if it is not authentic.
  static byte @Nullable [] open(byte[] key, byte[] salt, byte[] record) {
    if (record.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(record);
    int type = Byte.toUnsignedInt(in.get());
    int version = Short.toUnsignedInt(in.getShort());
    long epochAndNumber = in.getLong();
    in.getShort();
    long nonce = in.getLong();
    byte[] sealed = Arrays.copyOfRange(record, HEAD_BYTES + NONCE_BYTES, record.length);
    return version == VERSION
        ? run(Cipher.DECRYPT_MODE, key, salt, nonce, epochAndNumber, type, sealed)
        : null;
  }

  private static byte @Nullable [] run(
      int mode, byte[] key, byte[] salt, long nonce, long epochAndNumber, int type, byte[] data) {
    int contentBytes = mode == Cipher.ENCRYPT_MODE ? data.length : data.length - TAG_BYTES;
    byte[] iv = ByteBuffer.allocate(salt.length + NONCE_BYTES).put(salt).putLong(nonce).array();
    byte[] head =
        ByteBuffer.allocate(HEAD_BYTES)
            .putLong(epochAndNumber)
            .put((byte) type)
            .putShort((short) VERSION)
            .putShort((short) contentBytes)
            .array();
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * TAG_BYTES, iv));
      cipher.updateAAD(head);
      return cipher.doFinal(data);
    } catch (AEADBadTagException e) {
      return null;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES-GCM", e);
    }
  }
}
