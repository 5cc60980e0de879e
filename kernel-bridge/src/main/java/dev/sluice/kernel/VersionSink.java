package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// Counts and drops the frames of a [FramePattern] that an interface receives, as a [FrameSink]
/// does, and checks what a gateway has written into them: the version of the bundle that judged
/// each. All other frames reach the host. For measurements. Any thread.
///
/// It sees every frame, at whatever rate. Frames that were only just received may be in some of the
/// numbers and not yet in others. Times are those of [System#nanoTime].
public final class VersionSink implements AutoCloseable {
  private static final VarHandle NUMBER = JAVA_LONG.varHandle().withInvokeExactBehavior();

  /// Samples behind the newest that may be half written.
  private static final int UNSETTLED = 64;

  /// What was seen since [#reset].
  ///
  /// @param received frames of the pattern, duplicates included
  /// @param duplicated frames whose sequence number was seen before, within the last 33 million
  /// @param reordered frames that came behind a later one of their flow, duplicates not counted
  /// @param missing numbers below the latest of their flow that have not come
  /// @param unmarked frames with version 0
  /// @param forbidden frames of the flow that must not arrive
  /// @param backwards frames with a lower version than an earlier one of their flow; those of
  ///   versions on trial count neither way
  /// @param strange frames with a version beyond all that there can be
  /// @param others frames without the marker, which were passed to the host
  public record Counts(
      long received,
      long duplicated,
      long reordered,
      long missing,
      long unmarked,
      long forbidden,
      long backwards,
      long strange,
      long others) {}

  /// What was seen of one version.
  ///
  /// @param count its frames
  /// @param firstNanos when the first came; 0 if none did
  /// @param lastMadeNanos when that of its frames was made which was made last
  /// @param stale frames made after the version's end was told
  public record Sight(long count, long firstNanos, long lastMadeNanos, long stale) {}

  /// Takes in samples.
  @FunctionalInterface
  public interface Delays {
    /// Takes in one.
    ///
    /// @param madeNanos when the frame was made
    /// @param nanos how long it was under way
    void delay(long madeNanos, long nanos);
  }

  private final XdpParts parts;
  private final int versions;
  private final MemorySegment counters;
  private final MemorySegment seen;
  private final MemorySegment flows;
  private final MemorySegment kept;
  private final MemorySegment samples;
  private final BpfProgram program;
  private long taken;

  private VersionSink(XdpParts parts, FramePattern pattern, int forbidden, int versions)
      throws KernelException {
    this.parts = parts;
    this.versions = versions;
    VersionCode.Maps maps =
        new VersionCode.Maps(
            parts.memory(VersionCode.COUNTER_BYTES),
            parts.array(Long.BYTES, SeenCode.WORDS),
            parts.array(VersionCode.FLOW_BYTES, pattern.flows()),
            parts.array(VersionCode.VERSION_BYTES, versions),
            parts.array(VersionCode.SAMPLE_BYTES, VersionCode.SAMPLES));
    this.counters = maps.counters().memory();
    this.seen = maps.seen().memory();
    this.flows = maps.flows().memory();
    this.kept = maps.versions().memory();
    this.samples = maps.samples().memory();
    this.program = parts.program("sluice_versions", VersionCode.program(pattern, maps, forbidden));
  }

  /// A sink in the network namespace of this thread.
  ///
  /// @param pattern with a version and a stamp
  /// @param forbidden the flow that must not arrive, -1 for none
  /// @param versions 1..1048576: versions are below it
  /// @throws KernelException if there is no such interface, it has an XDP program, or the kernel
  ///   refuses
  public static VersionSink open(
      String interfaceName, FramePattern pattern, int forbidden, int versions)
      throws KernelException {
    VersionSink sink = detached(pattern, forbidden, versions);
    try {
      sink.parts.attach(sink.program, interfaceName);
      return sink;
    } catch (KernelException e) {
      sink.close();
      throw e;
    }
  }

