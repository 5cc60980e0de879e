package dev.sluice.runtime.host;

import dev.sluice.kernel.FrameDevice;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.runtime.pipeline.Backends;
import dev.sluice.runtime.pipeline.Chain;
import dev.sluice.runtime.pipeline.Pipeline;
import dev.sluice.runtime.pipeline.PipelineCounters;
import dev.sluice.runtime.pipeline.PipelineSettings;
import dev.sluice.runtime.pipeline.Port;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Runs one bundle, and no other, over the frames of a capture file: a packet path of one thread
/// between a port that replays the file and one that writes what leaves to a file.
public final class BundleReplay {
  private static final long LOOK_MS = 10;

  /// How long no frame may come in before the rest is given up.
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  private BundleReplay() {}

  /// Replays a capture as fast as the rule judges.
  ///
  /// @param settings `.cfg` files that configure the bundle, named as in a gateway's folder
  /// @param capture classic pcap of Ethernet
  /// @param scratch an empty folder, which stays full of what the replay needed
  /// @return what became of the frames
  /// @throws HostException if the bundle is refused, the capture cannot be read, or the rule does
  ///   not come to an end with it
  public static PipelineCounters run(Path jar, List<Path> settings, Path capture, Path scratch)
      throws HostException, InterruptedException {
    try (Host host = BundleTrial.boot(settings, scratch);
        Pipeline pipeline = pipeline(capture, scratch)) {
      host.offer(pipeline);
      StoredBundle stored = new BundleStore(scratch).take(jar);
      Deployment deployment = BundleTrial.bring(host, stored, pipeline.workThreads(), scratch);
      pipeline.publish(
          new Chain(List.of(deployment.link()), packet -> 0, true), Duration.ofSeconds(1));
      pipeline.start();
      awaitEnd(pipeline);
      return pipeline.counters();
    } catch (RefusedException e) {
      throw new HostException("a gateway would refuse it: " + e.sentence(), e);
    } catch (KernelException e) {
      throw new HostException(capture + ": " + e.getMessage(), e);
    }
  }

  private static Pipeline pipeline(Path capture, Path scratch)
      throws KernelException, HostException {
    PipelineSettings settings = PipelineSettings.standard(0);
    FramePool pool = FramePool.create(settings.poolFrames() + settings.dataFrames());
    try {
      // Under a name without a comma, which would part it from another.
      Path copy = scratch.resolve("capture");
      Files.copy(capture, copy);
      FrameDevice in = Backends.open("pcap:" + copy, pool);
      FrameDevice out = Backends.open("pcap:," + scratch.resolve("out"), pool);
      return new Pipeline(settings, pool, Port.over(List.of(in, out)), packet -> 0);
    } catch (IOException e) {
      pool.close();
      throw new HostException(capture + ": cannot be read: " + e, e);
    } catch (KernelException e) {
      pool.close();
      throw e;
    }
  }

  private static void awaitEnd(Pipeline pipeline) throws HostException, InterruptedException {
    long received = -1;
    long movedAt = System.nanoTime();
    while (!pipeline.ended()) {
      Throwable failure = pipeline.failure();
      if (failure != null) {
        throw new HostException("the packet path failed: " + failure, failure);
      }
      long now = pipeline.counters().received();
      if (now != received) {
        received = now;
        movedAt = System.nanoTime();
      } else if (System.nanoTime() - movedAt > PATIENCE_NANOS) {
        throw new HostException(
            "after " + received + " frames nothing moves any more: the rule does not come back");
      }
      Thread.sleep(LOOK_MS);
    }
  }
}
