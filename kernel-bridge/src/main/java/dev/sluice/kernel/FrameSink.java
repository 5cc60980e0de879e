package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.stream.IntStream;

/// Counts and drops the frames of a [FramePattern] that an interface receives, in an XDP program;
/// all other frames reach the host. For measurements. Any thread.
///
/// Frames that were only just received may be in some of the numbers and not yet in others.
public final class FrameSink implements AutoCloseable {
  private static final VarHandle NUMBER = JAVA_LONG.varHandle().withInvokeExactBehavior();
  private static final int MOST_SAMPLES = 1 << 27; // 1 GiB

  /// What was seen since [#reset].
  ///
  /// @param received frames of the pattern, duplicates included
  /// @param duplicated frames whose sequence number was seen before, within the last 33 million
  /// @param reordered frames that came behind a later one of their flow
  /// @param others frames without the marker, which were passed to the host
  /// @param marks how often each value of the mark byte was seen, 256 numbers
  public record Counts(
      long received, long duplicated, long reordered, long others, List<Long> marks) {
    public Counts {
      marks = List.copyOf(marks);
    }
  }

  private final XdpParts parts;
  private final int samples;
  private final MemorySegment counters;
  private final MemorySegment seen;
  private final MemorySegment last;
  private final MemorySegment delays;

  private FrameSink(XdpParts parts, String interfaceName, FramePattern pattern, int samples)
      throws KernelException {
    this.parts = parts;
    this.samples = samples;
    SinkCode.Maps maps =
        new SinkCode.Maps(
            parts.memory(SinkCode.COUNTER_BYTES),
            parts.array(Long.BYTES, SeenCode.WORDS),
            parts.array(Long.BYTES, pattern.flows()),
            parts.array(Long.BYTES, Math.max(1, samples)));
    this.counters = maps.counters().memory();
    this.seen = maps.seen().memory();
    this.last = maps.last().memory();
    this.delays = maps.delays().memory();
    BpfAssembler code = SinkCode.program(pattern, maps, samples);
    parts.attach(parts.program("sluice_sink", code), interfaceName);
  }

  /// A sink in the network namespace of this thread.
  ///
  /// @param samples most delays it keeps, 0 for none; the pattern then has a stamp
  /// @throws KernelException if there is no such interface, it has an XDP program, or the kernel
  ///   refuses
  public static FrameSink open(String interfaceName, FramePattern pattern, int samples)
      throws KernelException {
    if (samples < 0 || MOST_SAMPLES < samples) {
      throw new IllegalArgumentException(
          "A sink keeps 0.." + MOST_SAMPLES + " samples, not " + samples + ".");
    }
    if (samples > 0 && pattern.stampAt() < 0) {
      throw new IllegalArgumentException(
          "A sink can keep delays only of frames with a stamp: stampAt is -1.");
    }
    XdpParts parts = new XdpParts();
    try {
      return new FrameSink(parts, interfaceName, pattern, samples);
    } catch (KernelException e) {
      parts.close();
      throw e;
    }
  }

  public Counts counts() {
    List<Long> marks =
        IntStream.range(0, 256)
            .mapToObj(mark -> counter(SinkCode.MARKS_AT + Long.BYTES * mark))
            .toList();
    return new Counts(
        counter(SinkCode.RECEIVED_AT),
        counter(SinkCode.DUPLICATED_AT),
        counter(SinkCode.REORDERED_AT),
        counter(SinkCode.OTHERS_AT),
        marks);
  }

  /// The first delays since [#reset], in nanoseconds, from when a frame was made to when it came.
  public long[] delays() {
    long taken = Math.min(samples, counter(SinkCode.SAMPLES_AT));
    return delays.asSlice(0, taken * Long.BYTES).toArray(JAVA_LONG);
  }

  /// Forgets everything. Not while frames arrive.
  public void reset() {
    counters.fill((byte) 0);
    seen.fill((byte) 0);
    last.fill((byte) 0);
  }

  /// Idempotent. Not while another thread asks.
  @Override
  public void close() {
    parts.close();
  }

  private long counter(int at) {
    return (long) NUMBER.getOpaque(counters, (long) at); // programs change it meanwhile
  }
}
