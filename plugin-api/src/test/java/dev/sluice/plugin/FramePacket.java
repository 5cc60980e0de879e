package dev.sluice.plugin;

import dev.sluice.wire.Frames;
import dev.sluice.wire.Layers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A packet over a frame of its own, without pool or pipeline. The tests of other modules may use
/// and extend it.
public class FramePacket implements Packet {
  private static final int CAPACITY = 2048;

  private final MemorySegment memory = MemorySegment.ofArray(new byte[CAPACITY]);
  private final Layers layers = new Layers();
  private final Device ingress;
  private Device egress;
  private int length;
  private boolean held;
  private Layers.Finding finding = Layers.Finding.MALFORMED;

  /// A packet that came in by one device and is to leave by the other.
  public FramePacket(byte[] frame, Device ingress, Device egress) {
    this.ingress = ingress;
    this.egress = egress;
    carry(frame);
  }

  /// A packet between two devices of no importance.
  public FramePacket(byte... frame) {
    this(frame, new NamedDevice("in", 0), new NamedDevice("out", 1));
  }

  /// A packet between two devices of no importance.
  public FramePacket(Frames frame) {
    this(frame.bytes());
  }

  /// Carries another frame from now on.
  public final void carry(byte[] frame) {
    MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, 0, frame.length);
    length = frame.length;
    finding = layers.parse(memory, length);
  }

  /// Whether the runtime would give it to handlers, by default policy.
  public final boolean reachesHandlers() {
    return finding == Layers.Finding.OK;
  }

  /// The frame as it stands.
  public byte[] bytes() {
    return memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }

  /// Whether a handler has called [#hold].
  public boolean isHeld() {
    return held;
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
    if (length < 14 || CAPACITY < length) {
      throw new IllegalArgumentException("length " + length + ": allowed: 14.." + CAPACITY);
    }
    this.length = length;
  }

  @Override
  public long arrivalNanos() {
    return 1_700_000_000_000_000_000L;
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
    return finding != Layers.Finding.MALFORMED;
  }

  @Override
  public void hold() {
    held = true;
  }
}
