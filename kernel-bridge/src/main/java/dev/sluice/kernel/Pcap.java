package dev.sluice.kernel;

/// Numbers of the classic capture file: a file header of 24 bytes, then records of a header of 16
/// bytes and their data. Source: draft-ietf-opsawg-pcap, sections 4 and 5.
final class Pcap {
  static final int MAGIC_MICROSECONDS = 0xa1b2c3d4;
  static final int MAGIC_NANOSECONDS = 0xa1b23c4d;

  /// Block type of a pcapng Section Header Block, the same in both byte orders.
  static final int MAGIC_PCAPNG = 0x0a0d0d0a;

  static final int LINKTYPE_ETHERNET = 1;
  static final int FILE_HEADER_BYTES = 24;
  static final int MAJOR_VERSION_AT = 4;
  static final int SNAPLEN_AT = 16;
  static final int LINKTYPE_AT = 20;
  static final int RECORD_HEADER_BYTES = 16;
  static final int FRACTION_AT = 4;
  static final int CAPTURED_AT = 8;
  static final int ORIGINAL_AT = 12;

  /// Longest record that tcpdump or Wireshark write; a longer one is a broken file.
  static final int MOST_CAPTURED_BYTES = 1 << 18;

  private Pcap() {}
}
