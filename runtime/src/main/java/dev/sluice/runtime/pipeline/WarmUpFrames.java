package dev.sluice.runtime.pipeline;

import dev.sluice.wire.Arp;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Iec104;
import dev.sluice.wire.Tcp;
import dev.sluice.wire.Udp;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Frames as a gateway meets them, of documentation addresses: what [WarmUp] sends through.
final class WarmUpFrames {
  private static final int LEAST = 60;
  private static final int TYPE_CUSTOMER_TAG = 0x8100;
  private static final int[] LENGTHS = {60, 124, 342, 764, 1514};

  private WarmUpFrames() {}

  /// Some of each kind: IEC 60870-5-104 over TCP, UDP, ARP, over IPv4 and IPv6, with and without a
  /// VLAN tag, fragments, and frames whose lengths lie.
  static List<byte[]> all() {
    List<byte[]> frames = new ArrayList<>();
    for (int flow = 1; flow <= 16; flow++) {
      for (int bytes : LENGTHS) {
        frames.add(v4(Tcp.PROTOCOL, bytes, flow, false));
        frames.add(v4(Tcp.PROTOCOL, bytes, flow, true));
        frames.add(v4(Udp.PROTOCOL, bytes, flow, false));
        frames.add(v6(bytes, flow));
      }
      frames.add(arp(flow));
      frames.add(fragment(flow));
      frames.add(lying(flow));
    }
    return frames;
  }

  private static ByteBuffer ethernet(int bytes, int etherType, boolean tagged) {
    ByteBuffer frame = ByteBuffer.allocate(Math.max(LEAST, bytes));
    frame.putLong(0x0200_5e10_0002_0200L).putInt(0x5e10_0001);
    if (tagged) {
      frame.putShort((short) TYPE_CUSTOMER_TAG).putShort((short) 104);
    }
    return frame.putShort((short) etherType);
  }

  private static byte[] v4(int protocol, int bytes, int flow, boolean tagged) {
    ByteBuffer frame = ethernet(bytes, Ethernet.TYPE_IPV4, tagged);
    int payload = frame.remaining() - 20;
    frame.putShort((short) 0x4500).putShort((short) (payload + 20)).putInt(0);
    frame.put((byte) 64).put((byte) protocol).putShort((short) 0);
    frame.putInt(0xc000_0200 + flow).putInt(0xc633_6401);
    return transport(frame, protocol, flow);
  }

  private static byte[] v6(int bytes, int flow) {
    ByteBuffer frame = ethernet(Math.max(bytes, 80), Ethernet.TYPE_IPV6, false);
    int payload = frame.remaining() - 40;
    frame.putInt(0x6000_0000).putShort((short) payload);
    frame.put((byte) Tcp.PROTOCOL).put((byte) 64);
    frame.putLong(0x2001_0db8_0000_0000L).putLong(flow);
    frame.putLong(0x2001_0db8_0000_0001L).putLong(1);
    return transport(frame, Tcp.PROTOCOL, flow);
  }

  /// Ports, and a header with whatever else fits behind it.
  private static byte[] transport(ByteBuffer frame, int protocol, int flow) {
    int bytes = frame.remaining();
    frame.putShort((short) (40_000 + flow)).putShort((short) Iec104.PORT);
    if (protocol == Udp.PROTOCOL) {
      frame.putShort((short) bytes).putShort((short) 0);
      return bytes(frame);
    }
    frame.putInt(1000 * flow).putInt(1).putShort((short) 0x5018).putShort((short) 8192).putInt(0);
    if (frame.remaining() >= 6) {
      frame.put((byte) 0x68).put((byte) 4).putInt(0x0100_0000); // a supervisory APDU
    }
    return bytes(frame);
  }

  private static byte[] arp(int flow) {
    ByteBuffer frame = ethernet(LEAST, Ethernet.TYPE_ARP, false);
    frame.putShort((short) 1).putShort((short) Ethernet.TYPE_IPV4).putShort((short) 0x0604);
    frame.putShort((short) Arp.REQUEST).putInt(0x0200_5e10).putShort((short) 1);
    frame.putInt(0xc000_0200 + flow).putInt(0).putShort((short) 0).putInt(0xc633_6401);
    return bytes(frame);
  }

  private static byte[] fragment(int flow) {
    byte[] frame = v4(Udp.PROTOCOL, LEAST, flow, false);
    frame[20] = 0x20;
    return frame;
  }

  private static byte[] lying(int flow) {
    byte[] frame = v4(Udp.PROTOCOL, LEAST, flow, false);
    frame[38] = 4;
    return frame;
  }

  private static byte[] bytes(ByteBuffer frame) {
    byte[] bytes = new byte[frame.capacity()];
    frame.get(0, bytes);
    return bytes;
  }
}
