package dev.sluice.kernel;

import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/// Names, numbers and layouts of `include/uapi/linux/netlink.h`, `rtnetlink.h`, `if_link.h` and
/// `if_addr.h`, Linux 6.1.
///
/// Every layout and number here is compared with the installed header by `KernelHeadersTest`.
final class Rtnetlink {
  static final int NETLINK_ROUTE = 0;
  static final int NLMSG_ERROR = 2;
  static final int NLMSG_DONE = 3;
  static final int NLM_F_REQUEST = 1;
  static final int NLM_F_ACK = 4;
  static final int NLM_F_DUMP = 0x300;
  static final int RTM_NEWLINK = 16;
  static final int RTM_GETLINK = 18;
  static final int RTM_SETLINK = 19;
  static final int RTM_NEWADDR = 20;
  static final int RTM_GETADDR = 22;

  static final int IFLA_IFNAME = 3;
  static final int IFLA_LINK = 5;
  static final int IFLA_MASTER = 10;
  static final int IFLA_LINKINFO = 18;
  static final int IFLA_LINK_NETNSID = 37;
  static final int IFLA_XDP = 43;
  static final int IFLA_XDP_FD = 1;
  static final int IFLA_XDP_ATTACHED = 2;
  static final int IFLA_XDP_FLAGS = 3;
  static final int IFLA_XDP_PROG_ID = 4;
  static final int XDP_ATTACHED_SKB = 2;
  static final int XDP_FLAGS_SKB_MODE = 1 << 1;
  static final int XDP_FLAGS_DRV_MODE = 1 << 2;
  static final int IFLA_INFO_KIND = 1;
  static final int IFA_ADDRESS = 1;
  static final int IFA_LOCAL = 2;

  static final int NLA_F_NESTED = 1 << 15;

  /// Of an attribute's type, what is not a flag.
  static final int NLA_TYPE_MASK = ~0xc000;

  static final StructLayout STRUCT_NLMSGHDR =
      structLayout(
              JAVA_INT.withName("nlmsg_len"),
              JAVA_SHORT.withName("nlmsg_type"),
              JAVA_SHORT.withName("nlmsg_flags"),
              JAVA_INT.withName("nlmsg_seq"),
              JAVA_INT.withName("nlmsg_pid"))
          .withName("nlmsghdr");

  static final StructLayout STRUCT_RTATTR =
      structLayout(JAVA_SHORT.withName("rta_len"), JAVA_SHORT.withName("rta_type"))
          .withName("rtattr");

  static final StructLayout STRUCT_IFINFOMSG =
      structLayout(
              JAVA_BYTE.withName("ifi_family"),
              JAVA_BYTE.withName("__ifi_pad"),
              JAVA_SHORT.withName("ifi_type"),
              JAVA_INT.withName("ifi_index"),
              JAVA_INT.withName("ifi_flags"),
              JAVA_INT.withName("ifi_change"))
          .withName("ifinfomsg");

  static final StructLayout STRUCT_IFADDRMSG =
      structLayout(
              JAVA_BYTE.withName("ifa_family"),
              JAVA_BYTE.withName("ifa_prefixlen"),
              JAVA_BYTE.withName("ifa_flags"),
              JAVA_BYTE.withName("ifa_scope"),
              JAVA_INT.withName("ifa_index"))
          .withName("ifaddrmsg");

  private Rtnetlink() {}
}
