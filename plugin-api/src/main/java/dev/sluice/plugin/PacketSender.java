package dev.sluice.plugin;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/// The sending half of the gateway, which the host offers to bundles as a service. Every method may
/// be called from any thread, and none blocks.
@ProviderType
public interface PacketSender {
  /// The gateway's devices, in the order of opening.
  List<Device> devices();

  /// The device of this name, if the gateway has it.
  default Optional<Device> device(String name) {
    return devices().stream().filter(device -> device.name().equals(name)).findFirst();
  }

  /// The paper's `send_packet`: hands the packet over, to leave by the given device. No copy is
  /// made. The caller owns it no more, whatever the answer is; from within [PacketHandler#receive]
  /// return [Verdict#TAKEN] afterwards.
  ///
  /// @return false if it was dropped instead, and counted, because the SendQueue was full
  /// @throws IllegalStateException if the caller does not own the packet
  boolean sendPacket(Device sendTo, Packet packet);

  /// The paper's `send_data`: copies a frame of the gateway's own into the pool and queues it.
  ///
  /// @param frame a whole Ethernet frame without frame check sequence: 14 bytes up to
  ///   [Packet#capacity]; a shorter one than 60 bytes is padded with zeros
  /// @return false if it was not queued, and counted, because the pool's share for sent data or the
  ///   SendQueue had no room
  /// @throws IllegalArgumentException if the frame is shorter or longer than that
  boolean sendData(Device sendTo, MemorySegment frame);

  /// Ends a held packet: its frame goes back to the pool, and it counts as dropped.
  ///
  /// @throws IllegalStateException if the packet is not held
  void drop(Packet packet, DropReason reason);
}
