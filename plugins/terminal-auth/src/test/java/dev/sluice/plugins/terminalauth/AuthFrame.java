package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.Packet;
import dev.sluice.wire.Layers;
import java.lang.foreign.MemorySegment;

/// A frame that arrived at a port, as the runtime would present it.
final class AuthFrame implements Packet {
  private final MemorySegment memory;
  private final Device ingress;
  private final Layers layers = new Layers();

  AuthFrame(Device ingress, MemorySegment frame) {
    this.memory = frame;
    this.ingress = ingress;
    layers.parse(memory, length());
  }

  @Override
  public MemorySegment memory() {
    return memory;
  }

  @Override
  public int length() {
    return (int) memory.byteSize();
  }

  @Override
  public int capacity() {
    return length();
  }

  @Override
  public void setLength(int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long arrivalNanos() {
    return 0;
  }

  @Override
  public Device ingress() {
    return ingress;
  }

  @Override
  public Device egress() {
    return ingress;
  }

  @Override
  public void setEgress(Device egress) {
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }

  @Override
  public void hold() {
    throw new UnsupportedOperationException();
  }
}
