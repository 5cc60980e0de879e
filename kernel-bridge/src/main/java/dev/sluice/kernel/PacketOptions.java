package dev.sluice.kernel;

/// Sizes of the rings of a [PacketDevice].
///
/// @param blockBytes bytes of a block of the receive ring, a power of two, 4096..4194304
/// @param blocks blocks of the receive ring, 2..4096; with `blockBytes` at most 1 GiB
/// @param retireMillis after how long the kernel hands over a block that is not full, 1..1000
/// @param transmitSlots slots of the transmit ring, one frame each, a power of two, 64..131072
/// @param transmit how frames leave
public record PacketOptions(
    int blockBytes, int blocks, int retireMillis, int transmitSlots, XdpOptions.Transmit transmit) {
  /// Rings whose frames leave as is best.
  public PacketOptions(int blockBytes, int blocks, int retireMillis, int transmitSlots) {
    this(blockBytes, blocks, retireMillis, transmitSlots, XdpOptions.Transmit.BEST);
  }

  /// 8 MiB to receive into, a block handed over when it is full or after 1 ms, 2048 frames to send.
  ///
  /// Blocks are small because nothing of a block is seen until it is handed over: with 256 frames
  /// of 60 bytes under way, blocks of 16 KiB carried 1.5 million frames a second over a veth pair,
  /// and blocks of 256 KiB, which only the timer hands over then, a sixth of it. With 2000 under
  /// way all sizes from 16 to 256 KiB were alike.
  public static final PacketOptions DEFAULT = new PacketOptions(1 << 14, 512, 1, 2048);

  /// Checks the ranges.
  ///
  /// @throws IllegalArgumentException naming the value that is out of its range
  public PacketOptions {
    require("blockBytes", blockBytes, 4096, 1 << 22);
    require("blocks", blocks, 2, 4096);
    require("retireMillis", retireMillis, 1, 1000);
    require("transmitSlots", transmitSlots, 64, 1 << 17);
    requirePowerOfTwo("blockBytes", blockBytes);
    requirePowerOfTwo("transmitSlots", transmitSlots);
    if ((long) blockBytes * blocks > 1 << 30) {
      throw new IllegalArgumentException(
          "blockBytes " + blockBytes + " times blocks " + blocks + " is more than 1 GiB");
    }
  }

  private static void require(String key, int value, int least, int most) {
    if (value < least || most < value) {
      throw new IllegalArgumentException(key + " is " + least + ".." + most + ", not " + value);
    }
  }

  private static void requirePowerOfTwo(String key, int value) {
    if (Integer.bitCount(value) != 1) {
      throw new IllegalArgumentException(key + " is a power of two, not " + value);
    }
  }
}
