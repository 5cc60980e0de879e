package dev.sluice.plugins.rulefirewall;

import dev.sluice.plugin.FramePacket;
import dev.sluice.plugin.NamedDevice;
import dev.sluice.plugin.SettingsException;
import dev.sluice.wire.Frames;
import java.util.LinkedHashMap;
import java.util.Map;

/// A firewall with the rules of a test, numbered in their order, and what it says of frames that
/// come in by `eth1`.
final class Firewall {
  static final String PASS = "pass";
  static final String DEFAULT = "drop rule-firewall-default";
  static final String RULE = "drop rule-firewall-rule";

  final HitReport report = new HitReport((severity, event, fields) -> {});
  final RuleFirewall handler;

  Firewall(Map<String, Object> properties) throws SettingsException {
    handler = new RuleFirewall(report, properties);
  }

  /// With `default = drop`.
  static Firewall of(String... rules) {
    try {
      return new Firewall(numbered(rules));
    } catch (SettingsException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static Map<String, Object> numbered(String... rules) {
    Map<String, Object> properties = new LinkedHashMap<>();
    for (int i = 0; i < rules.length; i++) {
      properties.put("rule." + (i + 1), rules[i]);
    }
    return properties;
  }

  String judge(Frames frame) {
    return judge(frame.bytes());
  }

  String judge(byte[] frame) {
    return judge(frame, new NamedDevice("eth1", 0));
  }

  String judge(byte[] frame, NamedDevice ingress) {
    return handler.receive(new FramePacket(frame, ingress, new NamedDevice("out", 9))).toString();
  }
}
