package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.MemoryTables;
import dev.sluice.plugin.NamedDevice;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketSender;
import dev.sluice.plugin.SettingsException;
import dev.sluice.plugin.Verdict;
import dev.sluice.wire.Checksum;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Tcp;
import dev.sluice.wire.Udp;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A gateway's admission with its files in a folder, and no network: what it sends ends in a queue
/// for each UDP port of a terminal.
final class AuthSite implements PacketSender, AutoCloseable {
  static final String MASTER = "10.0.0.1";
  static final long MASTER_HARDWARE = 0x02_00_00_00_00_01L;

  /// Where datagrams are answered to.
  record Endpoint(String address, int port) {}

  final Path folder;
  final TestAuthority authority = TestAuthority.root("CN=Site CA,O=Example");
  final EventRecord events = new EventRecord();
  final Device terminalSide;
  final Device masterSide;
  final Map<String, Object> properties = new TreeMap<>();
  final AtomicInteger sentFrames = new AtomicInteger();
  private final Map<Endpoint, BlockingQueue<byte[]>> mailboxes = new ConcurrentHashMap<>();
  private final StringBuilder registry = new StringBuilder();
  private MemoryTables tables = new MemoryTables();
  private @Nullable DtlsAdmission admission;
  private volatile @Nullable Function<Packet, Verdict> door;

  /// Has whatever is sent fail.
  volatile boolean cannotSend;

  /// A site with no terminal yet; [#start] it.
  AuthSite() {
    this(new NamedDevice("eth1", 0), new NamedDevice("eth2", 1));
  }

