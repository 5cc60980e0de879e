package dev.sluice.plugins.rulefirewall;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.Packet;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.Tcp;
import dev.sluice.wire.Udp;
import dev.sluice.wire.Vlan;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/// The rules laid out for the packet path: numbers in two arrays, searched in order, so that a
/// packet allocates nothing. One WorkThread's.
///
/// A frame of which no header above Ethernet can be seen, though its EtherType promises one,
/// matches no rule: malformed frames and fragments, where the operator lets them in at all.
final class RuleTable {
  /// What [#match] answers for a frame that no rule matches.
  static final int NONE = -1;

  private static final int ANY = Rule.ANY;

  // Where the parts of a key lie: protocol and EtherType, the port's place, the VLAN key. A part
  // that a packet lacks is -1 in its key: all bits set, which no rule asks for.
  private static final int PROTOCOL_BITS = 9;
  private static final int ETHER_TYPE_BITS = 17;
  private static final int PORT_BITS = 13;
  private static final int VLAN_BITS = 25;
  private static final int ETHER_TYPE_AT = PROTOCOL_BITS;
  private static final int PORT_AT = ETHER_TYPE_AT + ETHER_TYPE_BITS;
  private static final int VLAN_AT = PORT_AT + PORT_BITS;

  // Of each rule in `keys`: what a packet's key must be, and in which bits.
  private static final int KEY = 0;
  private static final int KEY_MASK = 1;
  private static final int KEYS = 2;

  // Of each rule in `ranges`: the lowest port, and how many more there are (unsigned).
  private static final int SOURCE = 0;
  private static final int DEST_PORT = 2;
  private static final int RANGES = 4;

  // Of each rule in `addresses`, for the source; those for the destination follow.
  private static final int HIGH = 0;
  private static final int LOW = 1;
  private static final int HIGH_MASK = 2;
  private static final int LOW_MASK = 3;
  private static final int DEST = 4;
  private static final int ADDRESSES = 8;

  private static final int UNSEEN_DEVICE = -2;
  private static final int DEVICES = 64;

  private final int count;
  private final long[] keys;
  private final int[] ranges;
  private final long[] addresses;

  /// Names of the ports that rules ask for; a rule has the place of its port's name.
  private final String[] ports;

  /// For each device, by its index, the place of its name in `ports`, or -1.
  private final int[] portOfDevice = new int[DEVICES];

  /// Of the packet that is being judged.
  private long sourceHigh;

  private long sourceLow;
  private long destHigh;
  private long destLow;
  private int sourcePort;
  private int destPort;

  RuleTable(List<Rule> rules) {
    count = rules.size();
    keys = new long[count * KEYS];
    ranges = new int[count * RANGES];
    addresses = new long[count * ADDRESSES];
    ports =
        rules.stream().map(Rule::port).filter(p -> !p.isEmpty()).distinct().toArray(String[]::new);
    Arrays.fill(portOfDevice, UNSEEN_DEVICE);
    for (int i = 0; i < count; i++) {
      lay(rules.get(i), i);
    }
  }

  private void lay(Rule rule, int index) {
    int at = index * KEYS;
    layKey(at, rule.protocol(), PROTOCOL_BITS, 0);
    layKey(at, rule.etherType(), ETHER_TYPE_BITS, ETHER_TYPE_AT);
    layKey(at, rule.port().isEmpty() ? ANY : placeOf(rule.port()), PORT_BITS, PORT_AT);
    layKey(at, rule.vlanKey(), VLAN_BITS, VLAN_AT);
    layPorts(rule.source(), index * RANGES + SOURCE);
    layPorts(rule.dest(), index * RANGES + DEST_PORT);
    lay(rule.source().range(), index * ADDRESSES);
    lay(rule.dest().range(), index * ADDRESSES + DEST);
  }

  private void layKey(int at, int value, int bits, int shift) {
    if (value != ANY) {
      keys[at + KEY] |= part(value, bits, shift);
      keys[at + KEY_MASK] |= part(-1, bits, shift);
    }
  }

  private static long part(int value, int bits, int shift) {
    return (value & (1L << bits) - 1) << shift;
  }

  /// A packet without ports has -1, which is in no range but that of all numbers.
  private void layPorts(Rule.Endpoint side, int at) {
    boolean any = side.lowPort() == ANY;
    ranges[at] = any ? 0 : side.lowPort();
    ranges[at + 1] = any ? -1 : side.highPort() - side.lowPort();
  }

