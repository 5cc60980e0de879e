package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.Ownership;
import dev.sluice.plugin.PacketSender;
import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.StateTables;
import dev.sluice.plugin.TableShape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What admission keeps in the host's tables, so that it outlives this version of the bundle: a
/// record for each listed address, the certificates that sessions stand on, and counters.
///
/// Changes are made under one lock that all versions share: [#lock]. The packet path takes no lock;
/// it reads records that were looked up before.
final class AdmissionState {
  private static final int CHUNK_BYTES = 1024;

  /// Most bytes of one path: five certificates come within a message of 16 KiB.
  private static final int MAX_PATH_BYTES = 32 * CHUNK_BYTES;

  /// Of a usual path, which has two certificates on elliptic curves.
  private static final int CHUNKS = 2;

  private static final int LEAST_TERMINALS = 64;
  private static final long REVISION_AT = 0;
  private static final long SESSIONS_AT = 8;
  private static final long LEASES_AT = 16;
  private static final long HEARTBEAT_AT = 24;

  /// How long a version that starts or goes waits for the lock: an item of work takes milliseconds,
  /// the end of all sessions at once some tenths of a second.
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final VarHandle LONG = JAVA_LONG.varHandle();

  private final StateTables tables;
  private final PacketSender sender;
  private final Provider provider;
  private final Ownership ownership;
  private final MemorySegment counters;
  private final long countersAt;
  private final RevocationFloor floor;
  private final MemorySegment judging;
  private final long judgingAt;
  private StateTable terminals;
  private StateTable paths;

  /// Parsed certificates that other paths may have too: authorities'.
  private final Map<ByteBuffer, X509Certificate> authorities = new ConcurrentHashMap<>();

  AdmissionState(StateTables tables, PacketSender sender, Provider provider) {
    this.tables = tables;
    this.sender = sender;
    this.provider = provider;
    ownership = tables.ownership("admission");
    StateTable counted = tables.table(new TableShape("admission", 1, 1, 32, 1));
    int entry = counted.add(new long[1]);
    counters = counted.memory(entry);
    countersAt = counted.at(entry);
    StateTable judged = tables.table(new TableShape("judging", 1, 1, 8, 1));
    int word = judged.add(new long[1]);
    judging = judged.memory(word);
    judgingAt = judged.at(word);
    floor = new RevocationFloor(tables);
    terminals = terminalsFor(LEAST_TERMINALS);
    paths = pathsFor(LEAST_TERMINALS);
  }

  private StateTable terminalsFor(int count) {
    return tables.table(
        new TableShape("terminals", TerminalRecord.SCHEMA, 2, TerminalRecord.BYTES, count));
  }

  private StateTable pathsFor(int count) {
    return tables.table(new TableShape("paths", 1, 3, CHUNK_BYTES, CHUNKS * count));
  }

  /// The claim to sweep, to enforce, and to begin handshakes.
  Ownership ownership() {
    return ownership;
  }

  RevocationFloor floor() {
    return floor;
  }

  boolean heldByOther() {
    return tables.heldByOther();
  }

  /// Takes the lock that every change of records is made under, in whatever version. May be nested.
  void lock() {
    ownership.enterAnyway();
  }

  /// As [#lock], unless some thread has had it for too long: then [#unlock] is not owed.
  boolean lockIfNotStuck() {
    return ownership.enterWithin(PATIENCE);
  }

  /// Gives the ownership up, unless a thread is stuck under the lock: the next version claims it
  /// all the same.
  void release() {
    if (lockIfNotStuck()) {
      try {
        ownership.release();
      } finally {
        unlock();
      }
    }
  }

  void unlock() {
    ownership.leave();
  }

  PacketSender sender() {
    return sender;
  }

  /// The device with this index, or null if the gateway has none.
  @Nullable Device device(int index) {
    for (Device device : sender.devices()) {
      if (device.index() == index) {
        return device;
      }
    }
    return null;
  }

  /// See [Admission#revision].
  long revision() {
    return (long) LONG.getVolatile(counters, countersAt + REVISION_AT);
  }

  void revise() {
    next(REVISION_AT);
  }

  /// Changes while the version that owns looks after the sessions. Volatile.
  long heartbeat() {
    return (long) LONG.getVolatile(counters, countersAt + HEARTBEAT_AT);
  }

  void beat() {
    next(HEARTBEAT_AT);
  }

  /// Grows while the gate of the version that owns judges packets. Volatile.
  long judging() {
    return (long) LONG.getVolatile(judging, judgingAt);
  }

  void judges() {
    LONG.getAndAdd(judging, judgingAt, 1L);
  }

  long nextSession() {
    return next(SESSIONS_AT);
  }

  long nextLease() {
    return next(LEASES_AT);
  }

  private long next(long counter) {
    return (long) LONG.getAndAdd(counters, countersAt + counter, 1L) + 1;
  }

  /// Makes room for so many terminals.
  void growTo(int count) {
    lock();
    try {
      // Those that the registry lists no more go after those that it lists now have come.
      terminals = terminalsFor(Math.max(LEAST_TERMINALS, terminals.count() + count));
      paths = pathsFor(Math.max(LEAST_TERMINALS, count));
    } finally {
      unlock();
    }
  }

