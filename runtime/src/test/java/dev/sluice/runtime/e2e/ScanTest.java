package dev.sluice.runtime.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.lab.Lab;
import dev.sluice.runtime.lab.LabTerminal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Terminals without a session search the master's side with nmap(1), and tcpdump(1) on the
/// master's side sees none of their frames.
@Tag("privileged")
@Timeout(300)
final class ScanTest {
  private static final String PACE =
      "-n -T5 --max-retries 1 --max-rtt-timeout 150ms --host-timeout 20s --privileged ";
  private static final String MASTER = " " + Lab.MASTER_ADDRESS;
  private static final String MASTER6 = " " + Lab.MASTER_ADDRESS6;

  /// Each must put frames onto the wire to the gateway.
  private static final List<String> SCANS =
      List.of(
          "-sn 10.104.0.0/26",
          "-sn --disable-arp-ping -PE -PP -PS2404 -PA2404 -PU2405 -PO6" + MASTER,
          "-Pn -sS -p 22,2404,2405" + MASTER,
          "-Pn -sU -p 161,2405" + MASTER,
          "-Pn -sA -p 2404" + MASTER,
          "-Pn -sO -p 1,6,17,47,132" + MASTER,
          "-Pn -sS -f -p 22,2404" + MASTER,
          "-Pn -sS -D 10.104.0.99,10.104.0.12,ME -p 2404" + MASTER,
          "-6 -sn" + MASTER6,
          "-6 -Pn -sS --send-ip -p 22,2404" + MASTER6,
          "-6 -Pn -sU --send-ip -p 161,2405" + MASTER6);

  private static final List<String> TAGGED_SCANS =
      List.of(
          "-sn 10.104.0.0/28",
          "-Pn -sS --send-ip -p 22,2404" + MASTER,
          "-Pn -sU --send-ip -p 161,2405" + MASTER,
          "-6 -sn" + MASTER6);

  private static LabSite site;

  @BeforeAll
  static void start() throws Exception {
    site = LabSite.open(2, "nmap", "tcpdump");
    site.startGateway();
  }

  @AfterAll
  static void end() throws Exception {
    if (site != null) {
      site.close();
    }
  }

  @Test
  void scanReachesNothingOfTheMastersSide() throws Exception {
    LabTerminal terminal = site.terminal(1);
    LabSite.knowMaster(terminal, LabTerminal.WIRE);
    try (Tcpdump master = Tcpdump.on(site.lab().masterNamespace(), LabTerminal.WIRE);
        Tcpdump port = Tcpdump.leaving(site.lab().switchNamespace(), "up0")) {
      scan(terminal, SCANS, port);
      scanTagged(port);
      assertEquals(List.of(), master.frames(site.lab().gatewayNamespace(), Lab.MASTER_PORT));
      assertTrue(counted("fragment") > 0, site::counters);
    }
    // Where the gateway must find out the master's hardware address, its own questions cross.
    learnTheMaster();
    listSixth(terminal);
    try (Tcpdump master = Tcpdump.on(site.lab().masterNamespace(), LabTerminal.WIRE);
        Tcpdump port = Tcpdump.leaving(site.lab().switchNamespace(), "up0")) {
      LabSite.ip(terminal.namespace(), "neighbour flush nud permanent");
      LabSite.ip(terminal.namespace(), "neighbour flush all");
      scan(terminal, SCANS.subList(0, 3), port);
      scan(terminal, List.of("-6 -sn" + MASTER6), port);
      assertAreTheGatewaysOwn(master.frames(site.lab().gatewayNamespace(), Lab.MASTER_PORT));
    }
  }

  private static void scan(LabTerminal terminal, List<String> scans, Tcpdump port)
      throws Exception {
    for (String options : scans) {
      int before = arrived(port).size();
      String said = nmap(terminal, options);
      List<String> all = arrived(port);
      List<String> came = all.subList(before, all.size());
      System.out.println("nmap " + options + ": " + came.size() + " frames to the gateway");
      assertFalse(came.isEmpty(), () -> "nmap " + options + " sent nothing: " + said);
      assertFalse(said.contains("open "), said);
    }
  }

  private static void scanTagged(Tcpdump port) throws Exception {
    LabTerminal terminal = site.terminal(2);
    try (VlanWire wire = new VlanWire(terminal, 7)) {
      LabSite.knowMaster(terminal, VlanWire.STATION);
      scan(terminal, TAGGED_SCANS, port);
    }
    assertTrue(
        arrived(port).stream().anyMatch(frame -> frame.contains("vlan 7")), "no tag was seen");
  }

  private static String nmap(LabTerminal terminal, String options) throws Exception {
    List<String> words = new ArrayList<>(List.of("nmap"));
    words.addAll(Arrays.asList((PACE + options).split(" ")));
    return Spawned.run(terminal.namespace(), words.toArray(String[]::new));
  }

  private static List<String> arrived(Tcpdump port) throws Exception {
    return port.frames(site.terminal(1).namespace(), LabTerminal.WIRE);
  }

  private static long counted(String reason) throws Exception {
    Pattern member = Pattern.compile("\"" + reason + "\":(\\d+)");
    Await.until(
        () -> member.matcher(site.counters()).find(), () -> reason + " in " + site.counters());
    Matcher found = member.matcher(site.counters());
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  private static void learnTheMaster() throws Exception {
    int mark = site.events().mark();
    site.configure(
        "terminal.auth.cfg",
        site.configuration("terminal.auth.cfg").replace("=" + Lab.MASTER_HARDWARE_ADDRESS, ""));
    site.events().await(mark, "settings-reloaded", Map.of());
  }

  /// Lists the terminal's IPv6 address too: only who is listed makes the gateway ask.
  private static void listSixth(LabTerminal terminal) throws Exception {
    int mark = site.events().mark();
    String entry =
        "[sixth]\nsubject = CN=sixth\naddress = %s\nport = %s\nmasters = %s\n"
            .formatted(terminal.address6(), Lab.TERMINAL_PORT, Lab.MASTER_ADDRESS6);
    site.configure("terminals.ini", site.configuration("terminals.ini") + entry);
    site.events().await(mark, "registry-reloaded", Map.of());
  }

  /// ARP probes and duplicate address detection for the master's addresses, from the port's own
  /// hardware address: nothing that a terminal has written is in them.
  private static void assertAreTheGatewaysOwn(List<String> frames) throws Exception {
    String own =
        Spawned.run(
            site.lab().gatewayNamespace(), "cat", "/sys/class/net/" + Lab.MASTER_PORT + "/address");
    String arp = "who-has " + Lab.MASTER_ADDRESS + " (ff:ff:ff:ff:ff:ff) tell 0.0.0.0";
    String arpToNobody = "who-has " + Lab.MASTER_ADDRESS + " tell 0.0.0.0";
    String solicitation = "neighbor solicitation, who has " + Lab.MASTER_ADDRESS6;
    Map<String, Integer> kinds = new TreeMap<>();
    for (String frame : frames) {
      String kind =
          frame.contains(arp) || frame.contains(arpToNobody)
              ? "ARP probe"
              : frame.contains(solicitation) ? "duplicate address detection" : "foreign: " + frame;
      kinds.merge(frame.contains(" " + own + " > ") ? kind : "foreign: " + frame, 1, Integer::sum);
    }
    System.out.println("the gateway's own frames on the master's side: " + kinds);
    assertEquals(List.of("ARP probe", "duplicate address detection"), List.copyOf(kinds.keySet()));
  }
}
