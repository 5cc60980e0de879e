package dev.sluice.kernel;

import java.util.Random;

/// Frames made up for tests.
final class Frames {
  private Frames() {}

  /// An Ethernet frame of a private EtherType (IEEE 802 local experimental, 0x88b5) with random
  /// bytes behind it.
  static byte[] plain(int length, long seed) {
    byte[] frame = new byte[length];
    new Random(seed).nextBytes(frame);
    byte[] head = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, (byte) 0x88, (byte) 0xb5};
    System.arraycopy(head, 0, frame, 0, head.length);
    return frame;
  }

  /// `frame` with a tag put in behind the addresses.
  static byte[] tagged(int tpid, int tci, byte[] frame) {
    byte[] tagged = new byte[frame.length + 4];
    System.arraycopy(frame, 0, tagged, 0, 12);
    tagged[12] = (byte) (tpid >> 8);
    tagged[13] = (byte) tpid;
    tagged[14] = (byte) (tci >> 8);
    tagged[15] = (byte) tci;
    System.arraycopy(frame, 12, tagged, 16, frame.length - 12);
    return tagged;
  }
}
