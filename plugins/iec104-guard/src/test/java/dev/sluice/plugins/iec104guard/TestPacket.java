package dev.sluice.plugins.iec104guard;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.Packet;
import dev.sluice.wire.Layers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A packet that a test has written, with its layers found as the runtime finds them.
final class TestPacket implements Packet {
  private static final int CAPACITY = 2048;

  private final MemorySegment memory = Arena.ofAuto().allocate(CAPACITY);
  private final Layers layers = new Layers();
  private int length;

  TestPacket(byte[] frame) {
    length = frame.length;
    MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, 0, length);
    if (layers.parse(memory, length) != Layers.Finding.OK) {
      throw new IllegalArgumentException("the frame would not reach a handler");
    }
  }

  @Override
  public MemorySegment memory() {
    return memory;
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public int capacity() {
    return CAPACITY;
  }

  @Override
  public void setLength(int length) {
    this.length = length;
  }

  @Override
  public long arrivalNanos() {
    return 0;
  }

  @Override
  public Device ingress() {
    throw new IllegalStateException("the guard does not ask for devices");
  }

  @Override
  public Device egress() {
    throw new IllegalStateException("the guard does not ask for devices");
  }

  @Override
  public void setEgress(Device egress) {
    throw new IllegalStateException("the guard sends nothing elsewhere");
  }

  @Override
  public int vlanTags() {
    return layers.vlanTags();
  }

  @Override
  public int vlanKey() {
    return layers.vlanKey();
  }

  @Override
  public int etherType() {
    return layers.etherType();
  }

  @Override
  public int networkAt() {
    return layers.networkAt();
  }

  @Override
  public int transportProtocol() {
    return layers.transportProtocol();
  }

  @Override
  public int transportAt() {
    return layers.transportAt();
  }

  @Override
  public int payloadAt() {
    return layers.payloadAt();
  }

  @Override
  public int endAt() {
    return layers.endAt();
  }

  @Override
  public boolean parseAgain() {
    return layers.parse(memory, length) == Layers.Finding.OK;
  }

  @Override
  public void hold() {
    throw new IllegalStateException("the guard holds no packet");
  }
}
