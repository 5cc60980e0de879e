package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.Verdict;
import dev.sluice.plugins.terminalauth.Admission.Gate;
import dev.sluice.plugins.terminalauth.Admission.Master;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Icmpv6;
import dev.sluice.wire.Tcp;
import dev.sluice.wire.Udp;
import dev.sluice.wire.Vlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The gate's rules: lets pass what belongs to a live session, as it is bound, and nothing else.
///
/// - TCP between a terminal and its masters passes as [TcpTracker] allows, in either direction.
/// - Datagrams to the authentication port go to [Admission], and end there.
/// - ARP and neighbour discovery are answered by [AddressProxy], and end there.
/// - All the rest is dropped with a reason of [GateReasons]: other protocols, ICMP with its "packet
///   too big" included, group addresses, IP options and extension headers.
///
/// Passing packets are not changed: hop limits, options and addresses stay. Checksums of IPv4 and
/// TCP must be right, or what an end would throw away could move the tracker's windows. Frames are:
/// what lies behind the IP packet is cut off, or zero where Ethernet's least length needs it, since
/// nobody has judged it.
///
/// One WorkThread's. All of the settings but the size of the table it reads anew for each packet,
/// or when they have changed ([Approval]).
final class GateJudge {
  /// Without the frame check sequence (IEEE 802.3, clause 4.4.2) and without tags.
  private static final int LEAST_FRAME_BYTES = 60;

  private final Admission admission;
  private final Neighbours neighbours;
  private final EventLog events;
  private final AddressProxy addresses;
  private final TcpTracker tracker;
  private final IpHeader ip = new IpHeader();
  private final FlowKey key = new FlowKey();
  private final Heartbeat heartbeat;

  /// Whether it has judged a packet since the last tick.
  private boolean hasJudged;

  /// The time of the last tick, which is near enough for everything here.
  private long nowNanos = System.nanoTime();

  /// @param table of the shape that [ConnectionTable#shape] says
  GateJudge(
      Admission admission,
      Neighbours neighbours,
      FrameBuffer buffer,
      EventLog events,
      StateTable table) {
    this.admission = admission;
    this.neighbours = neighbours;
    this.events = events;
    this.addresses = new AddressProxy(admission, neighbours, buffer);
    this.heartbeat = new Heartbeat(admission, nowNanos);
    this.tracker = new TcpTracker(admission, events, buffer, table, nowNanos);
  }

  Verdict receive(Packet packet) {
    hasJudged = true;
    // Before all that is read of the two: an approval must not outlive a change that it missed.
    long stamp = admission.revision() + neighbours.changes();
    Gate gate = admission.gate();
    if (!hasUsualTags(packet)) {
      return GateReasons.VLAN_TAG.verdict();
    }
    if (packet.etherType() == Ethernet.TYPE_ARP) {
      return addresses.arp(packet, gate, nowNanos);
    }
    boolean isIp =
        packet.etherType() == Ethernet.TYPE_IPV4 || packet.etherType() == Ethernet.TYPE_IPV6;
    if (!isIp || packet.networkAt() < 0) {
      return GateReasons.ETHERTYPE.verdict();
    }
    if (!HardwareAddress.isStation(Ethernet.source(packet.memory(), 0))) {
      return GateReasons.BAD_SOURCE.verdict();
    }
    DropReason refusal = ip.read(packet);
    if (refusal != null) {
      return refusal.verdict();
    }
    if (packet.transportProtocol() == Icmpv6.PROTOCOL) {
      return packet.etherType() == Ethernet.TYPE_IPV6
          ? addresses.icmpv6(packet, gate, nowNanos)
          : GateReasons.PROTOCOL_NOT_ALLOWED.verdict();
    }
    return crossing(packet, gate, stamp);
  }

  private Verdict crossing(Packet packet, Gate gate, long stamp) {
    boolean terminalSends = !gate.leadsToMaster(packet.ingress());
    if (!heartbeat.isHeard() && !(terminalSends && isAuthentication(packet, gate))) {
      return GateReasons.NOT_WATCHED.verdict();
    }
    if (packet.transportProtocol() == Tcp.PROTOCOL) {
      key.read(ip, packet, terminalSends);
      Verdict verdict = tracker.judgeApproved(packet, key, terminalSends, stamp);
      if (verdict != null) {
        return bare(packet, verdict);
      }
    }
    return terminalSends ? fromTerminal(packet, gate, stamp) : fromMaster(packet, gate, stamp);
  }

  /// A switch that does not know a tag's type takes the frame for an untagged one and puts it into
  /// another VLAN, so equal VLAN keys are not enough.
  private static boolean hasUsualTags(Packet packet) {
    int tags = packet.vlanTags();
    long last = Ethernet.TYPE_AT + (tags - 1) * Vlan.TAG_BYTES;
    return tags == 0 || Vlan.tagType(packet.memory(), last) == Vlan.TYPE_CUSTOMER;
  }

