package dev.sluice.kernel;

import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.StructLayout;

/// Names, numbers and layouts of `include/uapi/linux/ethtool.h`, Linux 6.1.
///
/// Every layout and number here is compared with the installed header by `KernelHeadersTest`.
final class UapiEthtool {
  static final int ETHTOOL_GDRVINFO = 0x03;
  static final int ETHTOOL_GSTRINGS = 0x1b;
  static final int ETHTOOL_GSSET_INFO = 0x37;
  static final int ETHTOOL_GFEATURES = 0x3a;
  static final int ETHTOOL_SFEATURES = 0x3b;
  static final int ETHTOOL_GCHANNELS = 0x3c;
  static final int ETH_SS_FEATURES = 4;
  static final int ETH_GSTRING_LEN = 32;

  /// Head of `struct ethtool_sset_info`, whose counts follow; the 64 bits of `sset_mask` lie where
  /// an `int` is aligned enough, and only the low half is used.
  static final StructLayout STRUCT_ETHTOOL_SSET_INFO =
      structLayout(
              JAVA_INT.withName("cmd"),
              JAVA_INT.withName("reserved"),
              JAVA_INT.withName("sset_mask"),
              JAVA_INT.withName("sset_mask_high"))
          .withName("ethtool_sset_info");

  /// Head of `struct ethtool_gstrings`, whose strings of 32 bytes follow.
  static final StructLayout STRUCT_ETHTOOL_GSTRINGS =
      structLayout(
              JAVA_INT.withName("cmd"), JAVA_INT.withName("string_set"), JAVA_INT.withName("len"))
          .withName("ethtool_gstrings");

  /// Head of `struct ethtool_gfeatures`, whose blocks follow; `struct ethtool_sfeatures` is alike.
  static final StructLayout STRUCT_ETHTOOL_GFEATURES =
      structLayout(JAVA_INT.withName("cmd"), JAVA_INT.withName("size"))
          .withName("ethtool_gfeatures");

  /// 32 features each.
  static final StructLayout STRUCT_ETHTOOL_GET_FEATURES_BLOCK =
      structLayout(
              JAVA_INT.withName("available"),
              JAVA_INT.withName("requested"),
              JAVA_INT.withName("active"),
              JAVA_INT.withName("never_changed"))
          .withName("ethtool_get_features_block");

  /// 32 features each.
  static final StructLayout STRUCT_ETHTOOL_SET_FEATURES_BLOCK =
      structLayout(JAVA_INT.withName("valid"), JAVA_INT.withName("requested"))
          .withName("ethtool_set_features_block");

  static final StructLayout STRUCT_ETHTOOL_DRVINFO =
      structLayout(
              JAVA_INT.withName("cmd"),
              sequenceLayout(32, JAVA_BYTE).withName("driver"),
              sequenceLayout(32, JAVA_BYTE).withName("version"),
              sequenceLayout(32, JAVA_BYTE).withName("fw_version"),
              sequenceLayout(32, JAVA_BYTE).withName("bus_info"),
              sequenceLayout(32, JAVA_BYTE).withName("erom_version"),
              sequenceLayout(12, JAVA_BYTE).withName("reserved2"),
              JAVA_INT.withName("n_priv_flags"),
              JAVA_INT.withName("n_stats"),
              JAVA_INT.withName("testinfo_len"),
              JAVA_INT.withName("eedump_len"),
              JAVA_INT.withName("regdump_len"))
          .withName("ethtool_drvinfo");

  static final StructLayout STRUCT_ETHTOOL_CHANNELS =
      structLayout(
              JAVA_INT.withName("cmd"),
              JAVA_INT.withName("max_rx"),
              JAVA_INT.withName("max_tx"),
              JAVA_INT.withName("max_other"),
              JAVA_INT.withName("max_combined"),
              JAVA_INT.withName("rx_count"),
              JAVA_INT.withName("tx_count"),
              JAVA_INT.withName("other_count"),
              JAVA_INT.withName("combined_count"))
          .withName("ethtool_channels");

  private UapiEthtool() {}
}
