package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.FrameBatch;
import dev.sluice.plugin.Device;
import dev.sluice.plugin.Packet;
import dev.sluice.wire.Checksum;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Layers;
import dev.sluice.wire.Tcp;
import dev.sluice.wire.Udp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// A flyweight over a chunk of the pool, made when the pool is made. There are as many as chunks,
/// and each chunk that no device has is in exactly one of them. While a device has the chunk its
/// frame is spare, and the next chunk that comes takes it: so few frames are in use at a time, and
/// stay in the processor's caches, whichever chunks come.
///
/// Its state says who owns it. All changes but those out of [#HELD] are made by the owner and
/// become visible with the queue that hands the frame over; out of `HELD` any thread may take it,
/// so that change is a compare-and-set, and exactly one of two that try wins.
final class Frame implements Packet {
  static final int FREE = 0;
  static final int READ = 1;
  static final int WORKING = 2;
  static final int HELD = 3;
  static final int SENDING = 4;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Frame.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int number;
  private final boolean forData;
  private final Layers layers = new Layers();
  private final Port nowhere;

  @SuppressWarnings("UnusedVariable") // read and written through STATE
  private int state = FREE;

  private int chunk;
  private MemorySegment memory;
  private int length;
  private long arrivalNanos;
  private Port ingress;
  private @Nullable Port egress;
  private @Nullable WorkThread worker;

  /// A free frame.
  ///
  /// @param forData whether it belongs to the share of the pool that `sendData` sends from
  /// @param nowhere stands for the ingress until there is one
  Frame(int chunk, MemorySegment memory, boolean forData, Port nowhere) {
    this.number = chunk;
    this.chunk = chunk;
    this.memory = memory;
    this.forData = forData;
    this.nowhere = nowhere;
    this.ingress = nowhere;
  }

  /// Its place among the frames, which stays.
  int number() {
    return number;
  }

  int chunk() {
    return chunk;
  }

  /// Makes this frame, a spare one, that of a chunk; for its owner.
  void fit(int next, MemorySegment of) {
    chunk = next;
    memory = of;
  }

  /// Whether this frame carries what the gateway itself sends.
  boolean isForData() {
    return forData;
  }

  int state() {
    return (int) STATE.getAcquire(this);
  }

  /// For the owner.
  void state(int next) {
    STATE.setRelease(this, next);
  }

  /// Takes a held frame, for whoever comes first.
  boolean takeHeld(int next) {
    return STATE.compareAndSet(this, HELD, next);
  }

  /// Makes this frame the one that a port received, at place `at` of a batch.
  Layers.Finding arrived(Port port, FrameBatch batch, int at) {
    state(READ);
    // Mostly it is as before, and for the collector a reference costs more to write than to read.
    if (ingress != port) {
      ingress = port;
    }
    Port other = port.otherSide();
    if (egress != other) {
      egress = other;
    }
    length = batch.length(at);
    arrivalNanos = batch.arrivalNanos(at);
    Layers.Finding finding = layers.parse(memory, length);
    if (batch.flags(at) != 0 && finding == Layers.Finding.OK) {
      completeChecksum(batch.flags(at));
    }
    return finding;
  }

  /// Does what the sender's kernel left to its hardware, so that the frame can leave by any wire.
  private void completeChecksum(int flags) {
    int protocol = layers.transportProtocol();
    if (protocol != Tcp.PROTOCOL && protocol != Udp.PROTOCOL) {
      return;
    }
    boolean tcp = protocol == Tcp.PROTOCOL;
    int at = layers.transportAt();
    int end = tcp ? layers.endAt() : at + Udp.datagramBytes(memory, at);
    int found = tcp ? Tcp.checksum(memory, at) : Udp.checksum(memory, at);
    if ((flags & FrameBatch.CHECKSUM_PARTIAL) != 0 || isBegun(found, protocol, end - at)) {
      Checksum.updateTransport(memory, layers.networkAt(), protocol, at, end);
    }
  }

