package dev.sluice.runtime.lab;

import dev.sluice.kernel.Ethtool;
import dev.sluice.kernel.NetworkNamespace;
import java.util.List;

/// Makes the far ends of the gateway's wires send what a real network card would: frames with whole
/// checksums, none larger than the wire takes.
///
/// A virtual wire carries a local stack's frames as they are, checksums unfinished and segments
/// unsplit, for a real card to finish; nothing on the way through the gateway would.
final class Offloads {
  private Offloads() {}

  static void off(String namespace, List<String> interfaceNames) throws LabException {
    try {
      NetworkNamespace.call(
          namespace,
          () -> {
            for (String name : interfaceNames) {
              Ethtool.disableTransmitOffloads(name);
            }
            return interfaceNames;
          });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted while offloads are switched off in " + namespace, e);
    } catch (Exception e) { // the call passes on whatever its task throws
      throw new LabException("no offload can be switched off in " + namespace + ": " + e, e);
    }
  }
}
