package dev.sluice.runtime.bench;

import dev.sluice.kernel.FramePattern;
import dev.sluice.runtime.bench.swap.MarkingHandler;
import dev.sluice.wire.Checksum;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// The frames of systems that know no sessions: UDP over IPv4, 64 flows, addressed to the sink as
/// if by the generator, so that a bridge need not flood them.
final class UdpFrames {
  static final int FLOWS = 64;

  /// Smallest and largest frame without its frame check sequence, in bytes.
  static final int LEAST = 60;

  static final int MOST = 1514;

  /// The flow that a marking bundle drops.
  static final int FORBIDDEN_FLOW = 63;

  private static final int IP = 14;
  private static final int IP_CHECK = IP + 10;
  private static final int UDP = IP + 20;
  private static final int PAYLOAD = UDP + 8;
  private static final short ETHERTYPE_IPV4 = 0x0800;
  private static final byte VERSION_AND_LENGTH = 0x45;
  private static final byte TTL = 64;
  private static final byte PROTOCOL_UDP = 17;
  private static final int SOURCE = 0xc6336401; // 198.51.100.1, RFC 5737
  private static final int DESTINATION = 0xc6336402;
  private static final short SOURCE_PORT = 10_000;
  private static final short DESTINATION_PORT = 2404;
  private static final short MARKER = 0x51ce;

  private UdpFrames() {}

  /// Frames of one length.
  ///
  /// @param bytes without the frame check sequence, 60..1514
  static FramePattern pattern(int bytes) {
    byte[] frame = new byte[bytes];
    ByteBuffer buffer = ByteBuffer.wrap(frame);
    buffer.put(mac(World.SINK_MAC)).put(mac(World.GENERATOR_MAC)).putShort(ETHERTYPE_IPV4);
    buffer.put(IP, VERSION_AND_LENGTH).putShort(IP + 2, (short) (bytes - IP));
    buffer.put(IP + 8, TTL).put(IP + 9, PROTOCOL_UDP);
    buffer.putInt(IP + 12, SOURCE).putInt(IP + 16, DESTINATION);
    int checksum = Checksum.of(MemorySegment.ofArray(frame), IP, UDP - IP);
    buffer.putShort(IP_CHECK, (short) checksum);
    // No checksum of UDP (RFC 768: zero), so that a frame's stamp may differ from the next one's.
    buffer.putShort(UDP, SOURCE_PORT).putShort(UDP + 2, DESTINATION_PORT);
    buffer.putShort(UDP + 4, (short) (bytes - UDP));
    buffer.putShort(PAYLOAD + 4, MARKER);
    return new FramePattern(frame, FLOWS, UDP, -1, PAYLOAD, PAYLOAD + 4, PAYLOAD + 6, -1);
  }

  /// The same frames with a place for the version of the bundle that lets them pass.
  static FramePattern versioned(int bytes) {
    FramePattern plain = pattern(bytes);
    return new FramePattern(
        plain.frame(),
        plain.flows(),
        plain.flowAt(),
        plain.flowCheckAt(),
        plain.sequenceAt(),
        plain.markerAt(),
        plain.stampAt(),
        plain.markAt(),
        plain.checkAt(),
        MarkingHandler.VERSION_AT);
  }

  private static byte[] mac(String text) {
    byte[] bytes = new byte[6];
    String[] parts = text.split(":", -1);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(parts[i], 16);
    }
    return bytes;
  }
}
