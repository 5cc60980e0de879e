package dev.sluice.runtime.pipeline;

import java.nio.ByteBuffer;

/// Frames as bytes.
final class TestFrames {
  private TestFrames() {}

  /// A UDP datagram over IPv4 that fills a frame of so many bytes, 50 to 1514.
  static byte[] udp(int bytes) {
    ByteBuffer frame = ByteBuffer.allocate(bytes);
    frame.putLong(0x0200_0000_0002_0200L).putInt(0x0000_0001).putShort((short) 0x0800);
    frame.putShort((short) 0x4500).putShort((short) (bytes - 14)).putInt(0);
    frame.put((byte) 64).put((byte) 17).putShort((short) 0);
    frame.putInt(0x0a68_000b).putInt(0x0a68_0001);
    frame
        .putShort((short) 4000)
        .putShort((short) 5000)
        .putShort((short) (bytes - 34))
        .putShort((short) 0);
    return frame.array();
  }

  /// A datagram whose length field goes past the end.
  static byte[] lyingUdp() {
    byte[] frame = udp(60);
    frame[38] = 4;
    return frame;
  }

  /// The first fragment of a datagram.
  static byte[] fragment() {
    byte[] frame = udp(60);
    frame[20] = 0x20;
    return frame;
  }
}
