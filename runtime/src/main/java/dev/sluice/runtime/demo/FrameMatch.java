package dev.sluice.runtime.demo;

import java.util.List;
import java.util.function.Predicate;

/// What the taps look for in a frame.
final class FrameMatch {
  private static final int ETHER_TYPE_AT = 12;
  private static final int ARP = 0x0806;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final int UDP = 17;
  private static final int ARP_REQUEST = 1;

  private FrameMatch() {}

  /// Frames that hold these bytes anywhere: whatever somebody made of an address or a mark, its
  /// bytes are in it.
  static Predicate<byte[]> contains(byte[] sought) {
    return frame -> {
      for (int at = 0; at + sought.length <= frame.length; at++) {
        if (startsAt(frame, at, sought)) {
          return true;
        }
      }
      return false;
    };
  }

  private static boolean startsAt(byte[] frame, int at, byte[] sought) {
    for (int i = 0; i < sought.length; i++) {
      if (frame[at + i] != sought[i]) {
        return false;
      }
    }
    return true;
  }

  /// Frames that only the master station can have caused: from its address, and none of those that
  /// the gateway itself answers a terminal with, which are ARP replies, neighbour advertisements
  /// and the datagrams of the handshake.
  ///
  /// @param addresses the master's, 4 or 16 bytes each
  /// @param authPort UDP port of the handshake
  static Predicate<byte[]> fromMaster(List<byte[]> addresses, int authPort) {
    return frame ->
        switch (number(frame, ETHER_TYPE_AT, 2)) {
          case ARP -> number(frame, 20, 2) == ARP_REQUEST && isOneOf(addresses, frame, 28);
          case IPV4 -> isOneOf(addresses, frame, 26) && !isHandshake(frame, 23, 34, authPort);
          case IPV6 ->
              isOneOf(addresses, frame, 22)
                  && !isHandshake(frame, 20, 54, authPort)
                  && !(number(frame, 20, 1) == 58 && number(frame, 54, 1) == 136);
          default -> false;
        };
  }

  private static boolean isHandshake(byte[] frame, int protocolAt, int sourceAt, int authPort) {
    return number(frame, protocolAt, 1) == UDP && number(frame, sourceAt, 2) == authPort;
  }

  private static boolean isOneOf(List<byte[]> addresses, byte[] frame, int at) {
    return addresses.stream()
        .anyMatch(address -> at + address.length <= frame.length && startsAt(frame, at, address));
  }

  /// A big-endian number, or -1 past the frame's end.
  private static int number(byte[] frame, int at, int bytes) {
    if (frame.length < at + bytes) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | Byte.toUnsignedInt(frame[at + i]);
    }
    return value;
  }
}
