package dev.sluice.runtime.bench;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;

/// What `bench pipeline` puts into chains: a small rule that looks at type, protocol, addresses and
/// ports of each packet and compares them with a blocked flow. It adds up the ports, so that the
/// benchmark can tell that every handler really looked at every packet.
public final class HeaderHandler implements PacketHandler, LongSupplier {
  private static final DropReason BLOCKED = DropReason.of("bench-blocked");
  private static final long BLOCKED_ADDRESS = 0x0a63_0001;
  private static final int BLOCKED_PORT = 65_535;

  private long sum;

  @Override
  public Verdict receive(Packet packet) {
    if (packet.etherType() != Ethernet.TYPE_IPV4 || packet.transportProtocol() != Udp.PROTOCOL) {
      return Verdict.PASS;
    }
    MemorySegment memory = packet.memory();
    int port = Udp.destPort(memory, packet.transportAt());
    sum += port;
    boolean blocked =
        port == BLOCKED_PORT
            || Ipv4.source(memory, packet.networkAt()) == BLOCKED_ADDRESS
            || Ipv4.dest(memory, packet.networkAt()) == BLOCKED_ADDRESS;
    return blocked ? BLOCKED.verdict() : Verdict.PASS;
  }

  @Override
  public long getAsLong() {
    return sum;
  }
}
