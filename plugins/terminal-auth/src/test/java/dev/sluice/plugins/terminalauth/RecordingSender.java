package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketSender;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// Keeps what the gate sends of its own.
final class RecordingSender implements PacketSender {
  /// A frame and where it was sent.
  record Sent(Device device, TestPacket packet) {}

  final List<Sent> sent = new ArrayList<>();

  List<Device> devices = List.of();

  /// Whether it counts what is sent, and keeps nothing.
  boolean isForgetful;

  int forgotten;

  /// Takes out everything sent so far.
  List<Sent> drain() {
    List<Sent> drained = List.copyOf(sent);
    sent.clear();
    return drained;
  }

  @Override
  public List<Device> devices() {
    return devices;
  }

  @Override
  public boolean sendPacket(Device sendTo, Packet packet) {
    throw new IllegalStateException("the gate hands on no packet");
  }

  @Override
  public boolean sendData(Device sendTo, MemorySegment frame) {
    if (isForgetful) {
      forgotten++;
      return true;
    }
    byte[] bytes = frame.toArray(ValueLayout.JAVA_BYTE);
    sent.add(new Sent(sendTo, new TestPacket((TestDevice) sendTo, bytes)));
    return true;
  }

  @Override
  public void drop(Packet packet, DropReason reason) {
    throw new IllegalStateException("the gate holds no packet");
  }
}
