package dev.sluice.plugins.rulefirewall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.SettingsException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RuleLineTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "pass any",
        "drop   any",
        "drop tcp from 10.0.0.0/8 to any port 22",
        "pass tcp in eth1 vlan 100.10 from 10.0.0.1 port 1-65535 to fd/0",
        "pass 47 from any to 10.0.0.1",
        "pass ethertype 0x88b8 in eth1 name goose",
        "pass udp from any port 0 to any port 65535",
        "drop ipv6 from fd00::/8 to ::/0",
        "drop icmpv6 vlan none",
        "drop arp vlan 0",
        "pass 255"
      })
  void goodLinesAreTaken(String line) throws SettingsException {
    String good = line.replace("fd/0", "0.0.0.0/0");
    assertEquals(good, RuleLine.parse("f", "rule.1", good).text());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                   | rule.1 =            | has nothing behind it",
        "accept tcp                           | accept              | is no action",
        "PASS tcp                             | PASS                | is no action",
        "pass                                 | pass                | has nothing behind it",
        "pass tpc                             | tpc                 | is no protocol",
        "pass 256                             | 256                 | is no protocol",
        "pass -1                              | -1                  | is no protocol",
        "pass ethertype                       | ethertype           | has nothing behind it",
        "pass ethertype 88b8                  | 88b8                | is no EtherType",
        "pass ethertype 0x05ff                | 0x05ff              | is no EtherType",
        "pass ethertype 0x10000               | 0x10000             | is no EtherType",
        "pass tcp in                          | in                  | has nothing behind it",
        "pass tcp in packet:eth1              | packet:eth1         | is no port",
        "pass tcp vlan                        | vlan                | has nothing behind it",
        "pass tcp vlan 4095                   | 4095                | is no VLAN",
        "pass tcp vlan 10.4095                | 10.4095             | is no VLAN",
        "pass tcp vlan 1.2.3                  | 1.2.3               | is no VLAN",
        "pass tcp vlan any                    | any                 | is no VLAN",
        "pass tcp from                        | from                | has nothing behind it",
        "pass tcp from 10.0.0                 | 10.0.0              | is no address",
        "pass tcp from 10.0.0.256             | 10.0.0.256          | is no address",
        "pass tcp from 10.0.0.010             | 10.0.0.010          | is no address",
        "pass tcp from 10.0.0.1.1             | 10.0.0.1.1          | is no address",
        "pass tcp from host1                  | host1               | is no address",
        "pass tcp from fd00:::1               | fd00:::1            | is no address",
        "pass tcp from fe80::1%eth0           | fe80::1%eth0        | is no address",
        "pass tcp from [fd00::1]              | [fd00::1]           | is no address",
        "pass tcp from ::ffff:10.0.0.1        | ::ffff:10.0.0.1     | is no address",
        "pass tcp from 10.0.0.0/33            | 10.0.0.0/33         | prefix length of 0..32",
        "pass tcp from 10.0.0.0/              | 10.0.0.0/           | prefix length of 0..32",
        "pass tcp from 10.0.0.0/08            | 10.0.0.0/08         | prefix length of 0..32",
        "pass tcp from 10.0.0.0/255.0.0.0     | 10.0.0.0/255.0.0.0  | prefix length of 0..32",
        "pass tcp from fd00::/129             | fd00::/129          | prefix length of 0..128",
        "pass tcp from 10.0.0.1/24            | 10.0.0.1/24         | has ones behind its prefix",
        "pass tcp from fd00::1/64             | fd00::1/64          | has ones behind its prefix",
        "pass tcp from 0.0.0.1/0              | 0.0.0.1/0           | has ones behind its prefix",
        "pass tcp from 10.0.0.1 to fd00::1    | fd00::1             | of IPv4 and of IPv6",
        "pass ipv6 from 10.0.0.1              | 10.0.0.1            | that its protocol does not have",
        "pass icmp to fd00::1                 | fd00::1             | that its protocol does not have",
        "pass arp from 10.0.0.1               | 10.0.0.1            | that its protocol does not have",
        "pass any to any port 22              | to ... port         | needs a protocol with ports",
        "pass icmp from any port 22           | from ... port       | needs a protocol with ports",
        "pass tcp to any port                 | port                | has nothing behind it",
        "pass tcp to any port ssh             | ssh                 | is no port range",
        "pass tcp to any port 65536           | 65536               | is no port range",
        "pass tcp to any port 20-10           | 20-10               | is no port range",
        "pass tcp to any port 1-              | 1-                  | is no port range",
        "pass tcp to any port 1-2-3           | 1-2-3               | is no port range",
        "pass tcp port 22                     | port                | is not understood here",
        "pass tcp to any from any             | from                | is not understood here",
        "pass tcp from any from any           | from                | is not understood here",
        "pass tcp name                        | name                | has nothing behind it",
        "pass tcp name Block                  | Block               | is no name",
        "pass tcp name a--b                   | a--b                | is no name",
        "pass tcp name default                | default             | is no name",
        "pass tcp name rule                   | rule                | is no name",
        "pass tcp name a b                    | b                   | is not understood here"
      })
  void badLinesAreNamedInOneSentence(String line, String word, String flaw) {
    SettingsException refused =
        assertThrows(
            SettingsException.class, () -> RuleLine.parse("rule.firewall.cfg", "rule.1", line));
    String said = String.valueOf(refused.getMessage());
    assertTrue(said.startsWith("rule.firewall.cfg: rule.1 = " + line), said);
    assertTrue(said.contains(word + "\" "), said);
    assertTrue(said.contains(flaw), said);
    assertTrue(said.contains(": allowed: "), said);
    assertEquals(1, said.lines().count());
  }

  @Test
  void lineThatIsTooLongIsNotRepeated() {
    String said = refusal(Map.of("rule.1", "pass tcp name " + "a".repeat(600)));
    assertEquals("rule.firewall: rule.1 has 614 characters: allowed: 512 at most", said);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"rule.", "rule.0", "rule.01", "rule.65536", "rule.-1", "rule.a", "rule.1.1"})
  void keysOfRulesAreNumbers(String key) {
    assertTrue(refusal(Map.of(key, "pass any")).contains("is no rule's number: allowed: 1..65535"));
  }

  @ParameterizedTest
  @CsvSource({"defualt,pass", "rules,any", "Rule.1,pass any", "rule,pass any"})
  void unknownKeysAreRefused(String key, String value) {
    assertEquals(
        "rule.firewall: %s = %s: unknown key; known keys: default, rule.NUMBER"
            .formatted(key, value),
        refusal(Map.of(key, value)));
  }

  @Test
  void defaultIsPassOrDrop() {
    assertEquals(
        "rule.firewall: default = allow: allowed: one of pass, drop",
        refusal(Map.of("default", "allow")));
  }

  @Test
  void rulesAreBounded() throws SettingsException {
    Map<String, Object> most = new LinkedHashMap<>();
    for (int i = 1; i <= RuleFile.MOST_RULES; i++) {
      most.put("rule." + i, "pass any");
    }
    assertEquals(RuleFile.MOST_RULES, RuleFile.read("p", most).rules().size());
    most.put("rule.5000", "pass any");
    assertEquals("rule.firewall: 4097 rules: allowed: 4096 at most", refusal(most));
  }

  @Test
  void namesThatBecomeDropReasonsAreBounded() {
    Map<String, Object> named = new LinkedHashMap<>();
    for (int i = 1; i <= 300; i++) {
      named.put("rule." + i, "pass any name p" + i);
    }
    for (int i = 301; i <= 301 + RuleFile.MOST_DROP_NAMES; i++) {
      named.put("rule." + i, "drop any name d" + i);
    }
    assertTrue(refusal(named).contains("allowed: 256 different names of rules that drop"));
  }

  @Test
  void propertiesThatOsgiAddsAreNoSettings() throws SettingsException {
    Map<String, Object> properties =
        Map.of(
            "service.pid", "rule.firewall",
            "felix.fileinstall.filename", "file:/etc/rule.firewall.cfg",
            "component.id", 7L,
            "rule.3", "drop any");
    assertEquals(1, RuleFile.read("p", properties).rules().size());
  }

  @Test
  void fileThatIsFlawedAsAWholeIsRefused() {
    assertEquals("set twice", refusal(Map.of("sluice.flaw", "set twice", "rule.1", "pass any")));
  }

  private static String refusal(Map<String, Object> properties) {
    SettingsException refused =
        assertThrows(SettingsException.class, () -> new Firewall(properties));
    return String.valueOf(refused.getMessage());
  }
}
