package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.FrameDevice;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.MemoryDevice;
import dev.sluice.kernel.PcapDevice;
import dev.sluice.kernel.PortChecks;
import dev.sluice.kernel.XdpSupport;
import java.util.ArrayList;
import java.util.List;

/// Opens devices by name: `backend:name`, or a network interface alone.
///
/// `xdp:eth1`, `xdp:eth1@2` and `packet:eth1` take that back-end or refuse; `eth1` alone takes the
/// best that works; `pcap:IN`, `pcap:IN,OUT` and `pcap:,OUT` replay and write files at full speed,
/// `pcap-timed:` at recorded times; `memory:NAME` is a wire within the process.
public final class Backends {
  private Backends() {}

  /// Hears what a port was opened by.
  @FunctionalInterface
  public interface Listener {
    /// Called once for each port.
    ///
    /// @param reason why by that back-end, or empty where there was nothing to choose
    /// @param surprise whether the choice had to be changed when the port was opened
    void opened(FrameDevice device, String reason, boolean surprise);
  }

  /// Chooses the back-ends of all ports of a pool; interfaces are tried for it, and are as before
  /// afterwards.
  ///
  /// @throws KernelException with a sentence for the operator that begins with the port's name
  public static List<PortChoice> choose(List<String> names, DeviceSettings settings)
      throws KernelException {
    return PortChooser.choose(names, settings, PortKernel.REAL);
  }

  /// What the names of these interfaces alone would be opened by, as the ports of one gateway.
  public static List<PortChoice> chooseAmong(List<XdpSupport> interfaces, DeviceSettings settings) {
    return PortChooser.choose(interfaces, settings);
  }

  /// Opens all ports of a pool; they do not receive yet.
  ///
  /// @throws KernelException with a sentence for the operator; nothing is left open then
  public static List<FrameDevice> open(List<String> names, DeviceSettings settings, FramePool pool)
      throws KernelException {
    return open(choose(names, settings), settings, pool, (_, _, _) -> {});
  }

  /// Opens all ports of a pool as chosen; they do not receive yet.
  ///
  /// @throws KernelException with a sentence for the operator; nothing is left open then
  public static List<FrameDevice> open(
      List<PortChoice> choices, DeviceSettings settings, FramePool pool, Listener listener)
      throws KernelException {
    return open(choices, settings, pool, listener, PortKernel.REAL);
  }

  static List<FrameDevice> open(
      List<PortChoice> choices,
      DeviceSettings settings,
      FramePool pool,
      Listener listener,
      PortKernel kernel)
      throws KernelException {
    List<FrameDevice> devices = new ArrayList<>();
    try {
      for (PortChoice choice : choices) {
        try {
          devices.add(open(choice, settings, pool, listener, kernel));
        } catch (KernelException e) {
          throw PortAddress.about(choice.asked(), e);
        }
      }
      return List.copyOf(devices);
    } catch (KernelException e) {
      devices.forEach(FrameDevice::close);
      throw e;
    }
  }

  /// Opens one device by itself, with the standard settings; it does not receive yet. Ports that
  /// share a pool are better opened together: whether frames are copied is settled by the first
  /// `xdp:` port.
  ///
  /// @throws KernelException with a sentence for the operator
  public static FrameDevice open(String name, FramePool pool) throws KernelException {
    return open(List.of(name), DeviceSettings.STANDARD, pool).getFirst();
  }

  private static FrameDevice open(
      PortChoice choice,
      DeviceSettings settings,
      FramePool pool,
      Listener listener,
      PortKernel kernel)
      throws KernelException {
    if (!choice.isXdp()) {
      FrameDevice device = openOther(choice, settings, pool, kernel);
      listener.opened(device, choice.reason(), false);
      return device;
    }
    try {
      FrameDevice device = kernel.xdp(choice.rest(), choice.xdp(), pool);
      listener.opened(device, choice.reason(), false);
      return device;
    } catch (KernelException e) {
      if (!choice.fallsBack()) {
        throw e;
      }
      FrameDevice device = kernel.packet(choice.rest(), settings.packet(), pool);
      listener.opened(device, "XDP was chosen, but: " + e.getMessage(), true);
      return device;
    }
  }

  private static FrameDevice openOther(
      PortChoice choice, DeviceSettings settings, FramePool pool, PortKernel kernel)
      throws KernelException {
    return switch (choice.backend()) {
      case PortChoice.PACKET -> kernel.packet(choice.rest(), settings.packet(), pool);
      case "pcap" -> PcapDevice.open(choice.rest(), PcapDevice.Pace.FULL_SPEED, pool);
      case "pcap-timed" -> PcapDevice.open(choice.rest(), PcapDevice.Pace.RECORDED, pool);
      default -> MemoryDevice.open(choice.rest(), pool);
    };
  }

  /// Checks what makes a pair of ports unfit to be one wire.
  ///
  /// @throws KernelException if a frame that came in by one port would not fit the other
  public static void checkPairs(List<Port> ports) throws KernelException {
    for (int i = 0; i + 1 < ports.size(); i += 2) {
      PortChecks.requireEqualMtu(ports.get(i).device(), ports.get(i + 1).device());
    }
  }
}
