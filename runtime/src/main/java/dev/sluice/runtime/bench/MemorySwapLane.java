package dev.sluice.runtime.bench;

import dev.sluice.plugin.SettingsException;
import dev.sluice.runtime.bench.swap.BundleForge;
import dev.sluice.runtime.bench.swap.HeapTrend;
import dev.sluice.runtime.bench.swap.MemoryBed;
import dev.sluice.runtime.bench.swap.MemoryTraffic;
import dev.sluice.runtime.bench.swap.OutcomeBoard;
import dev.sluice.runtime.bench.swap.Witness;
import dev.sluice.runtime.host.HostException;
import dev.sluice.runtime.pki.PkiException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.OptionalLong;

/// A gateway in this process, between wires of memory: no namespace, no privileges, and so little
/// around a swap that there can be many.
final class MemorySwapLane implements SwapLane {
  private static final Path PROC = Path.of("/proc");

  /// Looks at the heap during a run; each is a garbage collection that stops the gateway too.
  private static final int HEAP_LOOKS = 20;

  private final MemoryBed bed;
  private final int versions;
  private final int looksEach;
  private final HeapTrend trend = new HeapTrend();

  private MemorySwapLane(MemoryBed bed, int swaps, int versions) {
    this.bed = bed;
    this.versions = versions;
    this.looksEach = Math.max(1, swaps / HEAP_LOOKS);
  }

  /// Starts a gateway.
  ///
  /// @param folder empty, or not there
  /// @param settings lines of `sluice.cfg`
  static MemorySwapLane open(Path folder, String settings, int swaps, int versions)
      throws BenchException {
    try {
      return new MemorySwapLane(MemoryBed.open(folder, settings), swaps, versions);
    } catch (IOException | PkiException | HostException | SettingsException e) {
      throw new BenchException("no gateway can be started here: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    }
  }

  @Override
  public BundleForge forge() {
    return bed.forge();
  }

  @Override
  public Path file() {
    return bed.file();
  }

  @Override
  public OutcomeBoard board() {
    return bed.board();
  }

  @Override
  public Trial saturate(int bytes, double seconds) throws BenchException {
    return trial(bytes, Double.POSITIVE_INFINITY, seconds);
  }

  @Override
  public Trial pace(int bytes, double mpps, double seconds) throws BenchException {
    return trial(bytes, mpps, seconds);
  }

  private Trial trial(int bytes, double mpps, double seconds) throws BenchException {
    OtherLoad before = OtherLoad.now(PROC);
    try (MemoryBed.Flow flow = flow(bytes, mpps)) {
      Lane.pause((long) (seconds * 1000));
      MemoryTraffic.Sent sent = flow.stop();
      long allowed = sent.frames() - sent.forbidden();
      long lost = allowed - flow.witness().counts().received();
      double others = OtherLoad.now(PROC).secondsSince(before, OtherLoad.ours());
      double delivered = (allowed - lost) / sent.seconds() / 1e6;
      return new Trial(sent.mpps(), delivered, 100.0 * lost / Math.max(1, allowed), 0, others, 0);
    }
  }

  private MemoryBed.Flow flow(int bytes, double mpps) {
    return bed.flow(UdpFrames.versioned(bytes), UdpFrames.FORBIDDEN_FLOW, mpps, versions);
  }

  @Override
  public Load load(int bytes, double mpps) {
    MemoryBed.Flow flow = flow(bytes, mpps);
    return new Load() {
      @Override
      public Witness witness() {
        return flow.witness();
      }

      @Override
      public Sent stop() {
        MemoryTraffic.Sent sent = flow.stop();
        return new Sent(sent.frames(), sent.forbidden(), sent.mpps(), -1);
      }

      @Override
      public void close() {
        flow.close();
      }
    };
  }

  @Override
  public CpuWitness cpuWitness() {
    return CpuWitness.none();
  }

  @Override
  public void swapped(int swaps) {
    if (swaps % looksEach == 0) {
      System.gc();
      trend.add(swaps, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
  }

  @Override
  public Heap heap() {
    return new Heap(trend, "full collections, the benchmark's own heap included");
  }

  @Override
  public OptionalLong leakedLoaders() throws InterruptedException {
    return OptionalLong.of(bed.loaders().leaked());
  }

  @Override
  public String counters() {
    try {
      return bed.counters();
    } catch (IOException e) {
      return ""; // it has written none
    }
  }

  @Override
  public void close() {
    bed.close();
  }
}
