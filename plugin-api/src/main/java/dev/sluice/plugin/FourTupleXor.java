package dev.sluice.plugin;

import java.lang.foreign.MemorySegment;

/// The paper's second strategy: XOR of bytes 26..37 of the frame, which in an untagged IPv4 frame
/// without options are the two addresses and the two ports.
///
/// The paper does not say in which units. Here the addresses are two big-endian numbers of 32 bits
/// and the ports two of 16, and the result is the XOR of all four. So swapping the ends of a
/// connection changes nothing, and both its directions meet in one WorkThread, as the paper asks;
/// with the ports as one number of 32 bits they would not.
///
/// The place is fixed, as in the paper: for VLAN tags, IPv6 and IPv4 options use [FlowHash]. Bytes
/// that a shorter frame does not have count as 0.
public final class FourTupleXor implements HashFunction {
  private static final int PORTS_AT = 34;

  @Override
  public int hash(Packet packet) {
    MemorySegment memory = packet.memory();
    int length = packet.length();
    int ports = TwoTupleXor.word(memory, length, PORTS_AT);
    return TwoTupleXor.word(memory, length, TwoTupleXor.SOURCE_AT)
        ^ TwoTupleXor.word(memory, length, TwoTupleXor.DEST_AT)
        ^ (ports >>> Short.SIZE)
        ^ (ports & 0xffff);
  }
}
