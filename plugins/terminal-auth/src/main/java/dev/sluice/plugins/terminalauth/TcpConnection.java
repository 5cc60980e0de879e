package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Packet;
import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.Verdict;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Tcp;
import org.jspecify.annotations.Nullable;

/// One TCP connection between a terminal and a master, as the gate follows it: who may send which
/// numbers now.
///
/// It follows both ends' sequence windows after van Rooij ("Real Stateful TCP Packet Filtering in
/// IP Filter", 2001), with the checks of RFC 5961 for RST, SYN and acknowledgements. What it lets
/// pass may still be lost behind the gateway, so every state lets retransmissions pass too.
///
/// A view of an entry of [ConnectionTable], used again for one connection after another; one
/// WorkThread's. All that tells how far a connection is lies in the entry's record, which outlives
/// this version of the bundle; what is beside it, each version finds out for itself.
final class TcpConnection extends ConnectionRecord {
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final long OPENING_NANOS = 30 * SECOND_NANOS;
  private static final long CLOSING_NANOS = 60 * SECOND_NANOS;
  private static final long RESET_NANOS = 10 * SECOND_NANOS;
  private static final Verdict BEFORE_HANDSHAKE = GateReasons.TCP_DATA_BEFORE_HANDSHAKE.verdict();
  private static final Verdict NO_CONNECTION = GateReasons.TCP_NO_CONNECTION.verdict();
  private static final Verdict OUT_OF_WINDOW = GateReasons.TCP_OUT_OF_WINDOW.verdict();
  private static final Verdict NOT_EXACT = GateReasons.TCP_RESET_NOT_EXACT.verdict();
  private static final Verdict SYN_WITHIN = GateReasons.TCP_SYN_IN_CONNECTION.verdict();

  /// The entry's number in the table.
  final int entry;

  /// Its key, a copy of what the table has; fields of its own are one object less to wait for.
  long terminalHigh;

  long terminalLow;
  long masterHigh;
  long masterLow;

  /// As [FlowKey#ports].
  long ports;

  private boolean dialledByTerminal;

  /// As [dev.sluice.plugin.StateTable#removals] was when [#uses] was last found to be right.
  long removals;

  /// Where the table remembers it.
  int place;

  /// As [dev.sluice.plugin.StateTable#uses] was when this view last looked: what it keeps beside
  /// the record is of that connection.
  long uses;

  /// The session that it was opened under, which alone lets it pass; null in a free entry, and if
  /// it has ended before this version of the bundle saw it.
  @Nullable Session session;

  /// When [#session] was last told of traffic, if it was by this view.
  private long toldNanos;

  private boolean told;

  /// For what the terminal sends, and for what the master does.
  private final Approval ofTerminal = new Approval();

  private final Approval ofMaster = new Approval();

  /// @param entry of a table that has memory for it
  TcpConnection(int entry, StateTable table, TcpEndpoint client, TcpEndpoint server) {
    super(table.memory(entry), table.at(entry), client, server);
    this.entry = entry;
  }

  boolean hasKey(FlowKey key) {
    return terminalLow == key.terminalLow
        && masterLow == key.masterLow
        && ports == key.ports()
        && terminalHigh == key.terminalHigh
        && masterHigh == key.masterHigh;
  }

  int terminalPort() {
    return FlowKey.terminalPort(ports);
  }

  int masterPort() {
    return FlowKey.masterPort(ports);
  }

  boolean isV4() {
    return IpAddress.isV4(terminalHigh, terminalLow);
  }

  /// Has this view hold nothing of a connection that was in the entry before.
  void look(long now) {
    uses = now;
    dialledByTerminal = wasDialledByTerminal();
    session = null;
    told = false;
    ofTerminal.withdraw();
    ofMaster.withdraw();
  }

  /// Takes up a connection of a session: where both ends are, as its first packet shows.
  void belongsTo(Session owner, Packet packet, boolean terminalSends) {
    session = owner;
    dialledByTerminal = terminalSends;
    setOwner(owner, packet, terminalSends);
  }

