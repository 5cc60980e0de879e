package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketSender;
import dev.sluice.plugin.SettingsException;
import dev.sluice.plugin.StateTables;
import dev.sluice.plugin.Verdict;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;

/// Admits terminals by DTLS 1.2 with certificates, run from packets.
///
/// Its threads: WorkThreads call the [Admission] methods and only queue; [Doorman] asks for
/// cookies, hears terminals and sweeps sessions; each handshake has a virtual thread; one more
/// thread watches the files. A change of the settings or of a file never ends a session that still
/// qualifies.
///
/// **Versions.** Sessions, leases and associations are in the host's tables ([AdmissionState]). A
/// version that is started beside another sees them at once, and does nothing; it claims the
/// ownership when its gate has judged a packet, or nobody owns, and looks after them from then on.
/// While the other is still there, it ends what is revoked or has expired, and nothing by its own
/// reading of registry and settings, which may be what it is on trial for. The other one has none
/// left to end when it goes; it claims back if its gate goes on being called. Handshakes under way
/// end with their version: the terminal tries again.
@Component(
    service = Admission.class,
    configurationPid = AdmissionSettings.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    immediate = true)
public final class DtlsAdmission implements Admission {
  private static final DropReason QUEUE_FULL = DropReason.of("auth-queue-full");
  private static final DropReason NO_RECORD = DropReason.of("auth-no-record");
  private static final Map<Cause, DropReason> REASONS = reasons();
  private static final long FILES_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /// How long the version that owns may judge no packet, or neglect the sessions, before another
  /// that judges takes over.
  private static final long RECLAIM_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long FAREWELL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final PacketSender sender;
  private final SecurityEvents events;
  private final DtlsEngine engine = new DtlsEngine();
  private final AdmissionState state;
  private final Associations associations = new Associations();
  private final Sessions sessions;
  private final Doorman doorman;
  private final Thread doormanThread;
  private final Thread filesThread;
  private final InstantSource clock;
  private volatile boolean stopping;

  /// Whether this version was ever in force, and since when another owns.
  private volatile boolean claimed;

  private volatile long lostNanos;
  private volatile boolean lost;

  private final Standstill judging = new Standstill();
  private final Standstill heartbeat = new Standstill();

  /// Guarded by this.
  private MaterialFiles files;

  /// Starts with the settings of `config/terminal.auth.cfg`.
  ///
  /// @throws SettingsException if a setting or a file is wrong; it is reported as an event too, and
  ///   nobody is admitted until there are good ones
  /// @throws IllegalStateException if a thread of another version is stuck at changing the sessions
  @Activate
  public DtlsAdmission(
      @Reference StateTables tables,
      @Reference PacketSender sender,
      @Reference EventLog log,
      Map<String, ?> properties)
      throws SettingsException {
    this(tables, sender, log, properties, InstantSource.system());
  }

  DtlsAdmission(
      StateTables tables,
      PacketSender sender,
      EventLog log,
      Map<String, ?> properties,
      InstantSource clock)
      throws SettingsException {
    this.sender = sender;
    this.clock = clock;
    this.events = new SecurityEvents(log);
    this.state = new AdmissionState(tables, sender, engine.provider());
    Policy policy;
    try {
      AdmissionSettings settings = AdmissionSettings.read(properties, sender.devices());
      files = new MaterialFiles(settings, engine.provider(), state.floor(), null);
      policy = firstPolicy(settings, files.material());
    } catch (SettingsException e) {
      events.report(Severity.ALARM, "settings-refused", reason(e));
      throw e;
    }
    sessions = new Sessions(policy, state, events, clock);
    doorman =
        new Doorman(new Conversation.Surroundings(sessions, engine, events, associations), state);
    if (state.ownership().isFree()) {
      claim();
    }
    doormanThread = Thread.ofPlatform().name("terminal-auth").daemon().start(doorman);
    filesThread = Thread.ofPlatform().name("terminal-auth-files").daemon().start(this::watchFiles);
  }

