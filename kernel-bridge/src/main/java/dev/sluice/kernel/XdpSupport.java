package dev.sluice.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What an interface and this kernel can do for AF_XDP, found out by trying: what `sluice probe`
/// shows, and what the choice of a back-end rests on.
///
/// @param interfaceName as asked
/// @param driver as `ETHTOOL_GDRVINFO` names it, or an empty text
/// @param driverVersion the same call's, or an empty text
/// @param receiveQueues queues frames arrive by
/// @param transmitQueues queues frames leave by
/// @param mtu largest network-layer packet, in bytes
/// @param mostMtu largest MTU that a port may have
/// @param nativeXdp whether the driver runs XDP programs
/// @param genericXdp whether the kernel runs them behind the driver
/// @param zeroCopy whether the driver's rings can share the pool
/// @param offloads names of the interface's active features that a port switches off
/// @param hugePages free huge pages of 2 MiB
/// @param refusals why each thing that does not work does not, one sentence each
public record XdpSupport(
    String interfaceName,
    String driver,
    String driverVersion,
    int receiveQueues,
    int transmitQueues,
    int mtu,
    int mostMtu,
    boolean nativeXdp,
    boolean genericXdp,
    boolean zeroCopy,
    List<String> offloads,
    long hugePages,
    List<String> refusals) {
  public XdpSupport {
    offloads = List.copyOf(offloads);
    refusals = List.copyOf(refusals);
  }

  /// Finds out, in the network namespace of this thread. The interface is as before afterwards;
  /// frames that arrive meanwhile may be lost to the host. Where another gateway has the interface
  /// as a port nothing is tried.
  ///
  /// @throws KernelException if there is no such interface
  public static XdpSupport of(String interfaceName) throws KernelException {
    return of(interfaceName, XdpTrial.Extent.ALL);
  }

  /// As [#of], as far as the choice of a back-end needs it: where the driver runs XDP programs, the
  /// kernel is taken to run them behind it too.
  ///
  /// @param given whether the back-end is AF_XDP whatever is found: that its sockets work at all is
  ///   taken for granted then
  public static XdpSupport forPort(String interfaceName, boolean given) throws KernelException {
    return of(interfaceName, given ? XdpTrial.Extent.GIVEN : XdpTrial.Extent.CHOICE);
  }

  private static XdpSupport of(String interfaceName, XdpTrial.Extent extent)
      throws KernelException {
    try (ControlSocket control = new ControlSocket(interfaceName)) {
      XdpTrial trial = XdpTrial.on(control, extent);
      Driver driver = Driver.of(control);
      Channels channels = Channels.of(control);
      return new XdpSupport(
          interfaceName,
          driver.name(),
          driver.version(),
          channels.receive(),
          channels.transmit(),
          control.mtu(),
          PortChecks.MOST_MTU,
          trial.nativeXdp(),
          trial.genericXdp(),
          trial.zeroCopy(),
          PortSettings.unwanted(control),
          freeHugePages(),
          trial.refusals());
    }
  }

  private static long freeHugePages() {
    try {
      String count =
          Files.readString(Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"));
      return Long.parseLong(count.strip());
    } catch (IOException | NumberFormatException _) {
      return 0; // a kernel without them
    }
  }
}