  /// Tells its session that a packet passed, unless it did so a moment ago: what a session keeps is
  /// far from the processor, which waits for it as long as for all else that is done for a packet.
  void tell(Session owner, long nowNanos) {
    if (!told || nowNanos - toldNanos >= Session.TRAFFIC_GRAIN_NANOS) {
      told = true;
      toldNanos = nowNanos;
      owner.traffic(nowNanos);
    }
  }

  /// Whether a segment may skip the whole way: see [Approval].
  boolean isApproved(Packet packet, boolean terminalSends, long stamp) {
    return state() == State.ESTABLISHED && approval(terminalSends).covers(packet, stamp);
  }

  /// Keeps in mind that a packet went the whole way and passed.
  void approve(Packet packet, boolean terminalSends, long stamp) {
    approval(terminalSends).give(packet, stamp);
  }

  private Approval approval(boolean terminalSends) {
    return terminalSends ? ofTerminal : ofMaster;
  }

  TcpEndpoint sender(boolean terminalSends) {
    return terminalSends == dialledByTerminal ? client : server;
  }

  /// Begins with a lone SYN.
  void open(TcpSegment syn) {
    readEnds();
    dial(syn);
    writeEnds();
  }

  private void dial(TcpSegment syn) {
    client.open(syn);
    server.awaitSyn();
    setState(State.SYN_SENT);
  }

  /// Whether a SYN may begin a new connection in this entry's place: the old one is over, and its
  /// late segments cannot be taken for the new one's (RFC 9293, section 3.6.1).
  boolean makesRoomFor(TcpSegment syn) {
    readEnds();
    return switch (state()) {
      case RESET, DEAD -> true;
      case TIME_WAIT -> syn.sequence - client.end > 0;
      default -> false;
    };
  }

  /// Whether it has ended, so that its entry may be taken when the table is full.
  boolean isOver() {
    State now = state();
    return now == State.TIME_WAIT || now == State.RESET || now == State.DEAD;
  }

  /// How long it is kept without a packet.
  ///
  /// @param idleNanos for an established one
  long patienceNanos(long idleNanos) {
    return switch (state()) {
      case SYN_SENT, SYN_RECEIVED -> OPENING_NANOS;
      case ESTABLISHED -> idleNanos;
      case RESET -> RESET_NANOS;
      case CLOSING, TIME_WAIT, DEAD, FREE -> CLOSING_NANOS;
    };
  }

  /// Whether a packet came and is tagged as the connection's session is bound.
  boolean cameAsBound(Packet packet, boolean terminalSends) {
    if (packet.vlanKey() != vlanKey()) {
      return false;
    }
    int device = packet.ingress().index();
    return terminalSends
        ? device == terminalDevice() && Ethernet.source(packet.memory(), 0) == terminalHardware()
        : device == masterDevice();
  }

  /// Judges a segment with valid flags and checksum, and follows it if it is good.
  ///
  /// @return [Verdict#PASS] or a drop
  Verdict judge(TcpSegment segment, boolean terminalSends) {
    readEnds();
    State now = state();
    Verdict verdict = judge(segment, terminalSends == dialledByTerminal, now);
    if (verdict == Verdict.PASS) {
      writeEnds();
    }
    return verdict;
  }

  private Verdict judge(TcpSegment segment, boolean fromClient, State now) {
    return switch (now) {
      case SYN_SENT -> fromClient ? dialsOn(segment) : answersDial(segment);
      case SYN_RECEIVED -> fromClient ? completes(segment) : awaitsCompletion(segment);
      case ESTABLISHED, CLOSING, TIME_WAIT, RESET -> {
        TcpEndpoint sender = fromClient ? client : server;
        yield within(segment, sender, fromClient ? server : client, now);
      }
      case FREE, DEAD -> NO_CONNECTION;
    };
  }

  private Verdict dialsOn(TcpSegment segment) {
    if (segment.has(Tcp.RST)) {
      return resets(client, segment.sequence == client.end);
    }
    if (!segment.has(Tcp.SYN)) {
      return tooEarly(segment);
    }
    // The server has not answered: the client may repeat its SYN, or begin anew with another.
    dial(segment);
    return Verdict.PASS;
  }

