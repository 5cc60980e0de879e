package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// Keeps one frame of a [FramePattern] in flight: when it comes back to the interface it left by,
/// an XDP program notes how long it took and sends it again. For measurements, with a
/// [FrameReflector] at the far end. One thread, which may be in any network namespace by then.
///
/// A veth(4) sends again only if its peer has an XDP program in its driver, or GRO.
public final class RoundTrips implements AutoCloseable {
  private static final int MOST = 1 << 27; // 1 GiB of samples
  private static final VarHandle COUNT = JAVA_LONG.varHandle().withInvokeExactBehavior();

  private final XdpParts parts;
  private final MemorySegment state;
  private final MemorySegment samples;
  private final LiveFrames frames;

  private RoundTrips(XdpParts parts, String interfaceName, FramePattern pattern, int most)
      throws KernelException {
    this.parts = parts;
    int index = XdpParts.index(interfaceName);
    BpfMap numbers = parts.memory(TripCode.STATE_BYTES);
    BpfMap nanos = parts.array(Long.BYTES, most);
    this.state = numbers.memory();
    this.samples = nanos.memory();
    TripCode.Maps maps = new TripCode.Maps(numbers, nanos, parts.wayOut(index));
    BpfProgram program =
        parts.program("sluice_trips", TripCode.program(pattern, maps, index, most));
    parts.attach(program, interfaceName);
    this.frames = parts.liveFrames(program, pattern.frame());
  }

  /// One that has sent nothing yet, in the network namespace of this thread.
  ///
  /// @param pattern one with a stamp
  /// @param most round trips after which the frame is not sent again
  /// @throws KernelException if there is no such interface, it has an XDP program, or the kernel
  ///   refuses
  public static RoundTrips open(String interfaceName, FramePattern pattern, int most)
      throws KernelException {
    if (pattern.stampAt() < 0) {
      throw new IllegalArgumentException("Round trips need frames with a stamp: stampAt is -1.");
    }
    if (most < 1 || MOST < most) {
      throw new IllegalArgumentException("Round trips are 1.." + MOST + ", not " + most + ".");
    }
    XdpParts parts = new XdpParts();
    try {
      return new RoundTrips(parts, interfaceName, pattern, most);
    } catch (KernelException e) {
      parts.close();
      throw e;
    }
  }

  /// Sends the frame: at the beginning, and again when it got lost. One that was late, not lost, is
  /// dropped when it comes.
  ///
  /// @throws KernelException if the kernel refuses
  public void launch() throws KernelException {
    Errno.require(frames.make(1), "Making a frame");
  }

  /// Round trips so far.
  public int completed() {
    // Pairs with the atomic addition of TripCode: the samples counted here are there.
    return Math.toIntExact((long) COUNT.getAcquire(state, TripCode.COMPLETED_AT));
  }

  /// Frames that came back after they had been given up and another was launched: they were late,
  /// not lost.
  public long late() {
    return (long) COUNT.getAcquire(state, TripCode.LATE_AT);
  }

  /// How long each took, in nanoseconds.
  public long[] nanos() {
    return samples.asSlice(0, (long) completed() * Long.BYTES).toArray(JAVA_LONG);
  }

  /// Idempotent.
  @Override
  public void close() {
    parts.close();
  }
}
