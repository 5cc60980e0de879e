package dev.sluice.plugin;

import dev.sluice.wire.Arp;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.Tcp;
import dev.sluice.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/// The default strategy: both directions of a flow get the same number, wherever VLAN tags, IPv4
/// options or IPv6 extension headers put its fields.
///
/// What counts: for TCP and UDP the two addresses, the two ports and the protocol; for any other IP
/// packet, fragments that the operator lets pass included, the two addresses and the protocol; for
/// ARP the two IPv4 addresses; for the rest the two Ethernet addresses and the EtherType. VLAN
/// identifiers do not count.
///
/// The number is a multilinear hash (Lemire and Kaser, "Strongly universal string hashing is fast",
/// 2014) with secret random keys, then permuted by MurmurHash3's 32-bit finalizer. Who does not
/// know the keys cannot choose flows that meet: two flows that differ have the same number with
/// probability 2^-32. Instances have different keys; all ReadThreads of a gateway share one.
/// Immutable, safe for any thread.
public final class FlowHash implements HashFunction {
  // One for the constant, four for each address, one for the ports, one for what kind it is.
  private static final int KEYS = 11;

  // Beside an EtherType, where an IP packet has its protocol number.
  private static final int NO_IP = 0xfffe;

  private final long[] keys = new long[KEYS];

  /// With keys that nobody knows.
  public FlowHash() {
    this(new SecureRandom()::nextLong);
  }

  /// With keys that follow from a seed, for tests and measurements that must repeat.
  public FlowHash(long seed) {
    this(new SplittableRandom(seed)::nextLong);
  }

  private FlowHash(LongSupplier random) {
    Arrays.setAll(keys, i -> random.getAsLong());
  }

  @Override
  public int hash(Packet packet) {
    MemorySegment memory = packet.memory();
    int at = packet.networkAt();
    if (at >= 0) {
      switch (packet.etherType()) {
        case Ethernet.TYPE_IPV4 -> {
          return ipv4(packet, memory, at);
        }
        case Ethernet.TYPE_IPV6 -> {
          return ipv6(packet, memory, at);
        }
        case Ethernet.TYPE_ARP -> {
          return arp(memory, at);
        }
        default -> {}
      }
    }
    return ethernet(packet, memory);
  }

  private int ipv4(Packet packet, MemorySegment memory, int at) {
    long source = Ipv4.source(memory, at);
    long dest = Ipv4.dest(memory, at);
    int kind = kind(Ethernet.TYPE_IPV4, packet.transportProtocol());
    return symmetric(0, source, 0, dest, ports(packet, memory), kind);
  }

  private int ipv6(Packet packet, MemorySegment memory, int at) {
    return symmetric(
        Ipv6.sourceHigh(memory, at),
        Ipv6.sourceLow(memory, at),
        Ipv6.destHigh(memory, at),
        Ipv6.destLow(memory, at),
        ports(packet, memory),
        kind(Ethernet.TYPE_IPV6, packet.transportProtocol()));
  }

  private int arp(MemorySegment memory, int at) {
    long sender = Arp.senderProtocol(memory, at);
    long target = Arp.targetProtocol(memory, at);
    return symmetric(0, sender, 0, target, 0, kind(Ethernet.TYPE_ARP, NO_IP));
  }

  private int ethernet(Packet packet, MemorySegment memory) {
    if (!Ethernet.fits(memory, 0, packet.length())) {
      return 0;
    }
    long source = Ethernet.source(memory, 0);
    long dest = Ethernet.dest(memory, 0);
    return symmetric(0, source, 0, dest, 0, kind(packet.etherType(), NO_IP));
  }

  /// Source port in the upper 16 bits, destination port in the lower; 0 for what has no ports.
  private static int ports(Packet packet, MemorySegment memory) {
    int at = packet.transportAt();
    return switch (packet.transportProtocol()) {
      case Tcp.PROTOCOL -> (Tcp.sourcePort(memory, at) << 16) | Tcp.destPort(memory, at);
      case Udp.PROTOCOL -> (Udp.sourcePort(memory, at) << 16) | Udp.destPort(memory, at);
      default -> 0;
    };
  }

  private static int kind(int etherType, int protocol) {
    return (etherType << 16) | (protocol & 0xffff);
  }

  /// Puts the lesser end first, so that the direction does not count.
  private int symmetric(
      long sourceHigh, long sourceLow, long destHigh, long destLow, int ports, int kind) {
    int order = Long.compareUnsigned(sourceHigh, destHigh);
    if (order == 0) {
      order = Long.compareUnsigned(sourceLow, destLow);
    }
    int swapped = Integer.rotateRight(ports, 16);
    if (order == 0) {
      order = Integer.compareUnsigned(ports, swapped);
    }
    return order <= 0
        ? multilinear(sourceHigh, sourceLow, destHigh, destLow, ports, kind)
        : multilinear(destHigh, destLow, sourceHigh, sourceLow, swapped, kind);
  }

  private int multilinear(
      long firstHigh, long firstLow, long lastHigh, long lastLow, int ports, int kind) {
    long[] k = keys;
    long sum = k[0];
    sum += k[1] * (firstHigh >>> 32) + k[2] * (firstHigh & 0xffff_ffffL);
    sum += k[3] * (firstLow >>> 32) + k[4] * (firstLow & 0xffff_ffffL);
    sum += k[5] * (lastHigh >>> 32) + k[6] * (lastHigh & 0xffff_ffffL);
    sum += k[7] * (lastLow >>> 32) + k[8] * (lastLow & 0xffff_ffffL);
    sum += k[9] * Integer.toUnsignedLong(ports) + k[10] * Integer.toUnsignedLong(kind);
    // The upper half is the hash; the lower one is weak.
    return permuted((int) (sum >>> 32));
  }

  /// Flows numbered in steps have hashes in steps; this breaks the steps up before the fold.
  private static int permuted(int hash) {
    int h = hash;
    h = (h ^ (h >>> 16)) * 0x85ebca6b;
    h = (h ^ (h >>> 13)) * 0xc2b2ae35;
    return h ^ (h >>> 16);
  }
}
