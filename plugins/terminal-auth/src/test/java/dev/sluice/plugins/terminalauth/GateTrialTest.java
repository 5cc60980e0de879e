package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.MemoryTables;
import dev.sluice.wire.Tcp;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The gates of two versions over one table of connections, of which one only stands by.
class GateTrialTest {
  private static final String ADDRESS = "10.0.0.12";
  private static final long HARDWARE = 0x02_00_00_00_00_12L;

  private final TestDevice terminalSide = new TestDevice("t0", 0, 0x0200_0000_00a0L);
  private final TestDevice masterSide = new TestDevice("m0", 1, 0x0200_0000_00a1L);
  private final AuthSite site;
  private final MemoryTables context = MemoryTables.ofWorkThread();
  private long now = System.nanoTime();

  GateTrialTest() {
    TestDevice.pair(terminalSide, masterSide);
    site = new AuthSite(terminalSide, masterSide).list("T1", "CN=T1", "10.0.0.11");
    site.set("masters", AuthSite.MASTER + "=02:00:00:00:00:01");
  }

  @AfterEach
  void close() {
    site.close();
  }

  private GateHandler gate(DtlsAdmission admission, MemoryTables tables) {
    GateHandler gate = new GateHandler(admission, new Neighbours(), site, site.events);
    gate.begin(tables);
    return gate;
  }

  private String judged(GateHandler gate, boolean fromMaster, int flags, int sequence, int ack) {
    IpAddress master = IpAddress.parse(AuthSite.MASTER);
    IpAddress terminal = IpAddress.parse(ADDRESS);
    TestFrame frame =
        fromMaster
            ? new TestFrame(AuthSite.MASTER_HARDWARE, HARDWARE, master, terminal).ports(5000, 2404)
            : new TestFrame(HARDWARE, AuthSite.MASTER_HARDWARE, terminal, master).ports(2404, 5000);
    byte[] bytes =
        frame
            .flags(flags)
            .payload(flags == (Tcp.ACK | Tcp.PSH) ? 4 : 0)
            .numbers(sequence, ack)
            .tcp();
    return gate.receive(new TestPacket(fromMaster ? masterSide : terminalSide, bytes)).toString();
  }

  private void open(GateHandler gate) {
    assertEquals("pass", judged(gate, true, Tcp.SYN, 100, 0));
    assertEquals("pass", judged(gate, false, Tcp.SYN | Tcp.ACK, 900, 101));
    assertEquals("pass", judged(gate, true, Tcp.ACK, 101, 901));
  }

  private void tick(GateHandler gate, int times) {
    for (int i = 0; i < times; i++) {
      now += 10_000_000;
      gate.tick(now);
    }
  }

  @Test
  void gateThatStandsByCutsNothing() throws Exception {
    site.start();
    DtlsAdmission old = site.admission();
    site.list("T2", "CN=T2", ADDRESS);
    site.write("t2.ini", site.registry());
    site.set("registry-file", "t2.ini");
    DtlsAdmission fresh = site.beside(new MemoryTables[1]);
    GateHandler standsBy = gate(old, context);
    GateHandler judges = gate(fresh, context.another());
    site.enter(fresh::authenticate);
    fresh.inForce(now, true);
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    assertTrue(terminal.authenticate(site.authority.terminal("CN=T2")).startsWith("SLUICE"));
    open(judges);
    tick(standsBy, 200);
    assertEquals("pass", judged(judges, true, Tcp.ACK | Tcp.PSH, 101, 901));
    assertEquals(0, site.events.count("connections-cut", Map.of()));
    fresh.deactivate();
  }

  @Test
  void candidateThatDoesNotKnowTheSessionLeavesItsConnections() throws Exception {
    site.list("T2", "CN=T2", ADDRESS).start();
    DtlsAdmission old = site.admission();
    GateHandler before = gate(old, context);
    site.enter(old::authenticate);
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    assertTrue(terminal.authenticate(site.authority.terminal("CN=T2")).startsWith("SLUICE"));
    open(before);
    site.write("t2.ini", site.registry().replace("[T2]", "[T3]"));
    site.set("registry-file", "t2.ini");
    MemoryTables[] tables = new MemoryTables[1];
    DtlsAdmission failing = site.beside(tables);
    MemoryTables failingContext = context.another();
    GateHandler candidate = gate(failing, failingContext);
    assertEquals("drop auth-no-session", judged(candidate, true, Tcp.ACK | Tcp.PSH, 101, 901));
    tick(candidate, 200);
    assertTrue(failing.owns());
    assertEquals("drop auth-no-session", judged(candidate, true, Tcp.ACK | Tcp.PSH, 101, 901));
    failing.deactivate();
    tables[0].close();
    failingContext.close();
    tick(before, 1);
    assertEquals("pass", judged(before, true, Tcp.ACK | Tcp.PSH, 101, 901));
    assertEquals(1, site.live(ADDRESS).connections().get());
    assertEquals(0, site.events.count("connections-cut", Map.of()));
  }
}
