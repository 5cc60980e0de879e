package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.FrameDevice;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.MemoryDevice;
import dev.sluice.kernel.PacketDevice;
import dev.sluice.kernel.PacketOptions;
import dev.sluice.kernel.PcapDevice;
import dev.sluice.kernel.PortChecks;
import java.util.List;

/// Opens devices by name: `backend:name`, or a network interface alone.
public final class Backends {
  private Backends() {}

  /// Opens one device; it does not receive yet.
  ///
  /// @param name `packet:eth1`; `eth1` alone takes the best back-end that works; `pcap:IN`,
  ///   `pcap:IN,OUT` and `pcap:,OUT` replay and write files at full speed, `pcap-timed:` at
  ///   recorded times; `memory:NAME` is a wire within the process
  /// @throws KernelException with a sentence for the operator
  public static FrameDevice open(String name, FramePool pool) throws KernelException {
    int colon = name.indexOf(':');
    String backend = colon < 0 ? "packet" : name.substring(0, colon);
    String rest = name.substring(colon + 1);
    if (rest.isEmpty()) {
      throw new KernelException("port " + name + ": no name behind the back-end");
    }
    return switch (backend) {
      case "packet" -> PacketDevice.open(rest, PacketOptions.DEFAULT, pool);
      case "pcap" -> PcapDevice.open(rest, PcapDevice.Pace.FULL_SPEED, pool);
      case "pcap-timed" -> PcapDevice.open(rest, PcapDevice.Pace.RECORDED, pool);
      case "memory" -> MemoryDevice.open(rest, pool);
      default ->
          throw new KernelException(
              "port "
                  + name
                  + ": unknown back-end "
                  + backend
                  + "; known: packet, pcap, pcap-timed, memory");
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
