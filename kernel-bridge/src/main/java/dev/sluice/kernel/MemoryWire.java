package dev.sluice.kernel;

import java.lang.foreign.MemorySegment;

/// The far end of a [MemoryDevice]: what is offered here arrives there, what is sent there can be
/// polled here.
///
/// One thread offers and one (it may be the same) polls; the others may be called from any thread.
/// Nothing allocates. A frame that finds the ring full is refused, and stays the caller's.
public final class MemoryWire {
  /// Frames under way in each direction, at most.
  public static final int FRAMES = 1024;

  private final String name;
  private final ByteRing toDevice = new ByteRing(FRAMES);
  private final ByteRing fromDevice = new ByteRing(FRAMES);
  private volatile LinkState link = LinkState.UP;
  private volatile boolean listening;

  MemoryWire(String name) {
    this.name = name;
  }

  /// Name of the device at the other end, without `memory:`.
  public String name() {
    return name;
  }

  /// Puts a frame on the wire.
  ///
  /// @param frame memory that begins with the frame
  /// @param length 1..[FramePool#FRAME_BYTES] bytes
  /// @return false if the ring is full, the link is not up, or the device is not started
  /// @throws IllegalArgumentException if a frame cannot have that length
  public boolean offer(MemorySegment frame, int length) {
    if (length < 1 || FramePool.FRAME_BYTES < length) {
      throw new IllegalArgumentException(
          "a frame has 1.." + FramePool.FRAME_BYTES + " bytes, not " + length);
    }
    return listening && link == LinkState.UP && toDevice.offer(frame, length);
  }

  /// Takes the oldest frame that the device sent, or as much of it as `into` holds.
  ///
  /// @return the frame's length in bytes, or 0 if there is none
  public int poll(MemorySegment into) {
    return fromDevice.poll(into);
  }

  /// Whether the device has fetched everything that was offered.
  public boolean idle() {
    return toDevice.isEmpty();
  }

  public LinkState link() {
    return link;
  }

  /// Plugs or unplugs the wire, or takes the device's interface away. What is on the wire stays.
  public void link(LinkState state) {
    link = state;
  }

  void listen(boolean on) {
    if (on && !listening) {
      toDevice.clear();
    }
    listening = on;
  }

  /// The ring that the device receives from.
  ByteRing toDevice() {
    return toDevice;
  }

  /// The ring that the device sends into.
  ByteRing fromDevice() {
    return fromDevice;
  }
}
