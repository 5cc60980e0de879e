package dev.sluice.plugin;

import java.util.Optional;

/// A device that is a name alone, for tests. The tests of other modules may use it.
public final class NamedDevice implements Device {
  private final String name;
  private final int index;

  /// A device without peer.
  public NamedDevice(String name, int index) {
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

  @Override
  public String toString() {
    return name;
  }
}
