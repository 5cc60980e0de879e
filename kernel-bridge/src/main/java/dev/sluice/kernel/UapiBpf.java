package dev.sluice.kernel;

import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.StructLayout;

/// Names, numbers and layouts of `include/uapi/linux/bpf.h`, Linux 6.1. The layouts are the members
/// of `union bpf_attr` that bpf(2) is called with, as far as they are used; addresses in it are
/// 64-bit numbers.
///
/// Every number and offset here is compared with the installed header by `KernelHeadersTest`.
final class UapiBpf {
  static final int BPF_MAP_CREATE = 0;
  static final int BPF_MAP_LOOKUP_ELEM = 1;
  static final int BPF_MAP_UPDATE_ELEM = 2;
  static final int BPF_MAP_DELETE_ELEM = 3;
  static final int BPF_PROG_LOAD = 5;
  static final int BPF_PROG_TEST_RUN = 10;
  static final int BPF_PROG_GET_FD_BY_ID = 13;
  static final int BPF_OBJ_GET_INFO_BY_FD = 15;
  static final int BPF_RAW_TRACEPOINT_OPEN = 17;
  static final int BPF_LINK_CREATE = 28;

  static final int BPF_MAP_TYPE_ARRAY = 2;
  static final int BPF_MAP_TYPE_PERCPU_ARRAY = 6;
  static final int BPF_MAP_TYPE_DEVMAP = 14;
  static final int BPF_MAP_TYPE_XSKMAP = 17;

  static final int BPF_F_MMAPABLE = 1 << 10;
  static final int BPF_F_TEST_XDP_LIVE_FRAMES = 1 << 1;

  static final int BPF_PROG_TYPE_XDP = 6;
  static final int BPF_PROG_TYPE_RAW_TRACEPOINT = 17;
  static final int BPF_XDP = 37; // enum bpf_attach_type

  static final int BPF_PSEUDO_MAP_FD = 1;
  static final int BPF_PSEUDO_MAP_VALUE = 2;

  static final int BPF_FUNC_map_lookup_elem = 1;
  static final int BPF_FUNC_ktime_get_ns = 5;
  static final int BPF_FUNC_get_smp_processor_id = 8;
  static final int BPF_FUNC_redirect = 23;
  static final int BPF_FUNC_redirect_map = 51;
  static final int BPF_FUNC_xdp_adjust_tail = 65;
  static final int BPF_FUNC_xdp_store_bytes = 190;

  static final int XDP_ABORTED = 0;
  static final int XDP_DROP = 1;
  static final int XDP_PASS = 2;
  static final int XDP_TX = 3;
  static final int XDP_REDIRECT = 4;

  /// What an XDP program is given: `struct xdp_md`.
  static final StructLayout STRUCT_XDP_MD =
      structLayout(
              JAVA_INT.withName("data"),
              JAVA_INT.withName("data_end"),
              JAVA_INT.withName("data_meta"),
              JAVA_INT.withName("ingress_ifindex"),
              JAVA_INT.withName("rx_queue_index"),
              JAVA_INT.withName("egress_ifindex"))
          .withName("xdp_md");

  /// For `BPF_MAP_CREATE`.
  static final StructLayout ATTR_MAP_CREATE =
      structLayout(
          JAVA_INT.withName("map_type"),
          JAVA_INT.withName("key_size"),
          JAVA_INT.withName("value_size"),
          JAVA_INT.withName("max_entries"),
          JAVA_INT.withName("map_flags"),
          paddingLayout(8),
          paddingLayout(16).withName("map_name"));

  /// For `BPF_MAP_LOOKUP_ELEM`, `BPF_MAP_UPDATE_ELEM` and `BPF_MAP_DELETE_ELEM`.
  static final StructLayout ATTR_MAP_ELEM =
      structLayout(
          JAVA_INT.withName("map_fd"),
          paddingLayout(4),
          JAVA_LONG.withName("key"),
          JAVA_LONG.withName("value"),
          JAVA_LONG.withName("flags"));

  /// For `BPF_PROG_LOAD`.
  static final StructLayout ATTR_PROG_LOAD =
      structLayout(
          JAVA_INT.withName("prog_type"),
          JAVA_INT.withName("insn_cnt"),
          JAVA_LONG.withName("insns"),
          JAVA_LONG.withName("license"),
          JAVA_INT.withName("log_level"),
          JAVA_INT.withName("log_size"),
          JAVA_LONG.withName("log_buf"),
          paddingLayout(8),
          paddingLayout(16).withName("prog_name"),
          paddingLayout(4),
          JAVA_INT.withName("expected_attach_type"));

  /// For `BPF_PROG_TEST_RUN`; `test.` goes before each name in C.
  static final StructLayout ATTR_TEST_RUN =
      structLayout(
          JAVA_INT.withName("prog_fd"),
          JAVA_INT.withName("retval"),
          JAVA_INT.withName("data_size_in"),
          JAVA_INT.withName("data_size_out"),
          JAVA_LONG.withName("data_in"),
          JAVA_LONG.withName("data_out"),
          JAVA_INT.withName("repeat"),
          JAVA_INT.withName("duration"),
          JAVA_INT.withName("ctx_size_in"),
          JAVA_INT.withName("ctx_size_out"),
          JAVA_LONG.withName("ctx_in"),
          JAVA_LONG.withName("ctx_out"),
          JAVA_INT.withName("flags"),
          JAVA_INT.withName("cpu"),
          JAVA_INT.withName("batch_size"),
          paddingLayout(4));

  /// For `BPF_LINK_CREATE`; `link_create.` goes before each name in C.
  static final StructLayout ATTR_LINK_CREATE =
      structLayout(
          JAVA_INT.withName("prog_fd"),
          JAVA_INT.withName("target_ifindex"),
          JAVA_INT.withName("attach_type"),
          JAVA_INT.withName("flags"));

  /// For `BPF_RAW_TRACEPOINT_OPEN`; `raw_tracepoint.` goes before each name in C.
  static final StructLayout ATTR_RAW_TRACEPOINT =
      structLayout(JAVA_LONG.withName("name"), JAVA_INT.withName("prog_fd"), paddingLayout(4));

  /// For `BPF_PROG_GET_FD_BY_ID`.
  static final StructLayout ATTR_GET_ID =
      structLayout(
          JAVA_INT.withName("prog_id"),
          JAVA_INT.withName("next_id"),
          JAVA_INT.withName("open_flags"));

  /// For `BPF_OBJ_GET_INFO_BY_FD`; `info.` goes before each name in C.
  static final StructLayout ATTR_OBJ_GET_INFO =
      structLayout(
          JAVA_INT.withName("bpf_fd"), JAVA_INT.withName("info_len"), JAVA_LONG.withName("info"));

  /// The head of `struct bpf_prog_info`, up to the name.
  static final StructLayout STRUCT_BPF_PROG_INFO =
      structLayout(
              JAVA_INT.withName("type"),
              JAVA_INT.withName("id"),
              paddingLayout(56),
              sequenceLayout(16, JAVA_BYTE).withName("name"))
          .withName("bpf_prog_info");

  private UapiBpf() {}
}
