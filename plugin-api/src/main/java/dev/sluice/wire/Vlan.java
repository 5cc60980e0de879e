package dev.sluice.wire;

import static dev.sluice.wire.Fields.U16;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// One VLAN tag: 4 bytes, big-endian, with the EtherType of what it tags behind it. Source: IEEE
/// 802.1Q, clause 9.
///
/// `at` is where the tag's own type is: byte 12 of a frame for the first tag. Getters need [#fits]
/// to have returned true for the same `at`; writing the tag's type voids it.
public final class Vlan {
  /// Tag type of a customer tag (802.1Q).
  public static final int TYPE_CUSTOMER = 0x8100;

  /// Tag type of a service tag (802.1ad, QinQ).
  public static final int TYPE_SERVICE = 0x88a8;

  /// Tag type that switches used for the outer tag before 802.1ad.
  public static final int TYPE_OLD_SERVICE = 0x9100;

  /// The identifier that 802.1Q reserves and forbids on the wire (table 9-2).
  public static final int RESERVED_ID = 4095;

  public static final StructLayout LAYOUT =
      structLayout(U16.withName("type"), U16.withName("tci"), U16.withName("next_type"));

  /// Bytes of a tag, without the EtherType behind it.
  public static final long TAG_BYTES = offset("next_type");

  private static final long TYPE = offset("type");
  private static final long TCI = offset("tci");
  private static final long NEXT_TYPE = offset("next_type");
  private static final int ID_MASK = 0xfff;
  private static final int DROP_ELIGIBLE = 0x1000;
  private static final int PRIORITY_SHIFT = 13;

  private Vlan() {}

  /// Whether the number, read where an EtherType is, begins a tag.
  public static boolean isTag(int type) {
    return type == TYPE_CUSTOMER || type == TYPE_SERVICE || type == TYPE_OLD_SERVICE;
  }

  /// Whether a whole tag and the EtherType behind it lie in `[at, end)`, both in bytes.
  public static boolean fits(MemorySegment memory, long at, long end) {
    return LAYOUT.byteSize() <= end - at && isTag(tagType(memory, at));
  }

  /// The tag's own type: one of the three constants.
  public static int tagType(MemorySegment memory, long at) {
    return Fields.u16(memory, at + TYPE);
  }

  /// VLAN identifier, 0..4095; 0 tags a priority alone.
  public static int id(MemorySegment memory, long at) {
    return Fields.u16(memory, at + TCI) & ID_MASK;
  }

  /// Priority code point, 0..7.
  public static int priority(MemorySegment memory, long at) {
    return Fields.u16(memory, at + TCI) >>> PRIORITY_SHIFT;
  }

  /// Whether switches may drop the frame first when they are congested.
  public static boolean isDropEligible(MemorySegment memory, long at) {
    return (Fields.u16(memory, at + TCI) & DROP_ELIGIBLE) != 0;
  }

  /// What follows the tag, 0..65535: an EtherType, a length, or another tag's type.
  public static int nextType(MemorySegment memory, long at) {
    return Fields.u16(memory, at + NEXT_TYPE);
  }

  public static void setTagType(MemorySegment memory, long at, int type) {
    Fields.setU16(memory, at + TYPE, type);
  }

  /// Writes the tag's 16 bits of content.
  ///
  /// @param priority 0..7
  /// @param id 0..4095
  public static void setContent(
      MemorySegment memory, long at, int priority, boolean dropEligible, int id) {
    int dropBit = dropEligible ? DROP_ELIGIBLE : 0;
    Fields.setU16(memory, at + TCI, (priority << PRIORITY_SHIFT) | dropBit | (id & ID_MASK));
  }

  public static void setNextType(MemorySegment memory, long at, int type) {
    Fields.setU16(memory, at + NEXT_TYPE, type);
  }

  private static long offset(String name) {
    return LAYOUT.byteOffset(groupElement(name));
  }
}
