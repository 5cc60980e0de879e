package dev.sluice.plugins.iec104guard;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.HandlerContext;
import dev.sluice.plugin.HandlerStage;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;
import dev.sluice.plugin.Stage;
import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.TableShape;
import dev.sluice.plugin.Verdict;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Iec104;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ServiceScope;

/// Drops IEC 60870-5-104 commands of the blocked types, and on the same TCP port all that it cannot
/// judge.
///
/// It looks at every APDU of every segment, and follows APDUs that TCP has cut in two, at whatever
/// byte: the segment with the byte that tells a blocked command's type is dropped, so the station
/// never has the whole of it. A segment is dropped whole, with what else is in it.
///
/// **Effect on the sender.** TCP repeats a dropped segment, and the guard drops it again: the
/// connection stands still, and ends when the sender's time-out t1 (15 s) or TCP's does. If the
/// guard is taken away before that, the repeated command passes.
///
/// **Direction.** What goes to the port is blocked whatever its cause of transmission is; what
/// comes from it is blocked unless its cause says that it answers: a station's confirmation of a
/// command that passed before the guard came must not end its connection. Where a terminal dials
/// in, its master is at the port, and a command under an answer's cause would pass: such a command
/// is out of the standard, and a conforming terminal does not execute it.
///
/// **Limits.** It does not reassemble: segments out of order, urgent data, and repeated bytes cut
/// otherwise than at first are dropped, as is everything that is not IEC 60870-5-104. A connection
/// that was open before the guard is followed from its next segment on that holds whole APDUs
/// alone, and is taken to be at an APDU's start there, if that segment comes in the guard's first
/// ten minutes: a live connection tests itself by then, and later only one that the guard has had
/// to forget could be meant. A version or configuration that takes another's place goes on with its
/// flows, wherever in an APDU they stand. IP fragments, where the operator lets them in, show no
/// port and pass: the gate before it drops them. It relies on the gate for checksums, windows and
/// SYNs too, and on a hash function that keeps a connection on one WorkThread, as all but
/// `RoundRobin` do.
///
/// Settings, in `config/iec104.guard.cfg`, all optional: `blocked-types`, type identifications
/// 0..255 with commas between, default `45,58` (single command without and with time tag); `port`,
/// 1..65535, default 2404.
@Component(
    service = PacketHandler.class,
    scope = ServiceScope.PROTOTYPE,
    configurationPid = Iec104Guard.PID)
@HandlerStage(stage = Stage.FILTER, order = 500)
public final class Iec104Guard implements PacketHandler {
  static final String PID = "iec104.guard";

  private static final String BLOCKED_TYPES = "blocked-types";
  private static final List<String> DEFAULT_TYPES = List.of("45", "58");
  private static final int MAX_TYPE = 255;
  private static final int MAX_PORT = 65_535;

  /// The key and the table of the time that the guard began at.
  private static final long[] START = new long[1];

  private static final TableShape TIMES = new TableShape("times", 1, 1, Long.BYTES, 1);

  private final ApduStream stream;
  private final int port;
  private long nowNanos = System.nanoTime();
  private @Nullable FlowTable flows;

  /// When the first version of the guard began, on this WorkThread.
  private long startNanos = nowNanos;

  /// Of the packet that is being judged.
  private final FlowKey key = new FlowKey();

  private final FlowKey reverse = new FlowKey();

  /// @throws SettingsException if a setting is wrong, with a sentence that names it
  @Activate
  public Iec104Guard(Map<String, Object> properties) throws SettingsException {
    Settings settings = Settings.ofComponent(PID, properties);
    stream = new ApduStream(blockedTypes(settings));
    port = settings.integer("port", 1, MAX_PORT, Iec104.PORT);
    settings.refuseUnknown();
  }

  private static BitSet blockedTypes(Settings settings) throws SettingsException {
    List<String> listed = settings.list(BLOCKED_TYPES);
    BitSet types = new BitSet(MAX_TYPE + 1);
    for (String word : listed.isEmpty() ? DEFAULT_TYPES : listed) {
      types.set(type(settings, word));
    }
    return types;
  }

  private static int type(Settings settings, String word) throws SettingsException {
    String allowed = "type identifications 0.." + MAX_TYPE + " with commas between";
    try {
      int type = Integer.parseInt(word);
      if (0 <= type && type <= MAX_TYPE) {
        return type;
      }
    } catch (NumberFormatException e) {
      throw settings.wrong(BLOCKED_TYPES, word, allowed);
    }
    throw settings.wrong(BLOCKED_TYPES, word, allowed);
  }

