package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.Verdict;
import dev.sluice.plugins.terminalauth.Terminal.Direction;
import dev.sluice.wire.Checksum;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Tcp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Lets TCP segments of live sessions pass, as parts of connections that were opened in the allowed
/// direction, and cuts the connections of sessions that have ended. One WorkThread's.
///
/// A connection that it does not know of has no packet pass: one that was open before the gateway
/// started must be opened again. It relies on both directions of a connection reaching the same
/// WorkThread, as `FlowHash` has it.
final class TcpTracker {
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final long ANSWER_INTERVAL_NANOS = SECOND_NANOS / 10;

  private final Admission admission;
  private final EventLog events;
  private final TcpFrames frames;
  private final ConnectionTable table;
  private final ConnectionRounds rounds;
  private final Consumer<TcpConnection> visitor = this::visit;
  private final TcpSegment segment = new TcpSegment();
  private final Map<Cut, Integer> cut = new HashMap<>();

  /// Whose connections were cut.
  private record Cut(long session, String terminal) {}

  private long nowNanos;
  private long revisionSeen;

  /// @param table of the shape that [ConnectionTable#shape] says
  TcpTracker(
      Admission admission, EventLog events, FrameBuffer buffer, StateTable table, long nowNanos) {
    this.admission = admission;
    this.events = events;
    this.frames = new TcpFrames(buffer);
    this.table = new ConnectionTable(table);
    this.rounds = new ConnectionRounds(this.table);
    this.nowNanos = nowNanos;
    this.revisionSeen = admission.revision();
  }

  /// Connections that it tracks, those included that are over but for late segments.
  int connections() {
    return table.count();
  }

  private @Nullable TcpConnection find(FlowKey key) {
    TcpConnection known = table.find(key);
    if (known != null && known.session == null) {
      recognize(known);
    }
    return known;
  }

  /// Finds the session of a connection that another version of the bundle has opened. One that has
  /// ended is not found, and not needed: what it takes to cut the connection is in its record.
  private void recognize(TcpConnection known) {
    Session session = admission.session(known.terminalHigh, known.terminalLow);
    if (session != null && session.id() == known.sessionId()) {
      known.session = session;
    }
  }

  /// Judges a TCP packet that [Approval] lets skip the whole way.
  ///
  /// @param stamp as [Approval] has it
  /// @return null if the packet must go the whole way
  @Nullable Verdict judgeApproved(Packet packet, FlowKey key, boolean terminalSends, long stamp) {
    TcpConnection known = find(key);
    if (known == null || !known.isApproved(packet, terminalSends, stamp)) {
      return null;
    }
    Session session = known.session;
    if (session == null) {
      return null;
    }
    DropReason refusal = read(packet);
    return refusal == null ? follow(packet, session, known, terminalSends) : refusal.verdict();
  }

  /// Judges a TCP packet between a live session's terminal and one of its masters, that came and
  /// leaves as the session is bound.
  ///
  /// @param stamp as [Approval] has it
  Verdict judge(Packet packet, Session session, FlowKey key, boolean terminalSends, long stamp) {
    DropReason refusal = read(packet);
    if (refusal != null) {
      return refusal.verdict();
    }
    TcpConnection known = find(key);
    if (known != null && known.sessionId() != session.id()) {
      end(known);
    }
    if (known != null && segment.isDial() && known.makesRoomFor(segment)) {
      forget(known);
      known = null;
    }
    if (known == null) {
      return open(packet, session, key, terminalSends);
    }
    Verdict verdict = follow(packet, session, known, terminalSends);
    if (verdict == Verdict.PASS) {
      known.approve(packet, terminalSends, stamp);
    }
    return verdict;
  }

