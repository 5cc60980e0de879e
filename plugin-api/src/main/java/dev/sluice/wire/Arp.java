package dev.sluice.wire;

import static dev.sluice.wire.Fields.U16;
import static dev.sluice.wire.Fields.U32;
import static dev.sluice.wire.Fields.U8;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// An ARP packet for IPv4 over Ethernet: 28 bytes, big-endian. Source: RFC 826; numbers: RFC 5494.
///
/// Other hardware or protocol types do not fit. Getters need [#fits] to have returned true for the
/// same `at`, and stay valid until somebody writes the types or lengths.
public final class Arp {
  /// Operation: who has the target's address.
  public static final int REQUEST = 1;

  /// Operation: the sender has it.
  public static final int REPLY = 2;

  public static final StructLayout LAYOUT =
      structLayout(
          U16.withName("hardware_type"),
          U16.withName("protocol_type"),
          U8.withName("hardware_bytes"),
          U8.withName("protocol_bytes"),
          U16.withName("operation"),
          sequenceLayout(6, U8).withName("sender_hardware"),
          U32.withName("sender_protocol"),
          sequenceLayout(6, U8).withName("target_hardware"),
          U32.withName("target_protocol"));

  public static final long PACKET_BYTES = LAYOUT.byteSize();

  private static final long HARDWARE_TYPE = offset("hardware_type");
  private static final long OPERATION = offset("operation");
  private static final long SENDER_HARDWARE = offset("sender_hardware");
  private static final long SENDER_PROTOCOL = offset("sender_protocol");
  private static final long TARGET_HARDWARE = offset("target_hardware");
  private static final long TARGET_PROTOCOL = offset("target_protocol");

  // Hardware type 1 (Ethernet), protocol type 0x0800 (IPv4), address lengths 6 and 4.
  private static final long ETHERNET_IPV4 = 0x0001_0800_0604L;

  private Arp() {}

  /// Whether a whole packet for IPv4 over Ethernet lies in `[at, end)`, both in bytes.
  public static boolean fits(MemorySegment memory, long at, long end) {
    return PACKET_BYTES <= end - at && Fields.u48(memory, at + HARDWARE_TYPE) == ETHERNET_IPV4;
  }

  /// 0..65535; [#REQUEST] and [#REPLY] are the usual ones.
  public static int operation(MemorySegment memory, long at) {
    return Fields.u16(memory, at + OPERATION);
  }

  /// Hardware address of the sender, 48 bits.
  public static long senderHardware(MemorySegment memory, long at) {
    return Fields.u48(memory, at + SENDER_HARDWARE);
  }

  /// IPv4 address of the sender, 32 bits; 0 in a probe (RFC 5227).
  public static long senderProtocol(MemorySegment memory, long at) {
    return Fields.u32(memory, at + SENDER_PROTOCOL);
  }

  /// Hardware address of the target, 48 bits; without meaning in a request.
  public static long targetHardware(MemorySegment memory, long at) {
    return Fields.u48(memory, at + TARGET_HARDWARE);
  }

  /// IPv4 address of the target, 32 bits.
  public static long targetProtocol(MemorySegment memory, long at) {
    return Fields.u32(memory, at + TARGET_PROTOCOL);
  }

  /// Writes types and lengths, so that the packet is one for IPv4 over Ethernet.
  public static void setTypes(MemorySegment memory, long at) {
    Fields.setU48(memory, at + HARDWARE_TYPE, ETHERNET_IPV4);
  }

  public static void setOperation(MemorySegment memory, long at, int operation) {
    Fields.setU16(memory, at + OPERATION, operation);
  }

  public static void setSenderHardware(MemorySegment memory, long at, long address) {
    Fields.setU48(memory, at + SENDER_HARDWARE, address);
  }

  public static void setSenderProtocol(MemorySegment memory, long at, long address) {
    Fields.setU32(memory, at + SENDER_PROTOCOL, address);
  }

  public static void setTargetHardware(MemorySegment memory, long at, long address) {
    Fields.setU48(memory, at + TARGET_HARDWARE, address);
  }

  public static void setTargetProtocol(MemorySegment memory, long at, long address) {
    Fields.setU32(memory, at + TARGET_PROTOCOL, address);
  }

  private static long offset(String name) {
    return LAYOUT.byteOffset(groupElement(name));
  }
}