  void tick(long now) {
    admission.inForce(now, hasJudged);
    hasJudged = false;
    nowNanos = now;
    heartbeat.tick(now);
    tracker.tick(now);
    neighbours.reportMoves(events, now);
  }

  /// Cuts all connections. No WorkThread may use it any more.
  void cutAll() {
    tracker.cutAll();
  }

  private Verdict fromTerminal(Packet packet, Gate gate, long stamp) {
    if (isAuthentication(packet, gate)) {
      return admission.authenticate(packet);
    }
    Session session = admission.session(ip.sourceHigh, ip.sourceLow);
    if (session == null || !session.live()) {
      tracker.answerCut(packet, key, true);
      return noSession(ip.sourceHigh, ip.sourceLow);
    }
    long source = Ethernet.source(packet.memory(), 0);
    if (!session.binding().matches(packet.ingress(), packet.vlanKey(), source)) {
      session.mismatches().increment();
      return GateReasons.BINDING_MISMATCH.verdict();
    }
    DropReason refusal =
        flowRefusal(packet, session, ip.destHigh, ip.destLow, gate.leadsToMaster(packet.egress()));
    if (refusal != null) {
      return refusal.verdict();
    }
    long dest = Ethernet.dest(packet.memory(), 0);
    if (!neighbours.isMasters(gate, dest, packet.egress(), packet.vlanKey())) {
      addresses.resolve(packet, gate, nowNanos);
      return GateReasons.WRONG_DESTINATION.verdict();
    }
    return bare(packet, tracker.judge(packet, session, key, true, stamp));
  }

  private Verdict fromMaster(Packet packet, Gate gate, long stamp) {
    Session session = admission.session(ip.destHigh, ip.destLow);
    if (session == null || !session.live()) {
      tracker.answerCut(packet, key, false);
      return noSession(ip.destHigh, ip.destLow);
    }
    Binding binding = session.binding();
    DropReason refusal =
        flowRefusal(
            packet, session, ip.sourceHigh, ip.sourceLow, packet.egress() == binding.device());
    if (refusal != null) {
      return refusal.verdict();
    }
    if (packet.vlanKey() != binding.vlanKey()) {
      return GateReasons.BINDING_MISMATCH.verdict();
    }
    Master master = Neighbours.master(gate, ip.sourceHigh, ip.sourceLow);
    long source = Ethernet.source(packet.memory(), 0);
    if (master != null && master.hardwareAddress().orElse(source) != source) {
      return GateReasons.WRONG_MASTER.verdict();
    }
    if (Ethernet.dest(packet.memory(), 0) != binding.hardwareAddress()) {
      return GateReasons.WRONG_DESTINATION.verdict();
    }
    return bare(packet, tracker.judge(packet, session, key, false, stamp));
  }

  /// Whether this is a datagram to the authentication port, at the gateway's own address, at one
  /// that the settings give a master or router, or at one of the listed sender's masters.
  private boolean isAuthentication(Packet packet, Gate gate) {
    if (packet.transportProtocol() != Udp.PROTOCOL
        || Udp.destPort(packet.memory(), packet.transportAt()) != gate.authPort()) {
      return false;
    }
    IpAddress own = gate.ownAddress();
    boolean toOwn = own != null && own.low() == ip.destLow && own.high() == ip.destHigh;
    if (toOwn || Neighbours.master(gate, ip.destHigh, ip.destLow) != null) {
      return true;
    }
    Terminal terminal = admission.terminal(ip.sourceHigh, ip.sourceLow);
    return terminal != null && contains(terminal.masters(), ip.destHigh, ip.destLow);
  }

  private static @Nullable DropReason flowRefusal(
      Packet packet, Session session, long masterHigh, long masterLow, boolean leavesRight) {
    if (!leavesRight || !contains(session.terminal().masters(), masterHigh, masterLow)) {
      return GateReasons.FLOW_NOT_ALLOWED;
    }
    return packet.transportProtocol() == Tcp.PROTOCOL ? null : GateReasons.PROTOCOL_NOT_ALLOWED;
  }

  private static boolean contains(List<IpAddress> addresses, long high, long low) {
    for (int i = 0; i < addresses.size(); i++) {
      IpAddress address = addresses.get(i);
      if (address.low() == low && address.high() == high) {
        return true;
      }
    }
    return false;
  }

  private static Verdict bare(Packet packet, Verdict verdict) {
    int end = packet.endAt();
    if (packet.length() > end && verdict == Verdict.PASS) {
      int least = LEAST_FRAME_BYTES + FrameBuffer.tagBytes(packet);
      packet.setLength(Math.max(end, Math.min(packet.length(), least)));
      for (int at = end; at < packet.length(); at++) {
        packet.memory().set(JAVA_BYTE, at, (byte) 0);
      }
    }
    return verdict;
  }

  private Verdict noSession(long high, long low) {
    return admission.isListed(high, low)
        ? GateReasons.NO_SESSION.verdict()
        : GateReasons.UNLISTED.verdict();
  }
}
