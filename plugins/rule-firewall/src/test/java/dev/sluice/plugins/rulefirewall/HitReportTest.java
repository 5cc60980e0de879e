package dev.sluice.plugins.rulefirewall;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.FramePacket;
import dev.sluice.plugin.SettingsException;
import dev.sluice.wire.Frames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HitReportTest {
  private static final FramePacket TCP =
      new FramePacket(Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 22, 2));
  private static final FramePacket UDP =
      new FramePacket(Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1, 53));

  private final List<String> said = new ArrayList<>();
  private final EventLog log = (severity, event, fields) -> said.add(event + " " + fields);
  private final HitReport report = new HitReport(log);

  /// As a gateway holds the handlers of its chain.
  private final List<RuleFirewall> held = new ArrayList<>();

  private RuleFirewall firewall(String... rules) throws SettingsException {
    RuleFirewall made = new RuleFirewall(report, Firewall.numbered(rules));
    held.add(made);
    return made;
  }

  private String next() {
    said.clear();
    report.report();
    return String.join("; ", said);
  }

  @Test
  void instancesOfAllWorkThreadsAddUp() throws SettingsException {
    String[] rules = {"drop tcp name no-tcp", "pass arp"};
    RuleFirewall one = firewall(rules);
    RuleFirewall two = firewall(rules);
    one.receive(TCP);
    two.receive(TCP);
    two.receive(UDP);
    assertEquals("rule-hits {rule.1/no-tcp=2, default=1}", next());
  }

  @Test
  void onlyRulesThatWereHitSinceAreTold() throws SettingsException {
    RuleFirewall one = firewall("drop tcp", "pass udp");
    assertEquals("", next());
    one.receive(TCP);
    assertEquals("rule-hits {rule.1=1}", next());
    assertEquals("", next());
    one.receive(UDP);
    one.receive(TCP);
    assertEquals("rule-hits {rule.1=2, rule.2=1}", next());
  }

  @Test
  void totalsGoOnForLinesThatAChangeLeavesAsTheyAre() throws SettingsException {
    RuleFirewall before = firewall("drop tcp", "pass udp");
    before.receive(TCP);
    before.receive(UDP);
    RuleFirewall after = firewall("drop tcp", "drop udp");
    before.retire();
    after.receive(TCP);
    after.receive(UDP);
    assertEquals("rule-hits {rule.1=2, rule.2=1}", next());
  }

  @Test
  void lastInstanceIsStillTold() throws SettingsException {
    RuleFirewall one = firewall("drop tcp");
    one.receive(TCP);
    report.deactivate();
    assertEquals(List.of("rule-hits {rule.1=1}"), said);
  }

  @Test
  void manyRulesMakeSeveralEvents() throws SettingsException {
    Map<String, Object> rules = new LinkedHashMap<>();
    for (int i = 1; i <= 600; i++) {
      rules.put("rule." + i, "drop tcp to any port " + i);
    }
    RuleFirewall one = new RuleFirewall(report, rules);
    held.add(one);
    for (int i = 1; i <= 600; i++) {
      Frames frame = Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").tcp(9, i, 2);
      one.receive(new FramePacket(frame));
    }
    next();
    assertEquals(3, said.size());
  }
}
