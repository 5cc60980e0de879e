package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.MemoryTables;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.PacketSender;
import java.io.IOException;
import java.util.List;

/// Gates over a real admission, in which one terminal has authenticated and another has not. The
/// tests of other modules may use it, to put the gate into a chain.
///
/// What admission answers to datagrams ends here; what the gates send goes to their sender.
public final class LiveGate implements AutoCloseable {
  /// Hardware address of the terminal with the session, 48 bits.
  public static final String TERMINAL_HARDWARE = "02:00:00:00:00:11";

  /// Its IPv4 address.
  public static final String TERMINAL = "10.0.0.11";

  /// Address of the terminal that is listed and has not authenticated.
  public static final String STRANGER = "10.0.0.66";

  /// The master station's addresses.
  public static final String MASTER = AuthSite.MASTER;

  public static final String MASTER_HARDWARE = "02:00:00:00:00:01";

  private static final String SUBJECT = "CN=DTU-0001,O=Example";

  private final AuthSite site;
  private final Neighbours neighbours = new Neighbours();
  private final byte[] hello;

  /// Starts admission and lets the terminal authenticate.
  public LiveGate(Device terminalSide, Device masterSide) {
    site = new AuthSite(terminalSide, masterSide);
    // The terminal sends no sign of life: its session must outlive a long run.
    site.set("masters", MASTER + "=" + MASTER_HARDWARE)
        .set("keep-alive-misses", 100)
        .list("DTU-0001", SUBJECT, TERMINAL, "max-connections = 64")
        .list("DTU-0066", "CN=DTU-0066,O=Example", STRANGER)
        .start();
    DtlsTerminal terminal =
        new DtlsTerminal(site, TERMINAL, HardwareAddress.parse(TERMINAL_HARDWARE));
    DtlsTerminal.Capture capture = new DtlsTerminal.Capture();
    try {
      terminal.authenticate(site.authority.terminal(SUBJECT));
      terminal.connectOver(capture);
      throw new AssertionError("the line is dead");
    } catch (IOException e) {
      hello = terminal.packet(capture.first()).bytes();
    }
    site.live(TERMINAL);
  }

  /// A gate for one WorkThread.
  public PacketHandler handler(PacketSender sender) {
    GateHandler handler = new GateHandler(site.admission(), neighbours, sender, site.events);
    handler.begin(MemoryTables.ofWorkThread());
    return handler;
  }

  /// Whether the terminal's session still lives.
  public boolean isLive() {
    Session session = site.session(TERMINAL);
    return session != null && session.live();
  }

  /// Whether anybody but the terminal has a session.
  public boolean isStrangerIn() {
    return site.session(STRANGER) != null;
  }

  /// The frame of a handshake's first datagram.
  public byte[] hello() {
    return hello.clone();
  }

  /// Reports of parts of admission that have failed.
  public List<String> failures() {
    return site.events.all().stream()
        .filter(event -> event.name().endsWith("-failed"))
        .map(Object::toString)
        .toList();
  }

  @Override
  public void close() {
    site.close();
  }
}
