package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/// Reports to the event log, and bounds what an attacker can cause: one event for each source and
/// cause in ten seconds, and some for each cause over all sources; the next one says how many were
/// left out. Safe for any thread; takes no lock, and allocates only for what it does report.
final class SecurityEvents {
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  /// Sources are hashed on so many places; those that meet on one share its bound.
  private static final int PLACES = 4096;

  /// Events of one cause in ten seconds, over all sources.
  private static final int PER_CAUSE = 50;

  private final EventLog log;
  private final AtomicLongArray quietUntilNanos = new AtomicLongArray(PLACES);
  private final AtomicIntegerArray leftOut = new AtomicIntegerArray(PLACES);
  private final Map<Cause, Budget> budgets = new EnumMap<>(Cause.class);

  /// What is left to one cause, over all sources.
  private static final class Budget {
    private final AtomicLong beganNanos = new AtomicLong(System.nanoTime());
    private final AtomicInteger count = new AtomicInteger();

    boolean take(long now) {
      long began = beganNanos.get();
      if (now - began >= INTERVAL_NANOS && beganNanos.compareAndSet(began, now)) {
        count.set(0);
      }
      return count.getAndUpdate(taken -> Math.min(taken + 1, PER_CAUSE)) < PER_CAUSE;
    }
  }

  SecurityEvents(EventLog log) {
    this.log = log;
    long now = System.nanoTime();
    for (int place = 0; place < PLACES; place++) {
      quietUntilNanos.set(place, now);
    }
    for (Cause cause : Cause.values()) {
      budgets.put(cause, new Budget());
    }
  }

  /// Reports what no attacker can cause at will.
  void report(Severity severity, String event, Map<String, ?> fields) {
    log.report(severity, event, fields);
  }

  /// Reports that a terminal was refused, within the bounds.
  void refused(Cause cause, String terminal, Datagram.Peer peer, Map<String, ?> more) {
    bounded(Severity.WARNING, "auth-refused", cause, terminal, peer, more);
  }

  /// Reports that a limit turned a handshake away, within the bounds.
  void limitHit(Cause cause, String terminal, Datagram.Peer peer, Map<String, ?> more) {
    bounded(Severity.WARNING, "limit-hit", cause, terminal, peer, more);
  }

  /// Reports packets from a session's address that came another way than bound, within the bounds.
  void mismatch(String terminal, Datagram.Peer bound, long packets) {
    Map<String, Long> more = Map.of("packets", packets);
    bounded(Severity.ALARM, "binding-mismatch", Cause.BINDING_MISMATCH, terminal, bound, more);
  }

  private void bounded(
      Severity severity,
      String event,
      Cause cause,
      String terminal,
      Datagram.Peer peer,
      Map<String, ?> more) {
    int place = place(cause, peer.address());
    if (admits(place, cause, System.nanoTime())) {
      Map<String, Object> fields = fieldsOf(terminal, peer);
      fields.put("cause", cause.word());
      fields.putAll(more);
      fields.put("leftOut", leftOut.getAndSet(place, 0));
      log.report(severity, event, fields);
    }
  }

  /// Whether an event may be reported that a source's packet caused; counts it if not.
  private boolean admits(int place, Cause cause, long now) {
    long quietUntil = quietUntilNanos.get(place);
    if (now - quietUntil >= 0
        && Objects.requireNonNull(budgets.get(cause)).take(now)
        && quietUntilNanos.compareAndSet(place, quietUntil, now + INTERVAL_NANOS)) {
      return true;
    }
    leftOut.incrementAndGet(place);
    return false;
  }

  private static int place(Cause cause, IpAddress address) {
    return Math.floorMod(31 * address.hashCode() + cause.hashCode(), PLACES);
  }

  /// What every event about a terminal says.
  ///
  /// @param terminal its id, or empty if the address is not listed
  static Map<String, Object> fieldsOf(String terminal, Datagram.Peer peer) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("terminal", terminal);
    fields.put("address", peer.address().toString());
    fields.put("port", peer.device().name());
    fields.put("vlan", VlanKey.text(peer.vlanKey()));
    fields.put("mac", HardwareAddress.text(peer.hardwareAddress()));
    return fields;
  }
}
