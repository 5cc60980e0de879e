package dev.sluice.wire;

import java.util.List;

/// One honest frame of each kind that the views know, for mutation. The tests of other modules may
/// use it.
public final class WireFrames {
  private static final String IN = "1.2.3.4";
  private static final String OUT = "5.6.7.8";
  private static final String IN_6 = "fd00::1";
  private static final String OUT_6 = "fd00::2";
  private static final String STARTDT = "680407000000";
  private static final String SUPERVISORY = "680401000200";
  private static final String COMMAND = "680e0c0006002d0106000100d2040081";
  private static final int[] IP_OPTIONS = {1, 1, 1, 0, 0x83, 7, 4, 10, 0, 0, 1, 0};
  private static final int[] TCP_OPTIONS = {
    2, 4, 5, 180, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7
  };

  private WireFrames() {}

  /// All of them.
  public static List<byte[]> all() {
    return List.of(
        v4().udp(1, 2).hex("00112233").bytes(),
        v4().tcp(1, 2404, 0x18).hex(STARTDT).bytes(),
        v4().tcp(1, 2404, 0x18).hex(COMMAND).hex(SUPERVISORY).hex(COMMAND).hex("68").bytes(),
        Frames.ethernet().ipv4(IN, OUT, IP_OPTIONS).tcp(1, 2404, 0x18).hex(STARTDT).bytes(),
        tagged(1).ipv4(IN, OUT).tcp(1, 2404, 2, 1, 0, 9, TCP_OPTIONS).hex(COMMAND).bytes(),
        v4().tcp(1, 2404, 2, 1, 0, 9, TCP_OPTIONS).bytes(),
        tagged(2).ipv4(IN, OUT).icmp(8, 0, 1).bytes(),
        tagged(3).ipv4(IN, OUT).udp(1, 2).bytes(),
        Frames.ethernet().vlan(0x88a8, 30).vlan(40).ipv6(IN_6, OUT_6).udp(9, 2405).bytes(),
        v4().protocol(50).hex("00").bytes(),
        v6().udp(1, 2).hex("0011").bytes(),
        chained().tcp(1, 2404, 2).bytes(),
        v6().icmp(135, 0, 0).hex("fe80 000000000000 0000000000000002 0101020000000001").bytes(),
        v6().icmp(136, 0, 3 << 29)
            .hex("fe80 000000000000 0000000000000002 0201020000000001 0501000000000000")
            .bytes(),
        v6().icmp(134, 0, 0x40000708).hex("0000000000000000 0101020000000001").bytes(),
        v6().icmp(128, 0, 7).hex("00").bytes(),
        v6().extension(60, 0, 1, 4, 0, 0, 0, 0)
            .extension(44, 0, 0, 0, 1, 2, 3, 4)
            .udp(1, 2)
            .bytes(),
        v6().bytes(),
        Frames.ethernet().arp(1, "02:00:00:00:00:01", IN, "00:00:00:00:00:00", OUT).padded(60),
        tagged(1).arp(2, "02:00:00:00:00:01", IN, "02:00:00:00:00:02", OUT).padded(60),
        Frames.ethernet().etherType(46).hex("424203").padded(60));
  }

  private static Frames v4() {
    return Frames.ethernet().ipv4(IN, OUT);
  }

  private static Frames v6() {
    return Frames.ethernet().ipv6(IN_6, OUT_6);
  }

  /// Every extension header that is stepped over.
  private static Frames chained() {
    return v6().extension(0, 0, 1, 4, 0, 0, 0, 0)
        .extension(43, 0, 0, 0, 0, 0, 0, 0)
        .extension(51, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        .extension(60, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  private static Frames tagged(int tags) {
    Frames frame = Frames.ethernet();
    for (int i = 0; i < tags; i++) {
      frame.vlan(7 + i);
    }
    return frame;
  }
}
