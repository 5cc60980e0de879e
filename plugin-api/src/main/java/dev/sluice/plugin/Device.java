package dev.sluice.plugin;

import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/// A port of the gateway. Devices are compared by identity.
@ProviderType
public interface Device {
  /// The name it was opened by, without the back-end: `eth1` for `packet:eth1`.
  String name();

  /// Its place among the gateway's devices, from 0, in the order of opening.
  int index();

  /// The other side of the wire: the device that packets received here leave by.
  Optional<Device> peer();

  /// Hardware address, 48 bits in the low end of the number; 0 where the device has none.
  long hardwareAddress();

  /// Largest network-layer packet in bytes, without Ethernet header.
  int mtu();

  /// Whether the device can carry frames now: not without carrier, not when it vanished.
  boolean isUp();
}
