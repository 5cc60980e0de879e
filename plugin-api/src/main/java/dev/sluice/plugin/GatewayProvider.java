package dev.sluice.plugin;

import org.osgi.annotation.versioning.ProviderType;

/// How the runtime is found by [Gateway#create]; not for bundles.
@ProviderType
public interface GatewayProvider {
  /// A new gateway with nothing opened.
  Gateway create();
}