  /// Goes on with the flows of the instance before.
  @Override
  public void begin(HandlerContext context) {
    flows = new FlowTable(context.table(FlowTable.SHAPE));
    // Used here alone, so by no WorkThread meanwhile.
    StateTable times = context.table(TIMES);
    int known = times.find(START);
    int entry = known == StateTable.NONE ? times.add(START) : known;
    if (known == StateTable.NONE) {
      times.memory(entry).set(JAVA_LONG, times.at(entry), startNanos);
    }
    startNanos = times.memory(entry).get(JAVA_LONG, times.at(entry));
  }

  private FlowTable flows() {
    FlowTable begun = flows;
    if (begun == null) {
      throw new IllegalStateException("the guard has not begun");
    }
    return begun;
  }

  @Override
  public void tick(long now) {
    nowNanos = now;
  }

  @Override
  public Verdict receive(Packet packet) {
    if (packet.transportProtocol() != Tcp.PROTOCOL) {
      return Verdict.PASS;
    }
    MemorySegment memory = packet.memory();
    int at = packet.transportAt();
    boolean toPort = Tcp.destPort(memory, at) == port;
    if (!toPort && Tcp.sourcePort(memory, at) != port) {
      return Verdict.PASS;
    }
    int flags = Tcp.flags(memory, at);
    readKey(packet);
    boolean begins = (flags & Tcp.SYN) != 0;
    if ((flags & Tcp.ACK) != 0) {
      begins &= tellOtherDirection((int) Tcp.acknowledgement(memory, at));
    }
    boolean hasPayload = packet.payloadAt() < packet.endAt();
    boolean changesFlow = (flags & (Tcp.SYN | Tcp.FIN | Tcp.RST)) != 0;
    if (!hasPayload && !changesFlow) {
      return Verdict.PASS;
    }
    Flow flow = flow();
    if (flow == null) {
      return GuardReasons.FLOWS_FULL.verdict();
    }
    DropReason refusal = hasPayload ? judge(packet, flow, flags, !toPort) : null;
    if (refusal != null) {
      return refusal.verdict();
    }
    flow.setLastNanos(nowNanos);
    if (begins) {
      flow.open((int) Tcp.sequence(memory, at));
    } else if (changesFlow) {
      flow.setClosing(true);
    }
    return Verdict.PASS;
  }

  private @Nullable DropReason judge(Packet packet, Flow flow, int flags, boolean answersPass) {
    // The receiver may take an urgent byte out of the stream, and data with a SYN not at all.
    if ((flags & (Tcp.URG | Tcp.SYN | Tcp.RST)) != 0) {
      return GuardReasons.NOT_PARSABLE;
    }
    if (flow.isUnknown() && nowNanos - startNanos > FlowTable.IDLE_NANOS) {
      return GuardReasons.NOT_PARSABLE;
    }
    MemorySegment memory = packet.memory();
    int sequence = (int) Tcp.sequence(memory, packet.transportAt());
    return flow.judge(stream, memory, packet.payloadAt(), packet.endAt(), sequence, answersPass);
  }

  /// The packet's flow; a new one takes an entry. Null if there is none left.
  private @Nullable Flow flow() {
    Flow known = flows().find(key);
    return known == null ? flows().add(key, nowNanos) : known;
  }

  /// Takes in an acknowledgement.
  ///
  /// @return whether it answers the SYN that the other direction began with: any other SYN with an
  ///   acknowledgement is a late one of a connection that has long begun
  private boolean tellOtherDirection(int acknowledgement) {
    reverse.setReverse(key);
    Flow other = flows().find(reverse);
    if (other == null) {
      return false;
    }
    other.acknowledged(acknowledgement);
    return other.isDialled(acknowledgement);
  }

  private void readKey(Packet packet) {
    MemorySegment memory = packet.memory();
    int network = packet.networkAt();
    int transport = packet.transportAt();
    boolean v6 = packet.etherType() == Ethernet.TYPE_IPV6;
    key.sourceHigh = v6 ? Ipv6.sourceHigh(memory, network) : 0;
    key.sourceLow = v6 ? Ipv6.sourceLow(memory, network) : Ipv4.source(memory, network);
    key.destHigh = v6 ? Ipv6.destHigh(memory, network) : 0;
    key.destLow = v6 ? Ipv6.destLow(memory, network) : Ipv4.dest(memory, network);
    key.ports = Tcp.sourcePort(memory, transport) << 16 | Tcp.destPort(memory, transport);
  }
}
