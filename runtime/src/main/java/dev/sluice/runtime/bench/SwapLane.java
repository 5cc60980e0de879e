package dev.sluice.runtime.bench;

import dev.sluice.runtime.bench.swap.BundleForge;
import dev.sluice.runtime.bench.swap.HeapTrend;
import dev.sluice.runtime.bench.swap.OutcomeBoard;
import dev.sluice.runtime.bench.swap.Witness;
import java.nio.file.Path;
import java.util.OptionalLong;

/// A gateway with version 1 of the marking bundle in force, and what stands around it.
interface SwapLane extends Loadable, AutoCloseable {
  BundleForge forge();

  /// The file that holds the bundle.
  Path file();

  OutcomeBoard board();

  /// Begins to send, until [Load#stop]; the witness has seen nothing yet.
  Load load(int bytes, double mpps) throws BenchException;

  /// Begins to look at the CPU that forwards, if one CPU does so alone.
  CpuWitness cpuWitness();

  /// Told after each good version is active.
  void swapped(int swaps) throws InterruptedException;

  /// What was left in the heap after garbage collections.
  Heap heap();

  /// Class loaders of bundles that are gone and kept all the same; nothing if it cannot be told.
  OptionalLong leakedLoaders() throws InterruptedException;

  /// The gateway's counters as JSON, at most some 200 ms old.
  String counters();

  @Override
  void close();

  /// The heap over the swaps.
  ///
  /// @param from which collections the samples are from
  record Heap(HeapTrend trend, String from) {}

  /// Traffic that goes on beside the swaps.
  interface Load extends AutoCloseable {
    Witness witness();

    /// Ends the sending, and waits until all that comes has come.
    Sent stop() throws BenchException;

    @Override
    void close();
  }

  /// What was sent.
  ///
  /// @param forbidden those of the frames that must not come out
  /// @param late bursts that left too late, -1 if they are not counted
  record Sent(long frames, long forbidden, double mpps, long late) {}

  /// Frames that must not come out, of so many that were sent in turn for all flows.
  static long forbidden(long frames) {
    int before = UdpFrames.FLOWS - 1 - UdpFrames.FORBIDDEN_FLOW;
    return (frames + before) / UdpFrames.FLOWS;
  }
}
