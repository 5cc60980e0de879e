package dev.sluice.plugins.rulefirewall;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.HandlerStage;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.SettingsException;
import dev.sluice.plugin.Stage;
import dev.sluice.plugin.Verdict;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ServiceScope;

/// Applies the operator's rules: the first one that matches a frame says whether it passes.
///
/// What no rule matches is dropped, unless the operator has chosen otherwise (`default = pass`); so
/// without settings nothing passes at all. Rules look at each frame alone: connections are followed
/// by terminal-auth, which stands before. It stands before iec104-guard, so that the guard sees
/// only segments that the station will see too.
///
/// Settings, in `config/rule.firewall.cfg`: `docs/rule-firewall.md`.
@Component(
    service = PacketHandler.class,
    scope = ServiceScope.PROTOTYPE,
    configurationPid = RuleFirewall.PID)
@HandlerStage(stage = Stage.FILTER, order = 300)
public final class RuleFirewall implements PacketHandler {
  static final String PID = "rule.firewall";

  private static final String REASON = "rule-firewall-";
  private static final DropReason BY_DEFAULT = DropReason.of(REASON + "default");
  private static final DropReason UNNAMED = DropReason.of(REASON + "rule");

  private final RuleTable table;

  /// For each rule, and behind them for what no rule matches.
  private final Verdict[] verdicts;

  private final RuleHits hits;
  private final HitReport report;

  /// @throws SettingsException if a setting is wrong, with a sentence that names it
  @Activate
  public RuleFirewall(@Reference HitReport report, Map<String, Object> properties)
      throws SettingsException {
    RuleFile file = RuleFile.read(PID, properties);
    int count = file.rules().size();
    table = new RuleTable(file.rules());
    verdicts = new Verdict[count + 1];
    for (int i = 0; i < count; i++) {
      verdicts[i] = verdict(file.rules().get(i));
    }
    verdicts[count] = file.defaultPasses() ? Verdict.PASS : BY_DEFAULT.verdict();
    hits = new RuleHits(file.rules());
    this.report = report;
    report.add(hits);
  }

  private static Verdict verdict(Rule rule) {
    if (rule.passes()) {
      return Verdict.PASS;
    }
    return (rule.name().isEmpty() ? UNNAMED : DropReason.of(REASON + rule.name())).verdict();
  }

  @Override
  public Verdict receive(Packet packet) {
    int rule = table.match(packet);
    int place = rule == RuleTable.NONE ? verdicts.length - 1 : rule;
    hits.count(place);
    return verdicts[place];
  }

  @Override
  public void retire() {
    report.remove(hits);
  }
}
