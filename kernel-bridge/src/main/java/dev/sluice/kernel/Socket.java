package dev.sluice.kernel;

/// Numbers of `include/linux/socket.h` and `include/uapi/asm-generic/socket.h`, Linux 6.1, as the C
/// library's `sys/socket.h` gives them. The same on x86-64 and AArch64.
final class Socket {
  static final int AF_UNIX = 1;
  static final int AF_INET = 2;
  static final int AF_NETLINK = 16;
  static final int AF_PACKET = 17;
  static final int AF_XDP = 44;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_RAW = 3;
  static final int SOCK_CLOEXEC = 0x80000;
  static final int SOL_SOCKET = 1;
  static final int SO_ERROR = 4;
  static final int SO_SNDBUF = 7;
  static final int SO_ATTACH_FILTER = 26;
  static final int SO_DETACH_FILTER = 27;
  static final int SO_SNDBUFFORCE = 32;
  static final int SO_BUSY_POLL = 46;
  static final int SO_PREFER_BUSY_POLL = 69;
  static final int SO_BUSY_POLL_BUDGET = 70;
  static final int MSG_DONTWAIT = 0x40;
  static final int SOL_PACKET = 263;
  static final int SOL_XDP = 283;

  private Socket() {}
}
