package dev.sluice.plugins.terminalauth;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything that decides who is in, as one immutable object that is replaced whole.
///
/// @param sources one for each terminal of the registry
record Policy(AdmissionSettings settings, Material material, AddressTable<Source> sources) {

  /// The first policy of a version. The digests, as many as terminals, are made before the lock is
  /// taken: their code has just been loaded, and others wait for the lock.
  ///
  /// @return null if another thread has been under the lock for too long
  static @Nullable Policy first(
      AdmissionSettings settings, Material material, AdmissionState state) {
    List<Source.Entry> entries =
        material.registry().byAddress().values().stream().map(Source.Entry::new).toList();
    if (!state.lockIfNotStuck()) {
      return null;
    }
    try {
      state.growTo(entries.size());
      Map<IpAddress, Source> sources = new HashMap<>();
      entries.forEach(entry -> sources.put(entry.terminal().address(), new Source(entry, state)));
      return new Policy(settings, material, new AddressTable<>(sources));
    } finally {
      state.unlock();
    }
  }

  /// A policy after a change, with the sources of the one before for the addresses that stay.
  static Policy of(
      AdmissionSettings settings, Material material, AdmissionState state, Policy before) {
    state.growTo(material.registry().byAddress().size());
    Map<IpAddress, Source> sources = new HashMap<>();
    material
        .registry()
        .byAddress()
        .forEach((address, terminal) -> {
          Source known = before.sources.find(address.high(), address.low());
          Source source = known == null ? new Source(new Source.Entry(terminal), state) : known;
          source.list(terminal);
          sources.put(address, source);
        });
    return new Policy(settings, material, new AddressTable<>(sources));
  }

  @Nullable Source source(IpAddress address) {
    return sources.find(address.high(), address.low());
  }
}
