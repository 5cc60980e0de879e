package dev.sluice.kernel;

import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.StructLayout;

/// Names, numbers and layouts of `include/uapi/linux/if.h`, `if_arp.h` and `sockios.h`, Linux 6.1.
///
/// Every layout and number here is compared with the installed header by `KernelHeadersTest`.
final class If {
  static final int IFNAMSIZ = 16;

  static final int SIOCGIFNAME = 0x8910;
  static final int SIOCGIFFLAGS = 0x8913;
  static final int SIOCGIFMTU = 0x8921;
  static final int SIOCGIFHWADDR = 0x8927;
  static final int SIOCGIFINDEX = 0x8933;
  static final int SIOCETHTOOL = 0x8946;

  static final int IFF_UP = 1;
  static final int IFF_RUNNING = 0x40;
  static final int ARPHRD_ETHER = 1;

  /// `struct ifreq`: a name, and a union of 24 bytes whose member depends on the request.
  static final StructLayout STRUCT_IFREQ =
      structLayout(
              sequenceLayout(IFNAMSIZ, JAVA_BYTE).withName("ifr_name"),
              sequenceLayout(24, JAVA_BYTE).withName("ifr_ifru"))
          .withName("ifreq");

  private If() {}
}
