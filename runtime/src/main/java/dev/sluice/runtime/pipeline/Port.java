package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.FrameBatch;
import dev.sluice.kernel.FrameDevice;
import dev.sluice.kernel.LinkState;
import dev.sluice.plugin.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A device of the pipeline: what handlers see as [Device], over what the kernel bridge opened.
public final class Port implements Device {
  /// Frames a turn may bring in or have waiting: enough for the largest batch that can be set.
  private static final int BATCH = 1024;

  /// Frames that may wait for the device to take them.
  static final int MOST_OUTGOING = 4 * BATCH;

  private final String name;
  private final int index;
  private final FrameDevice device;
  private final FrameBatch received;
  private final FrameBatch outgoing;

  /// Every port of the pipeline by index; set once, before any thread starts.
  private List<Port> siblings = List.of();

  private @Nullable Port peer;

  /// @param index its place among the pipeline's ports
  public Port(int index, FrameDevice device) {
    this.index = index;
    this.device = device;
    this.name = device.name().substring(device.name().indexOf(':') + 1);
    this.received = new FrameBatch(BATCH);
    this.outgoing = new FrameBatch(MOST_OUTGOING);
  }

  /// Ports over these devices in their order, paired.
  public static List<Port> over(List<FrameDevice> devices) {
    List<Port> ports = new ArrayList<>();
    devices.forEach(device -> ports.add(new Port(ports.size(), device)));
    pair(ports);
    return List.copyOf(ports);
  }

  /// Pairs ports in their order: 0 with 1, 2 with 3. A last one without a partner has no peer.
  public static void pair(List<Port> ports) {
    for (Port port : ports) {
      int other = port.index ^ 1;
      port.peer = other < ports.size() ? ports.get(other) : null;
      port.siblings = List.copyOf(ports);
    }
  }

  /// What the kernel bridge opened.
  public FrameDevice device() {
    return device;
  }

  FrameBatch received() {
    return received;
  }

  /// What the device has not taken yet; for the SendThread alone.
  FrameBatch outgoing() {
    return outgoing;
  }

  @Nullable Port otherSide() {
    return peer;
  }

  /// The port behind a device that a handler names.
  ///
  /// @throws IllegalArgumentException if it is not one of this pipeline's
  Port sibling(Device wanted) {
    int at = wanted.index();
    if (at < 0 || siblings.size() <= at || siblings.get(at) != wanted) {
      throw new IllegalArgumentException("device " + wanted.name() + ": not of this gateway");
    }
    return siblings.get(at);
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
    return device.hardwareAddress();
  }

  @Override
  public int mtu() {
    return device.mtu();
  }

  @Override
  public boolean isUp() {
    return device.link() == LinkState.UP;
  }

  @Override
  public String toString() {
    return device.name();
  }
}
