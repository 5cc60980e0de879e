package dev.sluice.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.IntPredicate;

/// What every view is held to, and memory to hold it on.
final class Fitting {
  /// Not 0, so that a view which forgets its offset reads something else.
  static final int AT = 5;

  /// The `fits` of a view.
  @FunctionalInterface
  interface Fits {
    boolean test(MemorySegment memory, long at, long end);
  }

  private Fitting() {}

  static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replaceAll("\\s", ""));
  }

  /// Memory that ends where the header does, with the header at [#AT].
  static MemorySegment at(byte... header) {
    byte[] all = new byte[AT + header.length];
    Arrays.fill(all, (byte) 0xa5);
    System.arraycopy(header, 0, all, AT, header.length);
    return MemorySegment.ofArray(all);
  }

  static MemorySegment at(String digits) {
    return at(hex(digits));
  }

  /// Stale memory to write a header into.
  static MemorySegment stale(int bytes) {
    byte[] all = new byte[AT + bytes];
    Arrays.fill(all, (byte) 0xa5);
    return MemorySegment.ofArray(all);
  }

  /// The whole fits and no shorter prefix does, whether the memory ends there or only `end` does.
  static void assertEveryShorterPrefixIsRefused(Fits fits, byte... whole) {
    assertTrue(fits.test(at(whole), AT, AT + whole.length), "the whole");
    for (int bytes = 0; bytes < whole.length; bytes++) {
      byte[] cut = Arrays.copyOf(whole, bytes);
      assertFalse(fits.test(at(cut), AT, AT + bytes), "cut to " + bytes);
      assertFalse(fits.test(at(whole), AT, AT + bytes), "ending at " + bytes);
    }
    assertFalse(fits.test(at(whole), AT, AT - 1), "ending before its start");
  }

  /// Of all 256 values of one byte, exactly the named ones fit.
  static void assertFitsExactlyWith8(Fits fits, byte[] whole, int field, IntPredicate honest) {
    for (int value = 0; value < 256; value++) {
      byte[] changed = whole.clone();
      changed[field] = (byte) value;
      assertEquals(
          honest.test(value), fits.test(at(changed), AT, AT + changed.length), "value " + value);
    }
  }

  /// Of all 65536 values of two bytes, exactly the named ones fit.
  static void assertFitsExactlyWith16(Fits fits, byte[] whole, int field, IntPredicate honest) {
    for (int value = 0; value < 65_536; value++) {
      byte[] changed = whole.clone();
      changed[field] = (byte) (value >>> 8);
      changed[field + 1] = (byte) value;
      assertEquals(
          honest.test(value), fits.test(at(changed), AT, AT + changed.length), "value " + value);
    }
  }

  /// The bytes from [#AT] to the end are these.
  static void assertBytes(String digits, MemorySegment memory) {
    byte[] all = (byte[]) memory.heapBase().orElseThrow();
    byte[] written = Arrays.copyOfRange(all, AT, all.length);
    assertEquals(HexFormat.of().formatHex(hex(digits)), HexFormat.of().formatHex(written));
    for (int i = 0; i < AT; i++) {
      assertEquals((byte) 0xa5, all[i], "written before the header");
    }
  }
}
