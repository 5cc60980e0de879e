package dev.sluice.wire;

import java.lang.foreign.MemorySegment;

/// The option lists of IPv4 and TCP, which have one form: 0 ends the list, 1 fills a byte, any
/// other kind has a length byte that counts kind and length too. Source: RFC 791, section 3.1; RFC
/// 9293, section 3.1.
final class Options {
  static final int ABSENT = -1;
  static final int BROKEN = -2;

  private static final int END_OF_LIST = 0;
  private static final int NO_OPERATION = 1;
  private static final int MIN_BYTES = 2;

  private Options() {}

  /// Where the first option of a kind is, [#ABSENT], or [#BROKEN] if a length lies before it is
  /// found. The lists are 40 bytes at most, and each turn takes at least one.
  static int at(MemorySegment memory, long from, long end, int kind) {
    long at = from;
    while (at < end) {
      int found = Fields.u8(memory, at);
      if (found == END_OF_LIST) {
        return ABSENT;
      }
      if (found == NO_OPERATION) {
        at++;
        continue;
      }
      if (end - at < MIN_BYTES) {
        return BROKEN;
      }
      int bytes = Fields.u8(memory, at + 1);
      if (bytes < MIN_BYTES || end - at < bytes) {
        return BROKEN;
      }
      if (found == kind) {
        return (int) at;
      }
      at += bytes;
    }
    return ABSENT;
  }

  /// The same, for a kind whose options have one length only.
  static int at(MemorySegment memory, long from, long end, int kind, int bytes) {
    int at = at(memory, from, end, kind);
    return at >= 0 && Fields.u8(memory, at + 1) != bytes ? BROKEN : at;
  }
}