  /// Answers a segment of a connection that was cut, so that an end which missed the first RST
  /// learns of it too. The packet itself is dropped by the caller.
  void answerCut(Packet packet, FlowKey key, boolean terminalSends) {
    if (packet.transportProtocol() != Tcp.PROTOCOL || read(packet) != null) {
      return;
    }
    TcpConnection known = find(key);
    if (known == null
        || !admission.owns()
        || mayLive(known)
        || !known.cameAsBound(packet, terminalSends)) {
      return;
    }
    end(known);
    if (known.state() == TcpConnection.State.DEAD) {
      resetAgain(known, terminalSends);
    }
  }

  private boolean mayLive(TcpConnection known) {
    Session session = known.session;
    if (session != null) {
      return session.live();
    }
    return admission.mayLive(known.terminalHigh, known.terminalLow, known.sessionId());
  }

  private void resetAgain(TcpConnection known, boolean terminalSends) {
    if (!segment.has(Tcp.RST) && mayAnswer(known)) {
      frames.resetAgain(known, known.sender(terminalSends), segment);
    }
  }

  private boolean mayAnswer(TcpConnection known) {
    if (nowNanos - known.answeredNanos() < ANSWER_INTERVAL_NANOS) {
      return false;
    }
    known.setAnsweredNanos(nowNanos);
    return true;
  }

  private @Nullable DropReason read(Packet packet) {
    segment.read(packet);
    if (!segment.hasValidFlags()) {
      return GateReasons.TCP_BAD_FLAGS;
    }
    if (segment.has(Tcp.SYN) && segment.payloadBytes > 0) {
      return GateReasons.TCP_DATA_BEFORE_HANDSHAKE;
    }
    boolean right =
        Checksum.isTransportRight(
            packet.memory(),
            packet.networkAt(),
            Tcp.PROTOCOL,
            packet.transportAt(),
            packet.endAt());
    return right ? null : GateReasons.TCP_BAD_CHECKSUM;
  }

  private Verdict open(Packet packet, Session session, FlowKey key, boolean terminalSends) {
    DropReason refusal = openRefusal(session.terminal(), key, terminalSends);
    if (refusal != null) {
      return refusal.verdict();
    }
    if (!session.connections().add(session.terminal().maxConnections())) {
      return GateReasons.CONNECTIONS_LIMIT.verdict();
    }
    TcpConnection opened = add(key);
    if (opened == null) {
      session.connections().remove();
      return GateReasons.CONNECTIONS_FULL.verdict();
    }
    opened.belongsTo(session, packet, terminalSends);
    opened.setCounted(true);
    opened.setAnsweredNanos(nowNanos - ANSWER_INTERVAL_NANOS);
    opened.open(segment);
    return passed(session, opened);
  }

  private @Nullable DropReason openRefusal(Terminal terminal, FlowKey key, boolean terminalSends) {
    boolean dials = terminal.direction() == Direction.TERMINAL_DIALS;
    if (!isAllowed(terminal.tcpPorts(), dials ? key.masterPort : key.terminalPort)) {
      return GateReasons.FLOW_NOT_ALLOWED;
    }
    if (!segment.isDial()) {
      return GateReasons.TCP_NO_CONNECTION;
    }
    return terminalSends == dials ? null : GateReasons.TCP_WRONG_DIRECTION;
  }

  private static boolean isAllowed(List<Integer> ports, int port) {
    for (int i = 0; i < ports.size(); i++) {
      if (ports.get(i).intValue() == port) {
        return true;
      }
    }
    return false;
  }

  private @Nullable TcpConnection add(FlowKey key) {
    TcpConnection added = table.add(key);
    if (added != null) {
      return added;
    }
    TcpConnection over = table.findOver();
    if (over == null) {
      return null;
    }
    forget(over);
    return table.add(key);
  }

  private Verdict follow(
      Packet packet, Session session, TcpConnection known, boolean terminalSends) {
    if (known.state() == TcpConnection.State.DEAD) {
      resetAgain(known, terminalSends);
      return GateReasons.TCP_NO_CONNECTION.verdict();
    }
    Verdict verdict = known.judge(segment, terminalSends);
    if (verdict == Verdict.PASS) {
      if (!terminalSends) {
        known.setMasterHardware(Ethernet.source(packet.memory(), 0));
      }
      return passed(session, known);
    }
    if (verdict.reason() == GateReasons.TCP_SYN_IN_CONNECTION && mayAnswer(known)) {
      TcpEndpoint end = known.sender(terminalSends);
      frames.challenge(known, end, known.sender(!terminalSends));
    }
    return verdict;
  }

