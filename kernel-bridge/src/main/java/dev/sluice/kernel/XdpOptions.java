package dev.sluice.kernel;

/// How an [XdpDevice] receives and sends.
///
/// @param mode where the XDP program runs
/// @param copy whether frames are copied between driver and pool
/// @param ringFrames descriptors of each of a socket's four rings, a power of two, 64..131072
/// @param transmitBudget frames that one system call transmits at most, 32..ringFrames; kernels
///   that cannot be told so take 32
/// @param needWakeup whether the kernel says when it wants a system call, instead of being called
///   each time
/// @param busyPollMicros how long a system call polls the driver's queue itself, 0 (not at
///   all)..1000
/// @param queue the one queue to receive from, or -1 for all that the interface has
/// @param transmit how frames leave
public record XdpOptions(
    Mode mode,
    Copy copy,
    int ringFrames,
    int transmitBudget,
    boolean needWakeup,
    int busyPollMicros,
    int queue,
    Transmit transmit) {
  /// How frames leave.
  public enum Transmit {
    /// Many at once past the ring where that is quicker: by a virtual wire with one queue.
    BEST,
    /// All by the transmit ring.
    RING
  }

  /// Where the XDP program runs.
  public enum Mode {
    /// In the driver if it can, else behind it.
    BEST,
    NATIVE,
    GENERIC
  }

  /// Whether frames are copied.
  public enum Copy {
    /// Zero-copy if the driver can, else copied.
    BEST,
    ZERO_COPY,
    COPY
  }

  /// One whose frames leave as is best.
  public XdpOptions(
      Mode mode,
      Copy copy,
      int ringFrames,
      int transmitBudget,
      boolean needWakeup,
      int busyPollMicros,
      int queue) {
    this(mode, copy, ringFrames, transmitBudget, needWakeup, busyPollMicros, queue, Transmit.BEST);
  }

  /// The best that works. Its rings are deeper than the paper's n, since what no ring holds is lost
  /// while another thread has the processor: 8192 frames are 8 ms of a million a second.
  public static final XdpOptions DEFAULT =
      new XdpOptions(Mode.BEST, Copy.BEST, 8192, 256, true, 0, -1);

  /// Checks the ranges.
  ///
  /// @throws IllegalArgumentException naming the value that is out of its range
  public XdpOptions {
    require("ringFrames", ringFrames, 64, 1 << 17);
    require("transmitBudget", transmitBudget, 32, ringFrames < 32 ? 32 : ringFrames);
    require("busyPollMicros", busyPollMicros, 0, 1000);
    require("queue", queue, -1, 4095);
    if (Integer.bitCount(ringFrames) != 1) {
      throw new IllegalArgumentException("ringFrames is a power of two, not " + ringFrames);
    }
  }

  private static void require(String key, int value, int least, int most) {
    if (value < least || most < value) {
      throw new IllegalArgumentException(key + " is " + least + ".." + most + ", not " + value);
    }
  }
}
