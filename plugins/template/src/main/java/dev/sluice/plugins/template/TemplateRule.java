package dev.sluice.plugins.template;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.HandlerStage;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;
import dev.sluice.plugin.Stage;
import dev.sluice.plugin.Verdict;
import dev.sluice.wire.Udp;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ServiceScope;

/// Drops UDP datagrams to the ports that `config/template.cfg` lists. All else passes on to the
/// next bundle of the chain.
@Component(
    service = PacketHandler.class,
    scope = ServiceScope.PROTOTYPE, // one instance for each WorkThread, so fields need no lock
    configurationPid = "template")
@HandlerStage(stage = Stage.SANITY, order = 500)
public final class TemplateRule implements PacketHandler {
  private static final DropReason BLOCKED = DropReason.of("template-blocked");
  private static final List<String> TFTP = List.of("69");

  private final BitSet blocked = new BitSet(1 << 16);

  /// Reads the settings. If it throws, the gateway goes on with the instances it has.
  @Activate
  public TemplateRule(Map<String, Object> properties) throws SettingsException {
    Settings settings = Settings.ofComponent("template", properties);
    for (String port : settings.has("ports") ? settings.list("ports") : TFTP) {
      if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
        throw settings.wrong("ports", port, "UDP ports, 0..65535, parted by commas");
      }
      blocked.set(Integer.parseInt(port));
    }
    settings.refuseUnknown();
  }

  /// Judges one packet, on the packet path: no allocation, lock, log or wait in here.
  @Override
  public Verdict receive(Packet packet) {
    if (packet.transportProtocol() != Udp.PROTOCOL) {
      return Verdict.PASS;
    }
    // The gateway has checked that a whole UDP header is there.
    int port = Udp.destPort(packet.memory(), packet.transportAt());
    return blocked.get(port) ? Verdict.drop(BLOCKED) : Verdict.PASS;
  }
}
