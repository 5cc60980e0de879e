package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Device;
import java.util.Optional;

/// A port that does nothing.
final class AuthPort implements Device {
  private final String name;
  private final int index;

  AuthPort(String name, int index) {
    this.name = name;
    this.index = index;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int index() {
    return index;
  }

  @Override
  public Optional<Device> peer() {
    return Optional.empty();
  }

  @Override
  public long hardwareAddress() {
    return 0;
  }

  @Override
  public int mtu() {
    return 1500;
  }

  @Override
  public boolean isUp() {
    return true;
  }
}
