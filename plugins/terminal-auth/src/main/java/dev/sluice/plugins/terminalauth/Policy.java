package dev.sluice.plugins.terminalauth;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything that decides who is in, as one immutable object that is replaced whole.
///
/// @param sources one for each terminal of the registry
record Policy(AdmissionSettings settings, Material material, AddressTable<Source> sources) {

  /// A policy after a change, with the sources of the one before for the addresses that stay.
  static Policy of(
      AdmissionSettings settings,
      Material material,
      AdmissionState state,
      @Nullable Policy before) {
    state.growTo(material.registry().byAddress().size());
    Map<IpAddress, Source> sources = new HashMap<>();
    material
        .registry()
        .byAddress()
        .forEach((address, terminal) -> {
          Source known = before == null ? null : before.sources.find(address.high(), address.low());
          Source source = known == null ? new Source(terminal, state) : known;
          source.list(terminal);
          sources.put(address, source);
        });
    return new Policy(settings, material, new AddressTable<>(sources));
  }

  @Nullable Source source(IpAddress address) {
    return sources.find(address.high(), address.low());
  }
}
