package dev.sluice.plugins.terminalauth;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What passes of a handshake's records, for who goes on when it is over: the next numbers, the
/// gateway's Finished, and the terminal's protected records. For the handshake's thread.
final class HandshakeTrace {
  /// Most records of the terminal that are kept: its Finished, and repetitions. They are the last
  /// ones: whoever sends made-up records before pushes no true one out.
  private static final int MAX_KEPT = 8;

  private final List<byte[]> protectedIn = new ArrayList<>();
  private byte[] finished = new byte[0];
  private long nextClear;
  private long nextProtected;

  void received(byte[] datagram) {
    for (byte[] record : Records.of(datagram)) {
      if (Records.epochOf(record) == 1) {
        if (protectedIn.size() == MAX_KEPT) {
          protectedIn.removeFirst();
        }
        protectedIn.add(record);
      }
    }
  }

  void sent(byte[] buffer, int offset, int bytes) {
    for (byte[] record : Records.of(Arrays.copyOfRange(buffer, offset, offset + bytes))) {
      long next = Records.numberOf(record) + 1;
      if (Records.epochOf(record) == 0) {
        nextClear = Math.max(nextClear, next);
      } else {
        nextProtected = Math.max(nextProtected, next);
        if (record[0] == Records.HANDSHAKE) {
          finished = record;
        }
      }
    }
  }

  /// The record with the gateway's Finished, or nothing.
  byte[] finished() {
    return finished;
  }

  long nextClear() {
    return nextClear;
  }

  /// The number of the gateway's next record of epoch 1.
  long nextProtected() {
    return nextProtected;
  }

  List<byte[]> protectedIn() {
    return protectedIn;
  }
}
