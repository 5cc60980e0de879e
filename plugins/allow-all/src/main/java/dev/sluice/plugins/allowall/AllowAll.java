package dev.sluice.plugins.allowall;

import dev.sluice.plugin.HandlerStage;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Stage;
import dev.sluice.plugin.Verdict;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ServiceScope;

/// Passes every packet, so that a chain exists: for trials and measurements. It authenticates
/// nobody; a gateway in service has no use for it.
@Component(service = PacketHandler.class, scope = ServiceScope.PROTOTYPE)
@HandlerStage(stage = Stage.OBSERVE, order = 1000)
public final class AllowAll implements PacketHandler {
  @Override
  public Verdict receive(Packet packet) {
    return Verdict.PASS;
  }
}
