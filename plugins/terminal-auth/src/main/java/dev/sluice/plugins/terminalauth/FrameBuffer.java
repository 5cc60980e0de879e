package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketSender;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.Vlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Where a frame of the gateway's own is written before it is sent: one after another, by one
/// thread. Nothing is allocated after the constructor.
///
/// A frame that the pool or the SendQueue has no room for is lost, like any frame on a wire: who
/// waits for it asks again.
final class FrameBuffer {
  /// Hop limit of neighbour discovery, which shows that no router has passed it on.
  static final int LINK_HOP_LIMIT = 255;

  /// Hop limit of everything else.
  static final int HOP_LIMIT = 64;

  private static final int BYTES = 128;

  private final PacketSender sender;
  private final boolean silent;
  private final MemorySegment memory = Arena.ofAuto().allocate(BYTES);

  /// By length, since a slice is an object.
  private final MemorySegment[] prefixes = new MemorySegment[BYTES + 1];

  /// @param silent whether what is sent goes nowhere
  FrameBuffer(PacketSender sender, boolean silent) {
    this.sender = sender;
    this.silent = silent;
    for (int bytes = 0; bytes <= BYTES; bytes++) {
      prefixes[bytes] = memory.asSlice(0, bytes);
    }
  }

  /// The VLAN tags of an IP or ARP frame as they lie in memory: eight bytes, of which the first `4
  /// * vlanTags` count.
  static long tags(Packet packet) {
    return packet.memory().get(JAVA_LONG_UNALIGNED, Ethernet.TYPE_AT);
  }

  static int tagBytes(Packet packet) {
    return packet.vlanTags() * (int) Vlan.TAG_BYTES;
  }

  MemorySegment memory() {
    return memory;
  }

  /// Writes the Ethernet header and the tags.
  ///
  /// @return where the network layer starts
  int begin(long dest, long source, long tags, int tagBytes, int etherType) {
    Ethernet.setDest(memory, 0, dest);
    Ethernet.setSource(memory, 0, source);
    memory.set(JAVA_LONG_UNALIGNED, Ethernet.TYPE_AT, tags);
    // An EtherType stands where that of an untagged frame would, pushed on by the tags.
    Ethernet.setEtherType(memory, tagBytes, etherType);
    return (int) Ethernet.HEADER_BYTES + tagBytes;
  }

  /// Writes an IPv4 header, with its checksum.
  ///
  /// @return where the payload starts
  int ipv4(int at, int protocol, int payloadBytes, long source, long dest) {
    int headerBytes = (int) Ipv4.HEADER_BYTES;
    Ipv4.setHeaderBytes(memory, at, headerBytes);
    Ipv4.setService(memory, at, 0);
    Ipv4.setTotalBytes(memory, at, headerBytes + payloadBytes);
    Ipv4.setIdentification(memory, at, 0);
    Ipv4.setFragment(memory, at, true, false, 0);
    Ipv4.setTimeToLive(memory, at, HOP_LIMIT);
    Ipv4.setProtocol(memory, at, protocol);
    Ipv4.setSource(memory, at, source);
    Ipv4.setDest(memory, at, dest);
    Ipv4.updateChecksum(memory, at);
    return at + headerBytes;
  }

  /// Writes an IPv6 header but for its addresses.
  ///
  /// @return where the payload starts
  int ipv6(int at, int protocol, int payloadBytes, int hopLimit) {
    Ipv6.setClassAndLabel(memory, at, 0, 0);
    Ipv6.setPayloadBytes(memory, at, payloadBytes);
    Ipv6.setNextHeader(memory, at, protocol);
    Ipv6.setHopLimit(memory, at, hopLimit);
    return at + (int) Ipv6.HEADER_BYTES;
  }

  /// Sends the first `bytes` of what was written, by the device with this index.
  void send(int deviceIndex, int bytes) {
    List<Device> devices = sender.devices();
    for (int i = 0; i < devices.size(); i++) {
      if (devices.get(i).index() == deviceIndex) {
        send(devices.get(i), bytes);
      }
    }
  }

  /// Sends the first `bytes` of what was written.
  void send(Device device, int bytes) {
    if (!silent) {
      sender.sendData(device, prefixes[bytes]);
    }
  }
}