  private Verdict answersDial(TcpSegment segment) {
    boolean answers = segment.has(Tcp.ACK) && segment.acknowledgement == client.end;
    if (segment.has(Tcp.RST)) {
      return resets(server, answers);
    }
    if (!segment.has(Tcp.SYN)) {
      return tooEarly(segment);
    }
    if (!segment.has(Tcp.ACK)) {
      return GateReasons.TCP_WRONG_DIRECTION.verdict();
    }
    if (!answers) {
      return OUT_OF_WINDOW;
    }
    server.open(segment);
    server.ack = client.end;
    server.maxEnd = server.end + client.maxWindow;
    client.ack = server.end;
    client.maxEnd = client.end + segment.window;
    boolean scaled = client.shift >= 0 && server.shift >= 0;
    client.shift = scaled ? client.shift : 0;
    server.shift = scaled ? server.shift : 0;
    setState(State.SYN_RECEIVED);
    return Verdict.PASS;
  }

  private Verdict completes(TcpSegment segment) {
    if (segment.has(Tcp.RST)) {
      return resets(client, segment.sequence == client.end);
    }
    if (segment.has(Tcp.SYN)) {
      boolean again = !segment.has(Tcp.ACK) && segment.sequence == client.initial;
      return again ? Verdict.PASS : SYN_WITHIN;
    }
    if (segment.sequence != client.end || segment.acknowledgement != server.end) {
      return tooEarly(segment);
    }
    setState(State.ESTABLISHED);
    return within(segment, client, server, State.ESTABLISHED);
  }

  private Verdict awaitsCompletion(TcpSegment segment) {
    if (segment.has(Tcp.RST)) {
      return resets(server, segment.sequence == server.end);
    }
    if (segment.has(Tcp.SYN)) {
      return isAnswerAgain(segment) ? Verdict.PASS : SYN_WITHIN;
    }
    return tooEarly(segment);
  }

  private Verdict within(TcpSegment segment, TcpEndpoint sender, TcpEndpoint receiver, State now) {
    if (segment.has(Tcp.SYN)) {
      return sender == server && isAnswerAgain(segment) ? Verdict.PASS : SYN_WITHIN;
    }
    if (segment.has(Tcp.RST)) {
      boolean exact = segment.sequence == receiver.ack || segment.sequence == sender.end;
      return resets(sender, exact);
    }
    if (sender.resetSent()) {
      return NO_CONNECTION;
    }
    if (!sender.maySend(segment, receiver)) {
      return OUT_OF_WINDOW;
    }
    if (!sender.mayAcknowledge(segment.acknowledgement, receiver)) {
      return GateReasons.TCP_ACK_OUT_OF_RANGE.verdict();
    }
    sender.sent(segment, receiver);
    if (now != State.RESET) {
      follow(now);
    }
    return Verdict.PASS;
  }

  private void follow(State before) {
    State now = State.ESTABLISHED;
    if (client.finAcked() && server.finAcked()) {
      now = State.TIME_WAIT;
    } else if (client.finSent() || server.finSent()) {
      now = State.CLOSING;
    }
    if (now != before) {
      setState(now);
    }
  }

  private Verdict resets(TcpEndpoint sender, boolean exact) {
    if (!exact) {
      return NOT_EXACT;
    }
    sender.setResetSent();
    if (state() == State.SYN_SENT) {
      // The ends have not met, so there is nothing that the other one might still send.
      client.setResetSent();
      server.setResetSent();
    }
    setState(State.RESET);
    return Verdict.PASS;
  }

  /// The server's SYN-ACK once more: the client's acknowledgement was lost behind the gateway.
  private boolean isAnswerAgain(TcpSegment segment) {
    return segment.has(Tcp.ACK)
        && segment.sequence == server.initial
        && segment.acknowledgement == client.initial + 1;
  }

  private static Verdict tooEarly(TcpSegment segment) {
    return segment.payloadBytes > 0 ? BEFORE_HANDSHAKE : OUT_OF_WINDOW;
  }
}