  private Policy firstPolicy(AdmissionSettings settings, Material material) {
    Policy first = Policy.first(settings, material, state);
    if (first == null) {
      String reason =
          "a thread of another version of the bundle is stuck under the lock of the sessions: "
              + "allowed: a start when none is; stop the bundle first";
      events.report(Severity.ALARM, "admission-failed", Map.of("reason", reason));
      throw new IllegalStateException(reason);
    }
    return first;
  }

  /// Claims the ownership for the version whose gate is in force. While one takes the other's
  /// place, both may judge, each its own flows, for some seconds: the old one claims back only when
  /// nobody owns, or when the new one has judged nothing or neglected the sessions for a while. One
  /// that has judged no packet yet has not shown that it can.
  @Override
  public void inForce(long nowNanos, boolean judges) {
    if (stopping) {
      return;
    }
    if (state.ownership().isMine()) {
      if (judges) {
        state.judges();
      }
      return;
    }
    if (claimed && !lost) {
      lostNanos = nowNanos;
      lost = true;
    }
    boolean inTurn = judges && (!claimed || isNeglected(nowNanos));
    if (inTurn || state.ownership().isFree()) {
      claim();
      doorman.wake();
      LockSupport.unpark(filesThread);
    }
  }

  private boolean isNeglected(long nowNanos) {
    long judged = judging.lasts(state.judging(), nowNanos);
    long beaten = heartbeat.lasts(state.heartbeat(), nowNanos);
    return nowNanos - lostNanos > RECLAIM_NANOS && Math.max(judged, beaten) > RECLAIM_NANOS;
  }

  @Override
  public boolean owns() {
    return state.ownership().isMine();
  }

  private void claim() {
    claimed = true;
    lost = false;
    sessions.review().inherit();
    state.ownership().claim();
  }

  /// Takes other settings. Wrong ones leave the present ones in force, and are reported.
  @Modified
  public synchronized void modified(Map<String, ?> properties) {
    try {
      AdmissionSettings settings = AdmissionSettings.read(properties, sender.devices());
      Authorities before = sessions.policy().material().authorities();
      MaterialFiles changed = new MaterialFiles(settings, engine.provider(), state.floor(), before);
      files = changed;
      sessions.enforce(Policy.of(settings, changed.material(), state, sessions.policy()));
      events.report(Severity.INFO, "settings-reloaded", Map.of());
    } catch (SettingsException e) {
      events.report(Severity.ALARM, "settings-refused", reason(e));
    }
  }

