package dev.sluice.plugins.terminalauth;

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
  private final Device ingress;
  private Device egress;
  private int length;
  private Layers.Finding finding = Layers.Finding.MALFORMED;

  TestPacket(TestDevice ingress, byte[] frame) {
    this.ingress = ingress;
    this.egress = ingress.other();
    set(frame);
  }

  /// Carries another frame from now on.
  void set(byte[] frame) {
    length = frame.length;
    MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, 0, length);
    parseAgain();
  }

  byte[] bytes() {
    return memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }

  /// Whether the runtime would give it to handlers, by default policy.
  boolean reachesHandlers() {
    return finding == Layers.Finding.OK;
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
    return ingress;
  }

  @Override
  public Device egress() {
    return egress;
  }

  @Override
  public void setEgress(Device egress) {
    this.egress = egress;
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
    finding = layers.parse(memory, length);
    return reachesHandlers();
  }

  @Override
  public void hold() {
    throw new IllegalStateException("the gate holds no packet");
  }
}
