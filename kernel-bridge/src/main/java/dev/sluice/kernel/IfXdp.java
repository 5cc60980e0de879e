package dev.sluice.kernel;

import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/// Names, numbers and layouts of `include/uapi/linux/if_xdp.h`, Linux 6.18.
///
/// Every layout and number here is compared with the installed header by `KernelHeadersTest`, as
/// far as that header is new enough to have it.
final class IfXdp {
  static final int XDP_SHARED_UMEM = 1;
  static final int XDP_COPY = 1 << 1;
  static final int XDP_ZEROCOPY = 1 << 2;
  static final int XDP_USE_NEED_WAKEUP = 1 << 3;

  static final int XDP_RING_NEED_WAKEUP = 1;

  static final int XDP_MMAP_OFFSETS = 1;
  static final int XDP_RX_RING = 2;
  static final int XDP_TX_RING = 3;
  static final int XDP_UMEM_REG = 4;
  static final int XDP_UMEM_FILL_RING = 5;
  static final int XDP_UMEM_COMPLETION_RING = 6;
  static final int XDP_STATISTICS = 7;
  static final int XDP_OPTIONS = 8;
  static final int XDP_MAX_TX_SKB_BUDGET = 9; // since Linux 6.17

  static final int XDP_OPTIONS_ZEROCOPY = 1;

  static final long XDP_PGOFF_RX_RING = 0;
  static final long XDP_PGOFF_TX_RING = 0x80000000L;
  static final long XDP_UMEM_PGOFF_FILL_RING = 0x100000000L;
  static final long XDP_UMEM_PGOFF_COMPLETION_RING = 0x180000000L;

  /// Set in a descriptor whose frame goes on in the next one.
  static final int XDP_PKT_CONTD = 1; // since Linux 6.6

  static final StructLayout STRUCT_SOCKADDR_XDP =
      structLayout(
              JAVA_SHORT.withName("sxdp_family"),
              JAVA_SHORT.withName("sxdp_flags"),
              JAVA_INT.withName("sxdp_ifindex"),
              JAVA_INT.withName("sxdp_queue_id"),
              JAVA_INT.withName("sxdp_shared_umem_fd"))
          .withName("sockaddr_xdp");

  /// Where the words of one ring lie in its mapping.
  static final StructLayout STRUCT_XDP_RING_OFFSET =
      structLayout(
              JAVA_LONG.withName("producer"),
              JAVA_LONG.withName("consumer"),
              JAVA_LONG.withName("desc"),
              JAVA_LONG.withName("flags"))
          .withName("xdp_ring_offset");

  static final StructLayout STRUCT_XDP_MMAP_OFFSETS =
      structLayout(
              STRUCT_XDP_RING_OFFSET.withName("rx"),
              STRUCT_XDP_RING_OFFSET.withName("tx"),
              STRUCT_XDP_RING_OFFSET.withName("fr"),
              STRUCT_XDP_RING_OFFSET.withName("cr"))
          .withName("xdp_mmap_offsets");

  static final StructLayout STRUCT_XDP_UMEM_REG =
      structLayout(
              JAVA_LONG.withName("addr"),
              JAVA_LONG.withName("len"),
              JAVA_INT.withName("chunk_size"),
              JAVA_INT.withName("headroom"),
              JAVA_INT.withName("flags"),
              MemoryLayout.paddingLayout(4))
          .withName("xdp_umem_reg");

  static final StructLayout STRUCT_XDP_STATISTICS =
      structLayout(
              JAVA_LONG.withName("rx_dropped"),
              JAVA_LONG.withName("rx_invalid_descs"),
              JAVA_LONG.withName("tx_invalid_descs"),
              JAVA_LONG.withName("rx_ring_full"),
              JAVA_LONG.withName("rx_fill_ring_empty_descs"),
              JAVA_LONG.withName("tx_ring_empty_descs"))
          .withName("xdp_statistics");

  static final StructLayout STRUCT_XDP_DESC =
      structLayout(
              JAVA_LONG.withName("addr"), JAVA_INT.withName("len"), JAVA_INT.withName("options"))
          .withName("xdp_desc");

  private IfXdp() {}
}
