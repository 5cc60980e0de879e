package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.Verdict;
import dev.sluice.plugins.terminalauth.AddressMessage.Purpose;
import dev.sluice.plugins.terminalauth.Admission.Gate;
import dev.sluice.plugins.terminalauth.Admission.Master;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Answers ARP and IPv6 neighbour discovery in the name of the other side, so that not one such
/// frame ever crosses, with a session or without.
///
/// - A listed terminal, where the registry has it and in a live session only as bound, learns the
///   hardware address of a master or router, and the gateway's own. It needs them to authenticate.
/// - A master or router learns the bound hardware address of a terminal whose session lives.
/// - Nobody else learns anything, and what terminals say of themselves is believed by nobody: the
///   binding alone counts.
///
/// Where a master's hardware address is not set, the gateway asks for it with a frame of its own
/// and answers the terminal's next try; what it knows it asks for again after a minute, when a
/// terminal asks. It learns on the masters' side alone.
///
/// Not answered: IPv6 questions from link-local addresses, which are not in the registry. Hosts
/// send such to confirm a neighbour they know, and go back to asking from their global address.
final class AddressProxy {
  private final Admission admission;
  private final Neighbours neighbours;
  private final AddressFrames frames;
  private final AddressMessage message = new AddressMessage();

  AddressProxy(Admission admission, Neighbours neighbours, FrameBuffer buffer) {
    this.admission = admission;
    this.neighbours = neighbours;
    this.frames = new AddressFrames(buffer);
  }

  /// Judges an ARP packet.
  Verdict arp(Packet packet, Gate gate, long nowNanos) {
    return judge(packet, gate, message.readArp(packet), nowNanos);
  }

  /// Judges an ICMPv6 packet without extension headers.
  Verdict icmpv6(Packet packet, Gate gate, long nowNanos) {
    return judge(packet, gate, message.readIcmpv6(packet), nowNanos);
  }

  /// Asks on the packet's egress for the masters and routers that are not known there: a terminal
  /// sends to one that it remembers, or that its operator has set.
  void resolve(Packet packet, Gate gate, long nowNanos) {
    List<Master> masters = gate.masters();
    for (int i = 0; i < masters.size(); i++) {
      Master master = masters.get(i);
      if (neighbours.claimQuestion(master, packet.egress(), packet.vlanKey(), nowNanos)) {
        message.isV6 = !master.address().isV4();
        message.targetHigh = master.address().high();
        message.targetLow = master.address().low();
        frames.ask(packet, message);
      }
    }
  }

  private Verdict judge(Packet packet, Gate gate, @Nullable DropReason refusal, long nowNanos) {
    if (refusal != null) {
      return refusal.verdict();
    }
    if (message.purpose == Purpose.PROBE) {
      return GateReasons.ADDRESS_PROBE.verdict();
    }
    return gate.leadsToMaster(packet.ingress())
        ? fromMaster(packet, gate, nowNanos)
        : fromTerminal(packet, gate, nowNanos);
  }

  private Verdict fromTerminal(Packet packet, Gate gate, long nowNanos) {
    DropReason refusal = terminalRefusal(packet, gate);
    if (refusal != null) {
      return refusal.verdict();
    }
    return switch (message.purpose) {
      case ANSWER -> GateReasons.ADDRESS_NOT_ASKED.verdict();
      case ANNOUNCEMENT -> GateReasons.ADDRESS_ANNOUNCED.verdict();
      case QUESTION, PROBE -> answerTerminal(packet, gate, nowNanos);
    };
  }

  /// Whether the sender is not the listed terminal that it says it is, so far as can be told.
  private @Nullable DropReason terminalRefusal(Packet packet, Gate gate) {
    long high = message.senderHigh;
    long low = message.senderLow;
    if (isOwn(gate, high, low) || Neighbours.master(gate, high, low) != null) {
      return GateReasons.ADDRESS_SPOOF;
    }
    Terminal terminal = admission.terminal(high, low);
    if (terminal == null) {
      return GateReasons.UNLISTED;
    }
    Session session = admission.session(high, low);
    if (session != null && session.live()) {
      Binding binding = session.binding();
      if (binding.matches(packet.ingress(), packet.vlanKey(), message.senderHardware)) {
        return null;
      }
      session.mismatches().increment();
      return GateReasons.ADDRESS_SPOOF;
    }
    boolean inPlace =
        terminal.vlanKey() == packet.vlanKey()
            && terminal.port().equals(packet.ingress().name())
            && terminal.hardwareAddress().orElse(message.senderHardware) == message.senderHardware;
    return inPlace ? null : GateReasons.BINDING_MISMATCH;
  }

  private Verdict answerTerminal(Packet packet, Gate gate, long nowNanos) {
    if (isOwn(gate, message.targetHigh, message.targetLow)) {
      frames.answer(packet, message, packet.ingress().hardwareAddress());
      return Verdict.ANSWERED;
    }
    Master master = Neighbours.master(gate, message.targetHigh, message.targetLow);
    if (master == null || !gate.leadsToMaster(packet.egress())) {
      return GateReasons.ADDRESS_NOT_REGISTERED.verdict();
    }
    if (neighbours.claimQuestion(master, packet.egress(), packet.vlanKey(), nowNanos)) {
      frames.ask(packet, message);
    }
    long hardware = neighbours.hardware(master, packet.egress(), packet.vlanKey());
    if (hardware == Neighbour.UNKNOWN) {
      return GateReasons.MASTER_NOT_RESOLVED.verdict();
    }
    frames.answer(packet, message, hardware);
    return Verdict.ANSWERED;
  }

  private Verdict fromMaster(Packet packet, Gate gate, long nowNanos) {
    Master master = Neighbours.master(gate, message.senderHigh, message.senderLow);
    if (master == null) {
      return GateReasons.ADDRESS_NOT_REGISTERED.verdict();
    }
    if (master.hardwareAddress().orElse(message.senderHardware) != message.senderHardware) {
      return GateReasons.ADDRESS_SPOOF.verdict();
    }
    if (message.purpose == Purpose.QUESTION) {
      return answerMaster(packet, master, nowNanos);
    }
    if (learn(packet, master, nowNanos)) {
      return Verdict.ANSWERED;
    }
    return message.purpose == Purpose.ANNOUNCEMENT
        ? GateReasons.ADDRESS_ANNOUNCED.verdict()
        : GateReasons.ADDRESS_NOT_ASKED.verdict();
  }

  private Verdict answerMaster(Packet packet, Master master, long nowNanos) {
    long high = message.targetHigh;
    long low = message.targetLow;
    Session session = admission.session(high, low);
    if (session == null || !session.live()) {
      learn(packet, master, nowNanos);
      return admission.isListed(high, low)
          ? GateReasons.NO_SESSION.verdict()
          : GateReasons.ADDRESS_NOT_REGISTERED.verdict();
    }
    Binding binding = session.binding();
    if (packet.egress() != binding.device() || packet.vlanKey() != binding.vlanKey()) {
      return GateReasons.BINDING_MISMATCH.verdict();
    }
    neighbours.expect(master, packet.ingress(), packet.vlanKey(), nowNanos);
    learn(packet, master, nowNanos);
    frames.answer(packet, message, binding.hardwareAddress());
    return Verdict.ANSWERED;
  }

  private boolean learn(Packet packet, Master master, long nowNanos) {
    return neighbours.learn(
        master, message.senderHardware, packet.ingress(), packet.vlanKey(), nowNanos);
  }

  private static boolean isOwn(Gate gate, long high, long low) {
    IpAddress own = gate.ownAddress();
    return own != null && own.low() == low && own.high() == high;
  }
}