  /// Ends every session, and tells the terminals; unless another version goes on with them.
  @Deactivate
  public void deactivate() {
    stopping = true;
    boolean goesOn = state.heldByOther();
    sessions.freeze();
    doorman.stop();
    LockSupport.unpark(filesThread);
    if (!goesOn) {
      sessions.close();
    }
    associations.abandonAll(goesOn ? Cause.REPLACED : Cause.GATEWAY_STOPPED);
    long until = System.nanoTime() + FAREWELL_NANOS;
    while ((!associations.isEmpty() || doormanThread.isAlive() || filesThread.isAlive())
        && System.nanoTime() - until < 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    state.release();
  }

  private static Map<String, String> reason(SettingsException e) {
    return Map.of("reason", String.valueOf(e.getMessage()));
  }

  private void watchFiles() {
    String reported = "";
    Deadlines deadlines = new Deadlines(events);
    while (!stopping) {
      try {
        refreshFiles();
        sessions.review().takeOver();
        deadlines.look(sessions.policy().material(), clock.instant());
      } catch (RuntimeException e) {
        // Whatever went wrong, the next change may be a revocation: keep looking.
        if (!reported.equals(e.toString())) {
          reported = e.toString();
          events.report(Severity.ALARM, "files-failed", Map.of("reason", reported));
        }
      }
      LockSupport.parkNanos(this, FILES_NANOS);
    }
  }

  private synchronized void refreshFiles() {
    boolean changed =
        files.refresh(
            new MaterialFiles.Listener() {
              @Override
              public void reloaded(String kind, String detail) {
                events.report(Severity.INFO, kind + "-reloaded", Map.of("detail", detail));
              }

              @Override
              public void refused(String kind, String sentence) {
                events.report(Severity.ALARM, kind + "-refused", Map.of("reason", sentence));
              }
            });
    if (changed) {
      Policy now = sessions.policy();
      sessions.enforce(Policy.of(now.settings(), files.material(), state, now));
    }
  }

  @Override
  public Gate gate() {
    return sessions.policy().settings().gate();
  }

  @Override
  public @Nullable Session session(long addressHigh, long addressLow) {
    Source source = sessions.policy().sources().find(addressHigh, addressLow);
    return source == null ? null : source.session();
  }

  @Override
  public boolean mayLive(long addressHigh, long addressLow, long sessionId) {
    Source source = sessions.policy().sources().find(addressHigh, addressLow);
    return source == null ? !sessions.review().isAlone() : source.isLive(sessionId);
  }

  @Override
  public void removeConnection(long addressHigh, long addressLow, long sessionId) {
    Source source = sessions.policy().sources().find(addressHigh, addressLow);
    if (source != null) {
      source.removeConnection(sessionId);
    }
  }

  @Override
  public boolean isListed(long addressHigh, long addressLow) {
    return sessions.policy().sources().find(addressHigh, addressLow) != null;
  }

  @Override
  public @Nullable Terminal terminal(long addressHigh, long addressLow) {
    Source source = sessions.policy().sources().find(addressHigh, addressLow);
    return source == null ? null : source.terminal();
  }

  @Override
  public long revision() {
    return sessions.revision();
  }

  @Override
  public long heartbeat() {
    return state.heartbeat();
  }

  @Override
  public Verdict authenticate(Packet packet) {
    DropReason flaw = Datagram.flaw(packet);
    if (flaw != null) {
      return flaw.verdict();
    }
    Policy policy = sessions.policy();
    Datagram.Peer peer = Datagram.peerOf(packet);
    Source source = policy.source(peer.address());
    if (source == null) {
      return refused(Cause.UNLISTED, "", peer);
    }
    Terminal terminal = source.terminal();
    Cause misplaced = Placement.flaw(terminal, policy.settings().gate(), peer);
    if (misplaced != null) {
      return refused(misplaced, terminal.id(), peer);
    }
    if (source.isSuspended(System.nanoTime())) {
      return refused(Cause.SUSPENDED, terminal.id(), peer);
    }
    // Not copied before: strangers must not have the gateway fill its memory.
    Datagram datagram = Datagram.copyOf(packet, peer);
    if (!Records.arePlausible(datagram.payload())) {
      return NO_RECORD.verdict();
    }
    return deliver(source, datagram) ? Verdict.ANSWERED : QUEUE_FULL.verdict();
  }

  private boolean deliver(Source source, Datagram datagram) {
    Conversation known = associations.find(datagram.peer());
    if (known == null || known.isAnotherHello(datagram.payload())) {
      return doorman.offer(source, datagram);
    }
    return known.offer(datagram.payload()) || (known.isOver() && doorman.offer(source, datagram));
  }

  private Verdict refused(Cause cause, String terminal, Datagram.Peer peer) {
    events.refused(cause, terminal, peer, Map.of());
    return REASONS.getOrDefault(cause, DropReason.OTHER).verdict();
  }

  private static Map<Cause, DropReason> reasons() {
    Map<Cause, DropReason> reasons = new EnumMap<>(Cause.class);
    for (Cause cause :
        new Cause[] {
          Cause.UNLISTED,
          Cause.WRONG_PORT,
          Cause.WRONG_VLAN,
          Cause.WRONG_MAC,
          Cause.WRONG_DESTINATION,
          Cause.SUSPENDED
        }) {
      reasons.put(cause, DropReason.of("auth-" + cause.word()));
    }
    return Map.copyOf(reasons);
  }
}
