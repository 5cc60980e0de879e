package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.plugin.PacketSender;
import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.StateTables;
import dev.sluice.plugin.TableShape;
import dev.sluice.plugins.terminalauth.Admission.Gate;
import dev.sluice.plugins.terminalauth.Admission.Master;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/// The hardware addresses of masters and their routers, set by the operator or learned on the
/// masters' side. All WorkThreads share it: an answer may reach another one than the question came
/// to.
///
/// They are in a table that outlives this version of the bundle; here are views of its entries. A
/// place is taken only for a VLAN that the registry gives a terminal, is never given back while the
/// bundle runs, and is the one thing that is allocated, and locked for. A full table learns no more
/// addresses, and their terminals wait unanswered until the operator sets the addresses.
@Component(service = Neighbours.class)
public final class Neighbours {
  /// Most pairs of master and VLAN.
  static final int MAX_NEIGHBOURS = 4096;

  private static final TableShape SHAPE =
      new TableShape("neighbours", 1, 3, Neighbour.BYTES, MAX_NEIGHBOURS + 1);
  private static final int TAKEN_UP_AT_ONCE = 64;
  private static final long ASK_INTERVAL_NANOS = 1_000_000_000L;
  private static final long MAX_AGE_NANOS = 60_000_000_000L;
  private static final long REPORT_INTERVAL_NANOS = 1_000_000_000L;

  private static final VarHandle LONG = JAVA_LONG.varHandle();
  private static final int VLAN_BITS = 24;

  /// The key of the entry that counts the changes; no device has a negative index.
  private static final long[] CHANGES = {0, 0, -1};

  private final AtomicReferenceArray<@Nullable Neighbour> places =
      new AtomicReferenceArray<>(2 * MAX_NEIGHBOURS);
  private final AtomicInteger taken = new AtomicInteger();
  private final StateTable table;
  private final MemorySegment counter;
  private final long counterAt;
  private final AtomicLong mayReportAtNanos = new AtomicLong(System.nanoTime());

  /// Entries of the table that have been looked at, to make places for them.
  private volatile int entriesSeen;

  private final Supplier<List<Device>> devices;

  /// Knows what the version before has learned.
  @Activate
  public Neighbours(@Reference StateTables tables, @Reference PacketSender sender) {
    this(tables.table(SHAPE), sender::devices);
  }

  /// Knows nothing, and keeps what it learns to itself.
  Neighbours() {
    this(StateTable.shared(SHAPE), List::of);
  }

  private Neighbours(StateTable table, Supplier<List<Device>> devices) {
    this.table = table;
    this.devices = devices;
    int entry = table.add(CHANGES);
    counter = table.memory(entry);
    counterAt = table.at(entry);
    takeUpOthers(MAX_NEIGHBOURS + 1);
  }

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
    return (long) LONG.getVolatile(counter, counterAt);
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
      long ignored = (long) LONG.getAndAdd(counter, counterAt, 1L);
    }
    return true;
  }

  /// Reports masters whose learned hardware address has changed, at most one a second, and takes up
  /// what another version of the bundle has learned of others. For a tick.
  void reportMoves(EventLog events, long nowNanos) {
    if (entriesSeen != table.count()) {
      takeUpOthers(TAKEN_UP_AT_ONCE);
    }
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

  /// Takes up what another version of the bundle has added, a few places at a time. Entries are
  /// never removed, so the new ones have the highest numbers.
  private synchronized void takeUpOthers(int most) {
    int from = entriesSeen;
    int end = Math.min(table.count(), from + most);
    // An entry that is counted may still be in the midst of being added: that holds this lock.
    int ignored = table.find(CHANGES);
    for (int entry = from; entry < end; entry++) {
      takeUp(table.key(entry, 0), table.key(entry, 1), table.key(entry, 2), entry);
    }
    entriesSeen = end;
  }

  private void takeUp(long high, long low, long where, int entry) {
    int vlanKey = (int) where & (1 << VLAN_BITS) - 1;
    for (Device device : devices.get()) {
      if (device.index() == where >> VLAN_BITS && find(high, low, device, vlanKey) == null) {
        put(new Neighbour(high, low, device, vlanKey, table, entry));
      }
    }
  }

  private @Nullable Neighbour findOrAdd(
      long high, long low, Device device, int vlanKey, long nowNanos) {
    Neighbour known = find(high, low, device, vlanKey);
    return known == null ? add(high, low, device, vlanKey, nowNanos) : known;
  }

  private synchronized @Nullable Neighbour add(
      long high, long low, Device device, int vlanKey, long nowNanos) {
    Neighbour known = find(high, low, device, vlanKey);
    if (known != null || taken.get() == MAX_NEIGHBOURS) {
      return known;
    }
    int entry = table.add(new long[] {high, low, (long) device.index() << VLAN_BITS | vlanKey});
    if (entry == StateTable.NONE) {
      return null;
    }
    Neighbour added = new Neighbour(high, low, device, vlanKey, table, entry);
    added.begin(nowNanos);
    put(added);
    return added;
  }

  private void put(Neighbour added) {
    int i = home(added.addressHigh, added.addressLow, added.device, added.vlanKey);
    while (places.get(i) != null) {
      i = next(i);
    }
    taken.incrementAndGet();
    places.set(i, added);
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