  /// A sink that no interface gives frames to.
  static VersionSink detached(FramePattern pattern, int forbidden, int versions)
      throws KernelException {
    if (versions < 1 || 1 << 20 < versions) {
      throw new IllegalArgumentException("A sink knows 1..1048576 versions, not " + versions + ".");
    }
    if (pattern.versionAt() < 0 || pattern.stampAt() < 0) {
      throw new IllegalArgumentException(
          "A sink of versions needs a pattern with a version and a stamp: versionAt is "
              + pattern.versionAt()
              + ", stampAt is "
              + pattern.stampAt()
              + ".");
    }
    XdpParts parts = new XdpParts();
    try {
      return new VersionSink(parts, pattern, forbidden, versions);
    } catch (KernelException e) {
      parts.close();
      throw e;
    }
  }

  BpfProgram program() {
    return program;
  }

  public Counts counts() {
    return new Counts(
        counter(VersionCode.RECEIVED_AT),
        counter(VersionCode.DUPLICATED_AT),
        counter(VersionCode.REORDERED_AT),
        counter(VersionCode.MISSING_AT),
        counter(VersionCode.UNMARKED_AT),
        counter(VersionCode.FORBIDDEN_AT),
        counter(VersionCode.BACKWARDS_AT),
        counter(VersionCode.STRANGE_AT),
        counter(VersionCode.OTHERS_AT));
  }

  /// What was seen of a version.
  ///
  /// @param version 0..versions - 1
  public Sight sight(int version) {
    long at = at(version);
    return new Sight(
        number(kept, at + VersionCode.COUNT_AT),
        number(kept, at + VersionCode.FIRST_AT),
        number(kept, at + VersionCode.LAST_MADE_AT),
        number(kept, at + VersionCode.STALE_AT));
  }

  /// Says that no frame made after this moment may have the version any more.
  ///
  /// @param nanos more than 0
  public void ends(int version, long nanos) {
    put(at(version) + VersionCode.ENDS_AT, nanos);
  }

  /// Says, before its first frame comes, that a version is on trial: the one before it may come
  /// back.
  public void onTrial(int version) {
    put(at(version) + VersionCode.TRIAL_AT, 1);
  }

  /// Hands out the delays measured since the last call, of one frame in 17; the oldest are lost
  /// where more than 130,000 came. One thread at a time.
  ///
  /// @return how many were lost
  public long delays(Delays delays) {
    long now = Math.max(taken, counter(VersionCode.SAMPLES_AT) - UNSETTLED);
    long from = Math.max(taken, now - VersionCode.SAMPLES + 2 * UNSETTLED);
    for (long sample = from; sample < now; sample++) {
      long at = (sample & (VersionCode.SAMPLES - 1)) * VersionCode.SAMPLE_BYTES;
      delays.delay(number(samples, at), number(samples, at + Long.BYTES));
    }
    long lost = from - taken;
    taken = now;
    return lost;
  }

  /// Forgets everything. Not while frames arrive.
  public void reset() {
    counters.fill((byte) 0);
    seen.fill((byte) 0);
    flows.fill((byte) 0);
    kept.fill((byte) 0);
    taken = 0;
  }

  /// Idempotent. Not while another thread asks.
  @Override
  public void close() {
    parts.close();
  }

  private long at(int version) {
    if (version < 0 || versions <= version) {
      throw new IllegalArgumentException(
          "Version " + version + " is none of 0.." + (versions - 1) + ".");
    }
    return (long) version * VersionCode.VERSION_BYTES;
  }

  private long counter(int at) {
    return number(counters, at);
  }

  private static long number(MemorySegment memory, long at) {
    return (long) NUMBER.getOpaque(memory, at); // programs change it meanwhile
  }

  private void put(long at, long value) {
    NUMBER.setOpaque(kept, at, value);
  }
}