  /// The same between two devices.
  AuthSite(Device terminalSide, Device masterSide) {
    this.terminalSide = terminalSide;
    this.masterSide = masterSide;
    try {
      folder = Files.createTempDirectory("terminal-auth");
      TestAuthority.Identity gateway = authority.gateway();
      write("ca.crt", TestAuthority.pem(authority.certificate()));
      write("ca.crl", TestAuthority.pem(authority.revocationList()));
      write("gateway.crt", TestAuthority.pem(gateway.certificate()));
      Path key = folder.resolve("gateway.key");
      Files.writeString(key, TestAuthority.pem(gateway.keys().getPrivate()));
      Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    properties.put("felix.fileinstall.filename", folder.resolve("terminal.auth.cfg").toUri());
    properties.put("service.pid", AdmissionSettings.PID);
    properties.put("master-ports", masterSide.name());
    properties.put("ca-files", "ca.crt");
    properties.put("crl-files", "ca.crl");
    properties.put("gateway-certificate", "gateway.crt");
    properties.put("gateway-key", "gateway.key");
  }

  AuthSite set(String key, Object value) {
    properties.put(key, value);
    return this;
  }

  /// Lists a terminal; more lines may follow.
  AuthSite list(String id, String subject, String address, String... more) {
    registry.append("[%s]%nsubject = %s%naddress = %s%n".formatted(id, subject, address));
    registry.append("port = %s%nmasters = 10.0.0.1%n".formatted(terminalSide.name()));
    for (String line : more) {
      registry.append(line).append('\n');
    }
    return this;
  }

  /// Writes the registry without starting anything.
  void writeRegistry() {
    write("terminals.ini", registry.toString());
  }

  /// Has packets to admission go another way.
  void enter(Function<Packet, Verdict> other) {
    door = other;
  }

  /// Takes in a packet of a terminal.
  Verdict enter(Packet packet) {
    Function<Packet, Verdict> other = door;
    return other == null ? admission().authenticate(packet) : other.apply(packet);
  }

  AuthSite start() {
    writeRegistry();
    try {
      admission = new DtlsAdmission(tables, this, events, properties);
    } catch (SettingsException e) {
      throw new AssertionError(e);
    }
    return this;
  }

  /// Has another version take the place of the one in force.
  void swap() {
    MemoryTables[] fresh = new MemoryTables[1];
    DtlsAdmission old = admission();
    MemoryTables before = tables;
    admission = beside(fresh);
    tables = fresh[0];
    admission.inForce(System.nanoTime(), true);
    old.deactivate();
    before.close();
  }

  /// Starts another version beside the one in force.
  DtlsAdmission beside(MemoryTables[] given) {
    given[0] = tables.another();
    try {
      return new DtlsAdmission(given[0], this, events, properties);
    } catch (SettingsException e) {
      throw new AssertionError(e);
    }
  }

  /// The first half of a swap: the old version has gone, the next one is about to come.
  void stopOld() {
    MemoryTables before = tables;
    tables = before.another();
    admission().deactivate();
    before.close();
  }

  /// The second half.
  void startNew() {
    try {
      admission = new DtlsAdmission(tables, this, events, properties);
    } catch (SettingsException e) {
      throw new AssertionError(e);
    }
    admission.inForce(System.nanoTime(), true);
  }

  MemoryTables tables() {
    return tables;
  }

  DtlsAdmission admission() {
    if (admission == null) {
      throw new IllegalStateException("not started");
    }
    return admission;
  }

  String registry() {
    return registry.toString();
  }

  /// Puts a file in place as a whole.
  void write(String name, String text) {
    try {
      Path part = Files.writeString(folder.resolve(name + ".part"), text);
      Files.move(part, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  BlockingQueue<byte[]> mailbox(Endpoint endpoint) {
    return mailboxes.computeIfAbsent(endpoint, any -> new LinkedBlockingQueue<>());
  }

  @Nullable Session session(String address) {
    IpAddress ip = IpAddress.parse(address);
    return admission().session(ip.high(), ip.low());
  }

  /// Passes packets of a session for a while, as the gate would report them.
  void traffic(Session session, long millis) {
    for (long passed = 0; passed < millis; passed += 20) {
      session.traffic(System.nanoTime());
      Pause.millis(20);
    }
  }

  /// The session that there must be.
  Session live(String address) {
    Session session = session(address);
    if (session == null || !session.live()) {
      throw new AssertionError(address + " has no session: " + events.all());
    }
    return session;
  }

  /// An Ethernet frame with an IPv4 datagram, built from the header views alone.
  static MemorySegment frame(
      long from,
      long to,
      String source,
      String dest,
      int sourcePort,
      int destPort,
      byte[] payload) {
    int bytes = 14 + 20 + 8 + payload.length;
    MemorySegment frame = MemorySegment.ofArray(new byte[bytes]);
    Ethernet.setDest(frame, 0, to);
    Ethernet.setSource(frame, 0, from);
    Ethernet.setEtherType(frame, 0, Ethernet.TYPE_IPV4);
    Ipv4.setHeaderBytes(frame, 14, 20);
    Ipv4.setTotalBytes(frame, 14, bytes - 14);
    Ipv4.setTimeToLive(frame, 14, 64);
    Ipv4.setProtocol(frame, 14, Udp.PROTOCOL);
    Ipv4.setSource(frame, 14, IpAddress.parse(source).low() & 0xffff_ffffL);
    Ipv4.setDest(frame, 14, IpAddress.parse(dest).low() & 0xffff_ffffL);
    Ipv4.updateChecksum(frame, 14);
    Udp.setSourcePort(frame, 34, sourcePort);
    Udp.setDestPort(frame, 34, destPort);
    Udp.setDatagramBytes(frame, 34, 8 + payload.length);
    MemorySegment.copy(payload, 0, frame, JAVA_BYTE, 42, payload.length);
    Checksum.updateTransport(frame, 14, Udp.PROTOCOL, 34, bytes);
    return frame;
  }

  @Override
  public List<Device> devices() {
    return List.of(terminalSide, masterSide);
  }

  /// Checks every frame that the gateway sends, and puts its payload in the mailbox.
  @Override
  public boolean sendData(Device sendTo, MemorySegment sent) {
    if (cannotSend) {
      throw new IllegalStateException("the device is broken");
    }
    byte[] copy = sent.toArray(JAVA_BYTE);
    AuthFrame frame = new AuthFrame(sendTo, MemorySegment.ofArray(copy));
    if (door != null && frame.transportProtocol() == Tcp.PROTOCOL) {
      // A gate cuts a connection.
      return true;
    }
    assertEquals(Udp.PROTOCOL, frame.transportProtocol(), "the gateway sends whole UDP frames");
    int at = frame.transportAt();
    assertTrue(
        Checksum.isTransportRight(
            frame.memory(), frame.networkAt(), Udp.PROTOCOL, at, frame.endAt()));
    sentFrames.incrementAndGet();
    byte[] payload = new byte[frame.endAt() - frame.payloadAt()];
    MemorySegment.copy(frame.memory(), JAVA_BYTE, frame.payloadAt(), payload, 0, payload.length);
    String dest = IpAddress.v4((int) Ipv4.dest(frame.memory(), frame.networkAt())).toString();
    return mailbox(new Endpoint(dest, Udp.destPort(frame.memory(), at))).add(payload);
  }

  @Override
  public boolean sendPacket(Device sendTo, Packet packet) {
    throw new AssertionError("admission forwards nothing");
  }

  @Override
  public void drop(Packet packet, DropReason reason) {
    throw new AssertionError("admission holds nothing");
  }

  @Override
  public void close() {
    if (admission != null) {
      admission.deactivate();
    }
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
