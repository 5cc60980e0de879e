package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.plugins.terminalauth.Admission.Gate;
import dev.sluice.plugins.terminalauth.Admission.Master;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/// The hardware addresses of masters and their routers, set by the operator or learned on the
/// masters' side. All WorkThreads share it: an answer may reach another one than the question came
/// to.
///
/// A place is taken only for a VLAN that the registry gives a terminal, is never given back while
/// the bundle runs, and is the one thing allocated; no lock is taken. A full table learns no more
/// addresses, and their terminals wait unanswered until the operator sets the addresses.
@Component(service = Neighbours.class)
public final class Neighbours {
  /// Most pairs of master and VLAN.
  static final int MAX_NEIGHBOURS = 4096;

  private static final long ASK_INTERVAL_NANOS = 1_000_000_000L;
  private static final long MAX_AGE_NANOS = 60_000_000_000L;
  private static final long REPORT_INTERVAL_NANOS = 1_000_000_000L;

  private final AtomicReferenceArray<@Nullable Neighbour> places =
      new AtomicReferenceArray<>(2 * MAX_NEIGHBOURS);
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicLong changes = new AtomicLong();
  private final AtomicLong mayReportAtNanos = new AtomicLong(System.nanoTime());

  @Activate
  public Neighbours() {}

  /// The entry of this address among the masters, or null.
  static @Nullable Master master(Gate gate, long high, long low) {
    List<Master> masters = gate.masters();
    for (int i = 0; i < masters.size(); i++) {
      Master master = masters.get(i);
      if (master.address().low() == low && master.address().high() == high) {
        return master;
      }
    }
    return null;
  }

  /// The master's hardware address as set or learned, or [Neighbour#UNKNOWN].
  long hardware(Master master, Device device, int vlanKey) {
    if (master.hardwareAddress().isPresent()) {
      return master.hardwareAddress().getAsLong();
    }
    Neighbour known = find(master.address().high(), master.address().low(), device, vlanKey);
    return known == null ? Neighbour.UNKNOWN : known.hardware();
  }

  /// Whether this is the hardware address of some master or router there.
  boolean isMasters(Gate gate, long hardware, Device device, int vlanKey) {
    List<Master> masters = gate.masters();
    for (int i = 0; i < masters.size(); i++) {
      if (hardware == hardware(masters.get(i), device, vlanKey)) {
        return hardware != Neighbour.UNKNOWN;
      }
    }
    return false;
  }

  /// Whether the caller is to ask for the master's hardware address now: where the operator has not
  /// set it and it is unknown or a minute old, and at most once a second.
  boolean claimQuestion(Master master, Device device, int vlanKey, long nowNanos) {
    Neighbour asked = expect(master, device, vlanKey, nowNanos);
    return asked != null
        && asked.isStale(nowNanos, MAX_AGE_NANOS)
        && asked.claimQuestion(nowNanos, ASK_INTERVAL_NANOS);
  }

  /// Makes a place for what the master will say of itself. To be called for a VLAN of a listed
  /// terminal alone.
  ///
  /// @return null if the operator has set the address, or the table is full
  @Nullable Neighbour expect(Master master, Device device, int vlanKey, long nowNanos) {
    if (master.hardwareAddress().isPresent()) {
      return null;
    }
    IpAddress address = master.address();
    return findOrAdd(address.high(), address.low(), device, vlanKey, nowNanos);
  }

  /// Grows by one after each change of a learned hardware address. Volatile: what was learned when
  /// a number was read still holds while the number does.
  long changes() {
    return changes.get();
  }

  /// Takes in what a master has said of itself, if it was expected.
  ///
  /// @return whether it was taken in
  boolean learn(Master master, long hardware, Device device, int vlanKey, long nowNanos) {
    if (master.hardwareAddress().isPresent()) {
      return false;
    }
    Neighbour known = find(master.address().high(), master.address().low(), device, vlanKey);
    if (known == null) {
      return false;
    }
    if (known.learn(hardware, nowNanos)) {
      // Behind the change: who reads the new number before it asks for the address finds the new
      // address.
      changes.incrementAndGet();
    }
    return true;
  }

  /// Reports masters whose learned hardware address has changed, at most one a second. For a tick.
  void reportMoves(EventLog events, long nowNanos) {
    long mayReportAt = mayReportAtNanos.get();
    if (nowNanos - mayReportAt < 0
        || !mayReportAtNanos.compareAndSet(mayReportAt, nowNanos + REPORT_INTERVAL_NANOS)) {
      return;
    }
    for (int i = 0; i < places.length(); i++) {
      Neighbour moved = places.get(i);
      if (moved != null && moved.claimMove()) {
        report(events, moved);
        return;
      }
    }
  }

  private static void report(EventLog events, Neighbour moved) {
    IpAddress address = new IpAddress(moved.addressHigh, moved.addressLow);
    events.report(
        Severity.WARNING,
        "master-hardware-address-changed",
        Map.of(
            "master", address.toString(),
            "device", moved.device.name(),
            "from", HardwareAddress.text(moved.hardwareBefore()),
            "to", HardwareAddress.text(moved.hardware())));
  }

  private @Nullable Neighbour find(long high, long low, Device device, int vlanKey) {
    for (int i = home(high, low, device, vlanKey); ; i = next(i)) {
      Neighbour found = places.get(i);
      if (found == null || found.is(high, low, device, vlanKey)) {
        return found;
      }
    }
  }

  private @Nullable Neighbour findOrAdd(
      long high, long low, Device device, int vlanKey, long nowNanos) {
    for (int i = home(high, low, device, vlanKey); ; i = next(i)) {
      Neighbour found = places.get(i);
      if (found == null) {
        Neighbour added = add(i, new Neighbour(high, low, device, vlanKey, nowNanos));
        if (added == null) {
          return null;
        }
        found = added;
      }
      if (found.is(high, low, device, vlanKey)) {
        return found;
      }
    }
  }

  /// What stands at the place afterwards, which another WorkThread may have taken in between; null
  /// if the table is full.
  private @Nullable Neighbour add(int place, Neighbour added) {
    if (taken.incrementAndGet() > MAX_NEIGHBOURS) {
      taken.decrementAndGet();
      return null;
    }
    Neighbour before = places.compareAndExchange(place, null, added);
    if (before != null) {
      taken.decrementAndGet();
    }
    return before == null ? added : before;
  }

  private int next(int place) {
    return place + 1 & places.length() - 1;
  }

  private int home(long high, long low, Device device, int vlanKey) {
    long hash = (high * 31 + low) * 31 + ((long) device.index() << 24 | vlanKey);
    hash *= 0x9e3779b97f4a7c15L;
    return (int) (hash >>> 40) & places.length() - 1;
  }
}