  /// The number of the record of an address, which is made if there is none.
  ///
  /// @throws IllegalStateException if there is no room, which [#growTo] makes
  int entry(IpAddress address) {
    int entry = terminals.add(new long[] {address.high(), address.low()});
    if (entry == StateTable.NONE) {
      throw new IllegalStateException("no room for the record of " + address);
    }
    return entry;
  }

  TerminalRecord record(int entry) {
    return new TerminalRecord(terminals.memory(entry), terminals.at(entry));
  }

  /// As [StateTable#uses]: whether an entry is still the same terminal's.
  long uses(int entry) {
    return terminals.uses(entry);
  }

  /// The addresses that there are records of. Under the lock.
  List<IpAddress> addresses() {
    List<IpAddress> addresses = new ArrayList<>();
    for (int entry = 0; entry < terminals.capacity(); entry++) {
      if (terminals.holds(entry)) {
        addresses.add(new IpAddress(terminals.key(entry, 0), terminals.key(entry, 1)));
      }
    }
    return addresses;
  }

  /// Forgets an address that is not listed, with its session; while it is suspended, that stays
  /// known. Under the lock.
  ///
  /// @return the number of the session that ended, or 0
  long forget(IpAddress address, long nowNanos) {
    int entry = terminals.find(new long[] {address.high(), address.low()});
    TerminalRecord record = record(entry);
    long id = record.sessionId();
    if (id != 0) {
      record.end(id);
      revise();
      SecureLine line = new SecureLine(address, record, this);
      line.closeNotify();
      line.wipe();
      record.set(TerminalRecord.LEASE_AT, 0);
      dropPath(address);
    }
    if (!record.isSuspended(nowNanos)) {
      terminals.remove(entry);
    }
    return id;
  }

  /// Whether [#keepPath] will have room for these.
  boolean hasRoomFor(List<X509Certificate> path) {
    int bytes = encoded(path).length;
    int chunks = (bytes + CHUNK_BYTES - 1) / CHUNK_BYTES;
    if (paths.capacity() - paths.count() < chunks) {
      paths = pathsFor(paths.capacity());
    }
    return bytes <= MAX_PATH_BYTES && paths.capacity() - paths.count() >= chunks;
  }

  /// Keeps the certificates that a session stands on, if [#hasRoomFor] has said so. Under the lock.
  void keepPath(IpAddress address, List<X509Certificate> path) {
    dropPath(address);
    byte[] all = encoded(path);
    for (int number = 0; number * CHUNK_BYTES < all.length; number++) {
      int entry = paths.add(new long[] {address.high(), address.low(), number});
      int from = number * CHUNK_BYTES;
      int bytes = Math.min(CHUNK_BYTES, all.length - from);
      MemorySegment.copy(all, from, paths.memory(entry), JAVA_BYTE, paths.at(entry), bytes);
    }
  }

  private static byte[] encoded(List<X509Certificate> path) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      for (X509Certificate certificate : path) {
        byte[] one = certificate.getEncoded();
        all.writeBytes(ByteBuffer.allocate(4).putInt(one.length).array());
        all.writeBytes(one);
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate that was read cannot be written", e);
    }
    all.writeBytes(new byte[4]);
    return all.toByteArray();
  }

  /// Under the lock.
  void dropPath(IpAddress address) {
    for (int number = 0; number < MAX_PATH_BYTES / CHUNK_BYTES; number++) {
      int entry = paths.find(new long[] {address.high(), address.low(), number});
      if (entry == StateTable.NONE) {
        return;
      }
      paths.remove(entry);
    }
  }

  /// The certificates that a session stands on, the terminal's own first. Under the lock.
  List<X509Certificate> path(IpAddress address) throws GeneralSecurityException {
    return parsedPath(keptPath(address));
  }

  /// The same, for [#parsedPath]. Under the lock.
  byte[] keptPath(IpAddress address) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int number = 0; number < MAX_PATH_BYTES / CHUNK_BYTES; number++) {
      int entry = paths.find(new long[] {address.high(), address.low(), number});
      if (entry != StateTable.NONE) {
        byte[] chunk = new byte[CHUNK_BYTES];
        MemorySegment.copy(paths.memory(entry), JAVA_BYTE, paths.at(entry), chunk, 0, CHUNK_BYTES);
        all.writeBytes(chunk);
      }
    }
    return all.toByteArray();
  }

  /// Reads what [#keptPath] has told. Any thread; takes no lock.
  List<X509Certificate> parsedPath(byte[] kept) throws GeneralSecurityException {
    ByteBuffer rest = ByteBuffer.wrap(kept);
    CertificateFactory factory = CertificateFactory.getInstance("X.509", provider);
    List<X509Certificate> path = new ArrayList<>();
    while (rest.remaining() >= Integer.BYTES) {
      byte[] one = new byte[rest.getInt()];
      if (one.length == 0) {
        break;
      }
      rest.get(one);
      path.add(parsed(factory, one, path.isEmpty()));
    }
    return path;
  }

  private X509Certificate parsed(CertificateFactory factory, byte[] der, boolean leaf)
      throws GeneralSecurityException {
    X509Certificate known = leaf ? null : authorities.get(ByteBuffer.wrap(der));
    if (known != null) {
      return known;
    }
    X509Certificate read =
        (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
    if (!leaf && authorities.size() < LEAST_TERMINALS) {
      authorities.put(ByteBuffer.wrap(der), read);
    }
    return read;
  }
}
