package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.PacketOptions;
import dev.sluice.kernel.XdpOptions;

/// How devices of each kind receive and send.
///
/// @param xdp its `queue` is that of no port in particular: a port's name says which it wants
public record DeviceSettings(PacketOptions packet, XdpOptions xdp) {
  /// What an operator gets who sets nothing.
  public static final DeviceSettings STANDARD =
      new DeviceSettings(PacketOptions.DEFAULT, XdpOptions.DEFAULT);

  private static final int MOST_BLOCKS = 4096;

  /// Rings of an AF_PACKET device for n frames: n slots to send from, and as much to receive into,
  /// in proportion, as the default has for 2048.
  ///
  /// @param ringFrames 64..131072
  /// @param transmit how frames leave
  public static PacketOptions packetRings(int ringFrames, XdpOptions.Transmit transmit) {
    PacketOptions standard = PacketOptions.DEFAULT;
    int slots = powerOfTwo(ringFrames);
    int blocks = (int) ((long) standard.blocks() * slots / standard.transmitSlots());
    int wider = Math.max(1, blocks / MOST_BLOCKS);
    return new PacketOptions(
        standard.blockBytes() * wider, blocks / wider, standard.retireMillis(), slots, transmit);
  }

  /// The least power of two that is not less: what the kernel's rings are sized by.
  public static int powerOfTwo(int frames) {
    return frames <= 1 ? 1 : Integer.highestOneBit(frames - 1) << 1;
  }
}
