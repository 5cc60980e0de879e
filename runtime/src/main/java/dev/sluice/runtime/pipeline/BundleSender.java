package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketSender;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// What bundles send through: the gateway's own sender, but on a thread that rehearses, where
/// nothing leaves. There packets go back to the rehearsal, data are counted and forgotten, and the
/// answers are as if all had been sent.
///
/// A bundle that hands its work to threads of its own sends in earnest from there, also what began
/// in a rehearsal; and a rehearsed packet that such a thread gives back is refused as not one of
/// this gateway's.
public final class BundleSender implements PacketSender {
  private final PacketSender gateway;

  /// @param gateway sends in earnest
  public BundleSender(PacketSender gateway) {
    this.gateway = gateway;
  }

  @Override
  public List<Device> devices() {
    return gateway.devices();
  }

  @Override
  public boolean sendPacket(Device sendTo, Packet packet) {
    RehearsalPath path = RehearsalThread.callers();
    return path == null ? gateway.sendPacket(sendTo, packet) : path.sendPacket(sendTo, packet);
  }

  @Override
  public boolean sendData(Device sendTo, MemorySegment frame) {
    RehearsalPath path = RehearsalThread.callers();
    return path == null ? gateway.sendData(sendTo, frame) : path.sendData(sendTo, frame);
  }

  @Override
  public void drop(Packet packet, DropReason reason) {
    RehearsalPath path = RehearsalThread.callers();
    if (path == null) {
      gateway.drop(packet, reason);
    } else {
      path.drop(packet, reason);
    }
  }
}
