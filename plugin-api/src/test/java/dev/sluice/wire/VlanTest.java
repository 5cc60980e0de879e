package dev.sluice.wire;

import static dev.sluice.wire.Fitting.AT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

final class VlanTest {
  private static final String TAG = "88a8 b12c 0800";

  @Test
  void knownBytesAreRead() {
    MemorySegment memory = Fitting.at(TAG);
    assertEquals(Vlan.TYPE_SERVICE, Vlan.tagType(memory, AT));
    assertEquals(5, Vlan.priority(memory, AT));
    assertTrue(Vlan.isDropEligible(memory, AT));
    assertEquals(300, Vlan.id(memory, AT));
    assertEquals(0x0800, Vlan.nextType(memory, AT));
  }

  @Test
  void valuesWrittenGiveTheSameBytes() {
    MemorySegment memory = Fitting.stale(6);
    Vlan.setTagType(memory, AT, 0x88a8);
    Vlan.setContent(memory, AT, 5, true, 300);
    Vlan.setNextType(memory, AT, 0x0800);
    Fitting.assertBytes(TAG, memory);
    Vlan.setContent(memory, AT, 7, false, 4095);
    Fitting.assertBytes("88a8 efff 0800", memory);
    assertFalse(Vlan.isDropEligible(memory, AT));
  }

  @Test
  void everyShorterPrefixIsRefused() {
    Fitting.assertEveryShorterPrefixIsRefused(Vlan::fits, Fitting.hex(TAG));
  }

  @Test
  void exactlyThreeTypesAreTags() {
    Fitting.assertFitsExactlyWith16(
        Vlan::fits,
        Fitting.hex(TAG),
        0,
        type -> type == 0x8100 || type == 0x88a8 || type == 0x9100);
  }
}
