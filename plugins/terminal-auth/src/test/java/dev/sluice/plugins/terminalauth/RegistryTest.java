package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.SettingsException;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryTest {
  private static final Set<String> PORTS = new TreeSet<>(List.of("eth1", "eth3"));
  private static final String GOOD =
      "[DTU-1]\nsubject=CN=DTU-1\naddress=10.0.0.11\nport=eth1\nmasters=10.0.0.1\n";

  @Test
  void wholeEntryIsRead() throws SettingsException {
    Registry registry =
        Registry.parse(
            "terminals.ini",
            """
            # a comment
            ; another
            [DTU-0001]
            fingerprint = AB:%s
            address     = 2001:db8::11
            port        = eth3
            vlan        = 100.10
            mac         = 02:00:5e:00:00:0A
            masters     = 2001:db8::1, 2001:db8::2
            tcp-ports   = 2404, 2405
            direction   = terminal-dials
            max-connections = 3
            """
                .formatted("00:".repeat(30) + "ff"),
            PORTS);
    Terminal terminal = registry.byAddress().get(IpAddress.parse("2001:db8::11"));
    assertEquals(
        new Terminal(
            "DTU-0001",
            new Terminal.CertificateRule("", "ab" + "00".repeat(30) + "ff"),
            IpAddress.parse("2001:db8::11"),
            "eth3",
            100 << 12 | 10,
            OptionalLong.of(0x02005e00000aL),
            List.of(IpAddress.parse("2001:db8::1"), IpAddress.parse("2001:db8::2")),
            List.of(2404, 2405),
            Terminal.Direction.TERMINAL_DIALS,
            3),
        terminal);
  }

  @Test
  void defaultsAreThoseOfIec104() throws SettingsException {
    Terminal terminal = Registry.parse("t", GOOD, PORTS).byAddress().values().iterator().next();
    assertEquals(List.of(2404), terminal.tcpPorts());
    assertEquals(Terminal.Direction.TERMINAL_LISTENS, terminal.direction());
    assertEquals(2, terminal.maxConnections());
    assertEquals(VlanKey.UNTAGGED, terminal.vlanKey());
    assertEquals(OptionalLong.empty(), terminal.hardwareAddress());
  }

  @Test
  void emptyRegistryListsNobody() throws SettingsException {
    assertTrue(Registry.parse("t", "# nobody yet\n", PORTS).byAddress().isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "subject=CN=DTU-1|-|neither subject nor fingerprint is set",
        "subject=CN=DTU-1|subject=CN|subject = CN: allowed: a name as CN=DTU-0001",
        "subject=CN=DTU-1|subject=XY=DTU|subject = XY=DTU: allowed: a name as CN=DTU-0001",
        "subject=CN=DTU-1|fingerprint=abcd|fingerprint = abcd: allowed: SHA-256",
        "port=eth1|port=eth1;fingerprint=00|both subject and fingerprint are set",
        "address=10.0.0.11|-|address is not set: give the terminal's IP address",
        "address=10.0.0.11|address=10.0.0|address = 10.0.0: allowed: an IPv4 or IPv6 address",
        "address=10.0.0.11|address=10.0.0.011|address = 10.0.0.011: allowed: an IPv4 or IPv6",
        "address=10.0.0.11|address=0x0a00000b|address = 0x0a00000b: allowed: an IPv4 or IPv6",
        "address=10.0.0.11|address=fe80::1%eth0|address = fe80::1%eth0: allowed: an IPv4 or",
        "address=10.0.0.11|address=[2001:db8::1]|address = [2001:db8::1]: allowed: an IPv4",
        "address=10.0.0.11|address=dtu.example|address = dtu.example: allowed: an IPv4 or",
        "address=10.0.0.11|address=0.0.0.0|allowed: the address of one host",
        "address=10.0.0.11|address=224.0.0.1|allowed: the address of one host",
        "address=10.0.0.11|address=255.255.255.255|allowed: the address of one host",
        "address=10.0.0.11|address=127.0.0.1|allowed: the address of one host",
        "address=10.0.0.11|address=ff02::1|allowed: the address of one host",
        "address=10.0.0.11|address=::|allowed: the address of one host",
        "address=10.0.0.11|address=::1|allowed: the address of one host",
        "port=eth1|-|port is not set: give the name of the device",
        "port=eth1|port=eth2|port = eth2: allowed: one of eth1, eth3",
        "port=eth1|port=eth1;vlan=0|vlan = 0: allowed: none, one VLAN as 10",
        "port=eth1|port=eth1;vlan=4095|vlan = 4095: allowed: none",
        "port=eth1|port=eth1;vlan=10.|vlan = 10.: allowed: none",
        "port=eth1|port=eth1;vlan=1.2.3|vlan = 1.2.3: allowed: none",
        "port=eth1|port=eth1;mac=02:00:00:00:00|mac = 02:00:00:00:00: allowed: an Ethernet",
        "port=eth1|port=eth1;mac=ff:ff:ff:ff:ff:ff|allowed: an Ethernet address of one station",
        "port=eth1|port=eth1;mac=01:00:5e:00:00:01|allowed: an Ethernet address of one station",
        "port=eth1|port=eth1;mac=00:00:00:00:00:00|allowed: an Ethernet address of one station",
        "masters=10.0.0.1|-|masters is not set: give the IP addresses",
        "masters=10.0.0.1|masters=,|masters = ,: allowed: 1..64 addresses",
        "masters=10.0.0.1|masters=10.0.0.1, x|masters = x: allowed: an IPv4 or IPv6 address",
        "port=eth1|port=eth1;tcp-ports=0|tcp-ports = 0: allowed: up to 16 port numbers",
        "port=eth1|port=eth1;tcp-ports=65536|tcp-ports = 65536: allowed: up to 16 port",
        "port=eth1|port=eth1;tcp-ports=-1|tcp-ports = -1: allowed: up to 16 port numbers",
        "port=eth1|port=eth1;tcp-ports=2404 2405|tcp-ports = 2404 2405: allowed: up to 16",
        "port=eth1|port=eth1;direction=both|direction = both: allowed: one of terminal-listens, ",
        "port=eth1|port=eth1;max-connections=0|max-connections = 0: allowed: 1..64",
        "port=eth1|port=eth1;max-connections=65|max-connections = 65: allowed: 1..64",
        "port=eth1|port=eth1;max-connections=two|max-connections = two: allowed: a whole number",
        "port=eth1|port=eth1;adress=10.0.0.1|adress = 10.0.0.1: unknown key; known keys: subject",
        "port=eth1|port=eth1;port=eth3|line 5: port=eth3: allowed: each key once in a section",
        "port=eth1|port|line 4: port: allowed: key = value, a [heading], or a comment",
        "port=eth1|=eth1|line 4: =eth1: allowed: key = value",
        "[DTU-1]|-|line 2: subject=CN=DTU-1: allowed: keys only below a [heading]",
        "[DTU-1]|[]|line 1: []: allowed: a heading as [terminal-id]",
        "[DTU-1]|[DTU-1|line 1: [DTU-1: allowed: a heading as [terminal-id]",
        "[DTU-1]|[DTU 1]|terminals.ini [DTU 1]: allowed: an id of 1..64 letters",
      })
  void wrongEntryIsRefusedWithASentence(String line, String instead, String sentence) {
    String changed = instead == null ? "" : instead.replace(';', '\n');
    String text = GOOD.replace(line + "\n", changed + "\n");
    refuses(text, sentence);
  }

  @Test
  void sameIdTwiceIsRefused() {
    refuses(GOOD + GOOD.replace(".11", ".12"), "line 6: [DTU-1]: allowed: each section once");
  }

  @Test
  void sameAddressTwiceIsRefused() {
    refuses(
        GOOD + GOOD.replace("[DTU-1]", "[DTU-2]"),
        "terminals.ini [DTU-2]: address = 10.0.0.11: allowed: one not used by [DTU-1]");
  }

  @Test
  void mappedAddressIsTheIpv4Address() {
    refuses(
        GOOD + GOOD.replace("[DTU-1]", "[DTU-2]").replace("10.0.0.11", "::ffff:10.0.0.11"),
        "allowed: one not used by [DTU-1]");
  }

  @Test
  void moreThanTenThousandTerminalsAreRefused() {
    refuses(listOf(10_001), "terminals.ini: 10001 terminals: allowed: 10000 at most");
  }

  @Test
  void tenThousandTerminalsAreRead() throws SettingsException {
    assertEquals(10_000, Registry.parse("t", listOf(10_000), PORTS).byAddress().size());
  }

  private static String listOf(int terminals) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < terminals; i++) {
      text.append(
          GOOD.replace("[DTU-1]", "[DTU-" + i + "]")
              .replace("10.0.0.11", "10.1." + i / 250 + "." + (1 + i % 250)));
    }
    return text.toString();
  }

  private static void refuses(String text, String sentence) {
    SettingsException e =
        assertThrows(SettingsException.class, () -> Registry.parse("terminals.ini", text, PORTS));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith("terminals.ini"), message);
    assertTrue(message.contains(sentence), message);
  }
}
