package dev.sluice.plugins.rulefirewall;

import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What `config/rule.firewall.cfg` says.
///
/// @param rules in the order of their numbers
/// @param defaultPasses what becomes of a frame that no rule matches
record RuleFile(List<Rule> rules, boolean defaultPasses) {
  static final int MOST_RULES = 4096;

  /// Each is a drop reason, of which a process has not many.
  static final int MOST_DROP_NAMES = 256;

  private static final int MOST_NUMBER = 65_535;
  private static final String PREFIX = "rule.";
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,4}");

  /// What a frame meets that no rule matches.
  private enum Action {
    PASS,
    DROP
  }

  RuleFile {
    rules = List.copyOf(rules);
  }

  /// Reads the component's properties.
  ///
  /// @throws SettingsException with a sentence for the first mistake
  static RuleFile read(String pid, Map<String, ?> properties) throws SettingsException {
    Map<String, Object> others = new HashMap<>(properties);
    Map<String, Object> lines = new HashMap<>(properties);
    others.keySet().removeIf(key -> key.startsWith(PREFIX));
    lines.keySet().removeIf(key -> !key.startsWith(PREFIX));
    Settings settings = Settings.ofComponent(pid, others);
    boolean passes = settings.choice("default", Action.class, Action.DROP) == Action.PASS;
    // For the sentence about an unknown key, which lists the known ones.
    settings.has(PREFIX + "NUMBER");
    settings.refuseUnknown();
    return new RuleFile(rules(settings.source(), lines), passes);
  }

  private static List<Rule> rules(String source, Map<String, Object> lines)
      throws SettingsException {
    if (lines.size() > MOST_RULES) {
      throw new SettingsException(
          "%s: %d rules: allowed: %d at most".formatted(source, lines.size(), MOST_RULES));
    }
    Map<Integer, String> texts = new TreeMap<>();
    for (Map.Entry<String, Object> line : lines.entrySet()) {
      texts.put(number(source, line.getKey()), String.valueOf(line.getValue()));
    }
    List<Rule> rules = new ArrayList<>();
    Set<String> dropNames = new HashSet<>();
    for (Map.Entry<Integer, String> text : texts.entrySet()) {
      Rule rule = RuleLine.parse(source, PREFIX + text.getKey(), text.getValue());
      rules.add(rule);
      if (!rule.passes() && dropNames.add(rule.name()) && dropNames.size() > MOST_DROP_NAMES) {
        throw new SettingsException(
            "%s: %s has the name %s: allowed: %d different names of rules that drop"
                .formatted(source, rule.key(), rule.name(), MOST_DROP_NAMES));
      }
    }
    return rules;
  }

  private static int number(String source, String key) throws SettingsException {
    String digits = key.substring(PREFIX.length());
    if (NUMBER.matcher(digits).matches() && Integer.parseInt(digits) <= MOST_NUMBER) {
      return Integer.parseInt(digits);
    }
    throw new SettingsException(
        "%s: %s: \"%s\" is no rule's number: allowed: 1..%d without leading zeros"
            .formatted(source, key, digits, MOST_NUMBER));
  }
}
