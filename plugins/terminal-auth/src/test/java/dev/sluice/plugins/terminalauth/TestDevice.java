package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Device;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A port that exists in a test alone.
final class TestDevice implements Device {
  private final String name;
  private final int index;
  private final long hardwareAddress;
  private @Nullable TestDevice peer;

  TestDevice(String name, int index, long hardwareAddress) {
    this.name = name;
    this.index = index;
    this.hardwareAddress = hardwareAddress;
  }

  static void pair(TestDevice one, TestDevice other) {
    one.peer = other;
    other.peer = one;
  }

  TestDevice other() {
    TestDevice other = peer;
    if (other == null) {
      throw new IllegalStateException(name + " has no peer");
    }
    return other;
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
    return Optional.ofNullable(peer);
  }

  @Override
  public long hardwareAddress() {
    return hardwareAddress;
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
