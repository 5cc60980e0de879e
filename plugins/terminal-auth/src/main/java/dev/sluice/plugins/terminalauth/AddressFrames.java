package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.Packet;
import dev.sluice.wire.Arp;
import dev.sluice.wire.Checksum;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Icmpv6;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.NeighborDiscovery;
import java.lang.foreign.MemorySegment;

/// Sends the gateway's own answers and questions of ARP and neighbour discovery, with the VLAN tags
/// of the packet that gave rise to them.
final class AddressFrames {
  private static final int MESSAGE_BYTES = (int) NeighborDiscovery.MESSAGE_BYTES;
  private static final int OPTION_BYTES = (int) NeighborDiscovery.ADDRESS_OPTION_BYTES;

  /// `ff02::1:ffXX:XXXX`, the group of every address that ends in these 24 bits (RFC 4291, section
  /// 2.7.1), and the Ethernet addresses of such groups (RFC 2464, section 7).
  private static final long SOLICITED_NODE_HIGH = 0xff02_0000_0000_0000L;

  private static final long SOLICITED_NODE_LOW = 0x0000_0001_ff00_0000L;
  private static final long SOLICITED_NODE_HARDWARE = 0x3333_ff00_0000L;
  private static final long LOW_24_BITS = 0xff_ffff;

  private final FrameBuffer buffer;

  AddressFrames(FrameBuffer buffer) {
    this.buffer = buffer;
  }

  /// Answers a question, to where it came from, in the name of the target.
  void answer(Packet question, AddressMessage asked, long hardware) {
    int at = begin(question, asked, asked.senderHardware, hardware);
    if (!asked.isV6) {
      arp(at, Arp.REPLY, hardware, asked.targetLow, asked.senderHardware, asked.senderLow);
      buffer.send(question.ingress(), at + (int) Arp.PACKET_BYTES);
      return;
    }
    MemorySegment memory = buffer.memory();
    int message = ipv6(at, MESSAGE_BYTES + OPTION_BYTES);
    Ipv6.setSource(memory, at, asked.targetHigh, asked.targetLow);
    Ipv6.setDest(memory, at, asked.senderHigh, asked.senderLow);
    Icmpv6.setType(memory, message, NeighborDiscovery.ADVERTISEMENT);
    int flags = NeighborDiscovery.FLAG_SOLICITED | NeighborDiscovery.FLAG_OVERRIDE;
    NeighborDiscovery.setFlags(memory, message, flags);
    int option = message + MESSAGE_BYTES;
    NeighborDiscovery.setAddressOption(
        memory, option, NeighborDiscovery.OPTION_TARGET_ADDRESS, hardware);
    sendMessage(question.ingress(), at, message, option + OPTION_BYTES, asked);
  }

  /// Asks on the packet's egress for what its sender asks, with the port's own hardware address and
  /// no IP address: an ARP probe (RFC 5227, section 2.1.1) or duplicate address detection (RFC
  /// 4862, section 5.4), which the holder of the address must answer.
  void ask(Packet question, AddressMessage asked) {
    Device device = question.egress();
    long own = device.hardwareAddress();
    if (!asked.isV6) {
      int at = begin(question, asked, Ethernet.BROADCAST, own);
      arp(at, Arp.REQUEST, own, 0, 0, asked.targetLow);
      buffer.send(device, at + (int) Arp.PACKET_BYTES);
      return;
    }
    MemorySegment memory = buffer.memory();
    long tail = asked.targetLow & LOW_24_BITS;
    int at = begin(question, asked, SOLICITED_NODE_HARDWARE | tail, own);
    int message = ipv6(at, MESSAGE_BYTES);
    Ipv6.setSource(memory, at, 0, 0);
    Ipv6.setDest(memory, at, SOLICITED_NODE_HIGH, SOLICITED_NODE_LOW | tail);
    Icmpv6.setType(memory, message, NeighborDiscovery.SOLICITATION);
    NeighborDiscovery.setFlags(memory, message, 0);
    sendMessage(device, at, message, message + MESSAGE_BYTES, asked);
  }

  private int begin(Packet question, AddressMessage asked, long dest, long source) {
    return buffer.begin(
        dest,
        source,
        FrameBuffer.tags(question),
        FrameBuffer.tagBytes(question),
        asked.etherType());
  }

  private void arp(
      int at, int operation, long sender, long senderLow, long target, long targetLow) {
    MemorySegment memory = buffer.memory();
    Arp.setTypes(memory, at);
    Arp.setOperation(memory, at, operation);
    Arp.setSenderHardware(memory, at, sender);
    Arp.setSenderProtocol(memory, at, senderLow);
    Arp.setTargetHardware(memory, at, target);
    Arp.setTargetProtocol(memory, at, targetLow);
  }

  private int ipv6(int at, int payloadBytes) {
    return buffer.ipv6(at, Icmpv6.PROTOCOL, payloadBytes, NeighborDiscovery.HOP_LIMIT);
  }

  private void sendMessage(Device device, int network, int message, int end, AddressMessage asked) {
    MemorySegment memory = buffer.memory();
    Icmpv6.setCode(memory, message, 0);
    NeighborDiscovery.setTarget(memory, message, asked.targetHigh, asked.targetLow);
    Checksum.updateTransport(memory, network, Icmpv6.PROTOCOL, message, end);
    buffer.send(device, end);
  }
}
