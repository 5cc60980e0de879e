package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// What length a frame may have on its way out: the MTU, its header, and at most two VLAN tags.
///
/// @param mtu of the interface, in bytes
record FrameFit(int mtu) {
  static final int ETHERNET_BYTES = 14;
  static final int TAG_BYTES = 4;

  private static final ValueLayout.OfShort NETWORK_U16 =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int FIRST_TYPE_AT = 12;

  /// Whether a frame of this length may leave.
  boolean allows(MemorySegment frame, int length) {
    int most = mtu + ETHERNET_BYTES;
    if (length <= most) {
      return ETHERNET_BYTES <= length;
    }
    int tags = 0;
    while (tags < 2 && isTag(frame, FIRST_TYPE_AT + tags * TAG_BYTES)) {
      tags++;
    }
    return length <= Math.min(most + tags * TAG_BYTES, FramePool.FRAME_BYTES);
  }

  private static boolean isTag(MemorySegment frame, int at) {
    int type = Short.toUnsignedInt(frame.get(NETWORK_U16, at));
    return type == IfPacket.ETH_P_8021Q || type == IfPacket.ETH_P_8021AD;
  }
}