  private void lay(AddressRange range, int at) {
    addresses[at + HIGH] = range.high();
    addresses[at + LOW] = range.low();
    addresses[at + HIGH_MASK] = range.highMask();
    addresses[at + LOW_MASK] = range.lowMask();
  }

  private int placeOf(String port) {
    for (int i = 0; i < ports.length; i++) {
      if (ports[i].equals(port)) {
        return i;
      }
    }
    return NONE;
  }

  /// The first rule that matches the packet, or [#NONE].
  int match(Packet packet) {
    if (!isSeen(packet)) {
      return NONE;
    }
    long key = keyOf(packet);
    readAddresses(packet);
    readPorts(packet);
    for (int rule = 0; rule < count; rule++) {
      int at = rule * KEYS;
      if (((key ^ keys[at + KEY]) & keys[at + KEY_MASK]) == 0
          && isWithin(rule * RANGES + DEST_PORT, destPort)
          && isWithin(rule * RANGES + SOURCE, sourcePort)
          && hasAddresses(rule * ADDRESSES)) {
        return rule;
      }
    }
    return NONE;
  }

  private long keyOf(Packet packet) {
    return part(packet.transportProtocol(), PROTOCOL_BITS, 0)
        | part(packet.etherType(), ETHER_TYPE_BITS, ETHER_TYPE_AT)
        | part(placeOf(packet.ingress()), PORT_BITS, PORT_AT)
        | part(packet.vlanKey(), VLAN_BITS, VLAN_AT);
  }

  private boolean isWithin(int at, int port) {
    return Integer.compareUnsigned(port - ranges[at], ranges[at + 1]) <= 0;
  }

  private boolean hasAddresses(int at) {
    return ((sourceHigh ^ addresses[at + HIGH]) & addresses[at + HIGH_MASK]) == 0
        && ((sourceLow ^ addresses[at + LOW]) & addresses[at + LOW_MASK]) == 0
        && ((destHigh ^ addresses[at + DEST + HIGH]) & addresses[at + DEST + HIGH_MASK]) == 0
        && ((destLow ^ addresses[at + DEST + LOW]) & addresses[at + DEST + LOW_MASK]) == 0;
  }

  private static boolean isSeen(Packet packet) {
    int type = packet.etherType();
    if (type == Ethernet.TYPE_IPV4 || type == Ethernet.TYPE_IPV6) {
      return packet.transportAt() >= 0;
    }
    if (type == Ethernet.TYPE_ARP) {
      return packet.networkAt() >= 0;
    }
    // Behind two tags a third is not looked into; before that it is one that is cut short.
    return type >= 0 && (packet.vlanTags() == 2 || !Vlan.isTag(type));
  }

  private int placeOf(Device device) {
    int index = device.index();
    if (index >= DEVICES) {
      return placeOf(device.name());
    }
    if (portOfDevice[index] == UNSEEN_DEVICE) {
      portOfDevice[index] = placeOf(device.name());
    }
    return portOfDevice[index];
  }

  private void readAddresses(Packet packet) {
    MemorySegment memory = packet.memory();
    int at = packet.networkAt();
    int type = packet.etherType();
    boolean v4 = type == Ethernet.TYPE_IPV4;
    boolean v6 = type == Ethernet.TYPE_IPV6;
    sourceHigh = v6 ? Ipv6.sourceHigh(memory, at) : 0;
    destHigh = v6 ? Ipv6.destHigh(memory, at) : 0;
    sourceLow = v6 ? Ipv6.sourceLow(memory, at) : v4 ? Ipv4.source(memory, at) : 0;
    destLow = v6 ? Ipv6.destLow(memory, at) : v4 ? Ipv4.dest(memory, at) : 0;
  }

  /// TCP and UDP have their ports in the same place; a rule that asks for ports asks for one of the
  /// two.
  private void readPorts(Packet packet) {
    int protocol = packet.transportProtocol();
    boolean has = protocol == Tcp.PROTOCOL || protocol == Udp.PROTOCOL;
    sourcePort = has ? Tcp.sourcePort(packet.memory(), packet.transportAt()) : ANY;
    destPort = has ? Tcp.destPort(packet.memory(), packet.transportAt()) : ANY;
  }
}