  private Verdict passed(Session session, TcpConnection connection) {
    boolean over = connection.isOver();
    if (connection.lastNanos() != nowNanos) {
      seen(session, connection, over);
    }
    if (over) {
      // It is kept for late segments, for a time that they do not prolong, but must not keep the
      // terminal from opening another.
      discount(connection);
    }
    return Verdict.PASS;
  }

  private void seen(Session session, TcpConnection connection, boolean over) {
    connection.tell(session, nowNanos);
    if (!over || connection.counted()) {
      connection.setLastNanos(nowNanos);
    }
  }

  /// Cuts what belongs to a session that has ended, and forgets what nobody has used for too long:
  /// where this version of the bundle owns. One that stands by may know neither the session nor the
  /// settings that the other lets packets pass by.
  void tick(long now) {
    nowNanos = now;
    if (!admission.owns()) {
      revisionSeen = -1; // whatever changes meanwhile is looked at when it owns
      return;
    }
    long revision = admission.revision();
    if (revision != revisionSeen) {
      revisionSeen = revision;
      rounds.visitAll();
    }
    if (rounds.tick(visitor) && !cut.isEmpty()) {
      reportCut();
    }
  }

  /// Cuts every connection: nobody will know them when this tracker is gone. No WorkThread may use
  /// it any more.
  void cutAll() {
    for (int i = 0; i < table.size(); i++) {
      TcpConnection visited = table.visitNext();
      if (visited != null && !visited.isOver()) {
        cut(visited);
      }
    }
    reportCut();
  }

  private void visit(TcpConnection visited) {
    if (visited.session == null) {
      recognize(visited);
    }
    if (!mayLive(visited)) {
      end(visited);
    } else if (visited.session == null) {
      return; // the other version's to forget, or that of this one when it has ended the session
    }
    if (nowNanos - visited.lastNanos()
        <= visited.patienceNanos(admission.gate().connectionIdleNanos())) {
      return;
    }
    switch (visited.state()) {
      case ESTABLISHED, CLOSING -> cut(visited);
      default -> forget(visited);
    }
  }

  /// Cuts a connection whose session has ended, unless it is over anyway.
  private void end(TcpConnection connection) {
    if (!connection.isOver()) {
      cut(connection);
    }
    connection.setState(TcpConnection.State.DEAD);
  }

  private void cut(TcpConnection connection) {
    frames.cut(connection);
    connection.setState(TcpConnection.State.DEAD);
    connection.setLastNanos(nowNanos);
    connection.setAnsweredNanos(nowNanos);
    discount(connection);
    cut.merge(new Cut(connection.sessionId(), terminalOf(connection)), 1, Integer::sum);
  }

  private String terminalOf(TcpConnection connection) {
    Session session = connection.session;
    if (session != null) {
      return session.terminal().id();
    }
    Terminal listed = admission.terminal(connection.terminalHigh, connection.terminalLow);
    return listed == null
        ? new IpAddress(connection.terminalHigh, connection.terminalLow).toString()
        : listed.id();
  }

  private void forget(TcpConnection connection) {
    discount(connection);
    table.remove(connection);
  }

  private void discount(TcpConnection connection) {
    if (connection.counted()) {
      connection.setCounted(false);
      Session session = connection.session;
      if (session != null) {
        session.connections().remove();
      } else {
        admission.removeConnection(
            connection.terminalHigh, connection.terminalLow, connection.sessionId());
      }
    }
  }

  private void reportCut() {
    cut.forEach((ended, count) ->
        events.report(
            Severity.INFO,
            "connections-cut",
            Map.of("terminal", ended.terminal, "session", ended.session, "connections", count)));
    cut.clear();
  }
}