  /// Whether a checksum is only begun: a kernel that leaves it to the hardware writes the sum of
  /// the pseudo header. A finished one that happens to be the same number is not changed by being
  /// computed again.
  private boolean isBegun(int checksum, int protocol, int bytes) {
    long pseudo = Checksum.pseudoSum(memory, layers.networkAt(), protocol, bytes);
    return checksum == (Checksum.complement(pseudo) ^ 0xffff);
  }

  /// Keeps what a handler may change; for the owner.
  void copyTo(FrameCopy copy) {
    MemorySegment.copy(memory, 0, copy.bytes, 0, length);
    copy.layers.become(layers);
    copy.length = length;
    copy.egress = egress;
  }

  /// Undoes what a handler has changed; for the owner. What lies behind the frame's end is left as
  /// it is, since nobody may rely on it.
  void restore(FrameCopy copy) {
    MemorySegment.copy(copy.bytes, 0, memory, 0, copy.length);
    layers.become(copy.layers);
    length = copy.length;
    egress = copy.egress;
  }

  /// Copies the start of the frame, as much as there is room for, and what was found in all of it;
  /// for the owner.
  void copyHead(MemorySegment head, Layers found) {
    MemorySegment.copy(memory, 0, head, 0, Math.min(length, head.byteSize()));
    found.become(layers);
  }

  /// Makes this frame one that seems to have come in by a port, though no device received it.
  Layers.Finding pretended(Port port, int bytes, long nanos) {
    state(READ);
    ingress = port;
    egress = port.otherSide();
    length = bytes;
    arrivalNanos = nanos;
    return layers.parse(memory, bytes);
  }

  /// Makes this frame one of the gateway's own.
  void filled(Port sendTo, int bytes) {
    ingress = nowhere;
    egress = sendTo;
    length = bytes;
    state(SENDING);
  }

  void worker(WorkThread owner) {
    if (worker != owner) { // as in #arrived
      worker = owner;
    }
    state(WORKING);
  }

  /// A frame over memory of its own that looks like this one does now, for whoever is not its
  /// owner: the owner may be writing to it. Header and length may not fit each other then.
  Frame likeness() {
    return likeness(memory, length, ingress);
  }

  /// A frame over a copy of these bytes.
  static Frame likeness(MemorySegment of, int bytes, Port ingress) {
    int length = (int) Math.min(of.byteSize(), bytes);
    // Like the pool's: the header views are compiled for the one kind of memory they have met.
    MemorySegment copy = Arena.ofAuto().allocate(Math.max(length, 1));
    MemorySegment.copy(of, 0, copy, 0, length);
    Frame like = new Frame(0, copy, false, ingress);
    like.length = length;
    like.layers.parse(copy, length);
    return like;
  }

  @Nullable WorkThread worker() {
    return worker;
  }

  Port arrivedBy() {
    return ingress;
  }

  @Nullable Port leavesBy() {
    return egress;
  }

  void leavesBy(Port port) {
    egress = port;
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
    return (int) memory.byteSize();
  }

  @Override
  public void setLength(int bytes) {
    if (bytes < Ethernet.HEADER_BYTES || capacity() < bytes) {
      throw new IllegalArgumentException(
          "length " + bytes + ": allowed: " + Ethernet.HEADER_BYTES + ".." + capacity());
    }
    length = bytes;
  }

  @Override
  public long arrivalNanos() {
    return arrivalNanos;
  }

  @Override
  public Device ingress() {
    return ingress;
  }

  @Override
  public Device egress() {
    Port port = egress;
    return port == null ? ingress : port;
  }

  @Override
  public void setEgress(Device device) {
    egress = ingress.sibling(device);
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
    StackRoom.need();
    WorkThread owner = worker;
    if (owner == null || !owner.mayHandOver(this)) {
      throw new IllegalStateException("hold: the caller does not own the packet");
    }
    try {
      owner.handOver(this, HELD);
    } finally {
      owner.stepIn();
    }
  }
}
