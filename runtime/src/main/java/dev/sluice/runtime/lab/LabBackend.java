package dev.sluice.runtime.lab;

import java.util.Locale;

/// What a lab's gateway opens its ports by.
public enum LabBackend {
  /// What works best, as a plain name says.
  BEST(""),
  XDP("xdp:"),
  PACKET("packet:");

  private final String prefix;

  LabBackend(String prefix) {
    this.prefix = prefix;
  }

  /// A port as the gateway's settings name it.
  public String port(String interfaceName) {
    return prefix + interfaceName;
  }

  /// As it is written on a command line.
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
