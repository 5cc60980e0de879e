package dev.sluice.kernel;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/// Names, numbers and layouts of `include/uapi/linux/if_packet.h`, Linux 6.1.
///
/// Every layout and number here is compared with the installed header by `KernelHeadersTest`.
final class IfPacket {
  static final int PACKET_ADD_MEMBERSHIP = 1;
  static final int PACKET_RX_RING = 5;
  static final int PACKET_STATISTICS = 6;
  static final int PACKET_VERSION = 10;
  static final int PACKET_TX_RING = 13;
  static final int PACKET_LOSS = 14;
  static final int PACKET_VNET_HDR = 15;
  static final int PACKET_QDISC_BYPASS = 20;
  static final int PACKET_IGNORE_OUTGOING = 23;

  static final int PACKET_MR_PROMISC = 1;
  static final int TPACKET_V2 = 1;
  static final int TPACKET_V3 = 2;

  static final int TP_STATUS_KERNEL = 0;
  static final int TP_STATUS_USER = 1;
  static final int TP_STATUS_COPY = 1 << 1;
  static final int TP_STATUS_CSUMNOTREADY = 1 << 3;
  static final int TP_STATUS_VLAN_VALID = 1 << 4;
  static final int TP_STATUS_VLAN_TPID_VALID = 1 << 6;
  static final int TP_STATUS_AVAILABLE = 0;
  static final int TP_STATUS_SEND_REQUEST = 1;
  static final int TP_STATUS_SENDING = 1 << 1;

  static final int ETH_P_ALL = 3; // include/uapi/linux/if_ether.h
  static final int ETH_P_8021Q = 0x8100;
  static final int ETH_P_8021AD = 0x88a8;

  static final StructLayout STRUCT_SOCKADDR_LL =
      structLayout(
              JAVA_SHORT.withName("sll_family"),
              JAVA_SHORT.withName("sll_protocol"),
              JAVA_INT.withName("sll_ifindex"),
              JAVA_SHORT.withName("sll_hatype"),
              JAVA_BYTE.withName("sll_pkttype"),
              JAVA_BYTE.withName("sll_halen"),
              sequenceLayout(8, JAVA_BYTE).withName("sll_addr"))
          .withName("sockaddr_ll");

  static final StructLayout STRUCT_PACKET_MREQ =
      structLayout(
              JAVA_INT.withName("mr_ifindex"),
              JAVA_SHORT.withName("mr_type"),
              JAVA_SHORT.withName("mr_alen"),
              sequenceLayout(8, JAVA_BYTE).withName("mr_address"))
          .withName("packet_mreq");

  static final StructLayout STRUCT_TPACKET_REQ =
      structLayout(
              JAVA_INT.withName("tp_block_size"),
              JAVA_INT.withName("tp_block_nr"),
              JAVA_INT.withName("tp_frame_size"),
              JAVA_INT.withName("tp_frame_nr"))
          .withName("tpacket_req");

  static final StructLayout STRUCT_TPACKET_REQ3 =
      structLayout(
              JAVA_INT.withName("tp_block_size"),
              JAVA_INT.withName("tp_block_nr"),
              JAVA_INT.withName("tp_frame_size"),
              JAVA_INT.withName("tp_frame_nr"),
              JAVA_INT.withName("tp_retire_blk_tov"),
              JAVA_INT.withName("tp_sizeof_priv"),
              JAVA_INT.withName("tp_feature_req_word"))
          .withName("tpacket_req3");

  static final StructLayout STRUCT_TPACKET_STATS_V3 =
      structLayout(
              JAVA_INT.withName("tp_packets"),
              JAVA_INT.withName("tp_drops"),
              JAVA_INT.withName("tp_freeze_q_cnt"))
          .withName("tpacket_stats_v3");

  /// Head of a block of the receive ring; `hdr.bh1` of the C union, whose names it takes.
  static final StructLayout STRUCT_TPACKET_BLOCK_DESC =
      structLayout(
              JAVA_INT.withName("version"),
              JAVA_INT.withName("offset_to_priv"),
              JAVA_INT.withName("hdr.bh1.block_status"),
              JAVA_INT.withName("hdr.bh1.num_pkts"),
              JAVA_INT.withName("hdr.bh1.offset_to_first_pkt"),
              JAVA_INT.withName("hdr.bh1.blk_len"),
              JAVA_LONG.withName("hdr.bh1.seq_num"),
              JAVA_LONG.withName("hdr.bh1.ts_first_pkt"),
              JAVA_LONG.withName("hdr.bh1.ts_last_pkt"))
          .withName("tpacket_block_desc");

  /// Head of a frame in a block of the receive ring.
  static final StructLayout STRUCT_TPACKET3_HDR =
      structLayout(
              JAVA_INT.withName("tp_next_offset"),
              JAVA_INT.withName("tp_sec"),
              JAVA_INT.withName("tp_nsec"),
              JAVA_INT.withName("tp_snaplen"),
              JAVA_INT.withName("tp_len"),
              JAVA_INT.withName("tp_status"),
              JAVA_SHORT.withName("tp_mac"),
              JAVA_SHORT.withName("tp_net"),
              JAVA_INT.withName("hv1.tp_rxhash"),
              JAVA_INT.withName("hv1.tp_vlan_tci"),
              JAVA_SHORT.withName("hv1.tp_vlan_tpid"),
              JAVA_SHORT.withName("hv1.tp_padding"),
              sequenceLayout(8, JAVA_BYTE).withName("tp_padding"))
          .withName("tpacket3_hdr");

  /// Head of a slot of the transmit ring.
  static final StructLayout STRUCT_TPACKET2_HDR =
      structLayout(
              JAVA_INT.withName("tp_status"),
              JAVA_INT.withName("tp_len"),
              JAVA_INT.withName("tp_snaplen"),
              JAVA_SHORT.withName("tp_mac"),
              JAVA_SHORT.withName("tp_net"),
              JAVA_INT.withName("tp_sec"),
              JAVA_INT.withName("tp_nsec"),
              JAVA_SHORT.withName("tp_vlan_tci"),
              JAVA_SHORT.withName("tp_vlan_tpid"),
              paddingLayout(4)) // __u8 tp_padding[4]
          .withName("tpacket2_hdr");

  /// `struct virtio_net_hdr` of `include/uapi/linux/virtio_net.h`: 10 bytes before each frame to
  /// transmit when [#PACKET_VNET_HDR] is on; all zero is an ordinary frame.
  static final int VIRTIO_NET_HDR_BYTES = 10;

  private IfPacket() {}

  /// Bytes from the start of a structure to its field.
  static long offset(StructLayout layout, String field) {
    return layout.byteOffset(groupElement(field));
  }
}
