package dev.sluice.runtime.embed;

import dev.sluice.plugin.Gateway;
import dev.sluice.plugin.GatewayProvider;

/// How `Gateway.create()` finds the runtime.
public final class EmbeddedGatewayProvider implements GatewayProvider {
  @Override
  public Gateway create() {
    return new EmbeddedGateway();
  }
}
