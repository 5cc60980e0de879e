package dev.sluice.runtime.embed;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.plugin.Device;
import dev.sluice.plugin.DeviceException;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Gateway;
import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.runtime.pipeline.Backends;
import dev.sluice.runtime.pipeline.Chain;
import dev.sluice.runtime.pipeline.Pipeline;
import dev.sluice.runtime.pipeline.PipelineSettings;
import dev.sluice.runtime.pipeline.Port;
import dev.sluice.runtime.pipeline.WarmUp;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A gateway whose one handler is the program's own. What the program opens is kept until
/// `dispatch` makes the pipeline of it.
final class EmbeddedGateway implements Gateway {
  /// Copied on writing, so that handlers may ask for devices whoever holds this object's monitor.
  private final List<Port> opened = new CopyOnWriteArrayList<>();

  private @Nullable FramePool pool;
  private @Nullable HashFunction hash;
  private @Nullable PacketHandler handler;
  private volatile @Nullable Pipeline pipeline;
  private boolean closed;

  @Override
  public synchronized void init(HashFunction hashFunction, PacketHandler packetHandler) {
    if (hash != null || pipeline != null || closed) {
      throw new IllegalStateException("init: to be called once, before dispatch");
    }
    hash = hashFunction;
    handler = packetHandler;
  }

  @Override
  public synchronized Device openDevice(String name) throws DeviceException {
    if (pipeline != null || closed) {
      throw new IllegalStateException("openDevice: to be called before dispatch");
    }
    try {
      FramePool frames = pool;
      if (frames == null) {
        PipelineSettings largest = PipelineSettings.standard(4);
        frames = FramePool.create(largest.poolFrames() + largest.dataFrames());
        pool = frames;
      }
      Port port = new Port(opened.size(), Backends.open(name, frames));
      opened.add(port);
      Port.pair(opened);
      return port;
    } catch (KernelException e) {
      throw new DeviceException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public synchronized void dispatch(int workThreads) {
    if (workThreads < 0 || 64 < workThreads) {
      throw new IllegalArgumentException("dispatch(" + workThreads + "): allowed: 0..64");
    }
    FramePool frames = pool;
    HashFunction spread = hash;
    PacketHandler judge = handler;
    if (pipeline != null || spread == null || judge == null || frames == null || closed) {
      throw new IllegalStateException("dispatch: to be called once, after init and openDevice");
    }
    try {
      Backends.checkPairs(opened);
      Pipeline made = new Pipeline(PipelineSettings.standard(workThreads), frames, opened, spread);
      Chain.Link link = new Chain.Link("program", Collections.nCopies(made.workThreads(), judge));
      made.publish(new Chain(List.of(link), spread, true), Duration.ZERO);
      pipeline = made;
      warmUp();
      made.start();
    } catch (KernelException e) {
      throw new IllegalStateException(e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("dispatch was interrupted", e);
    }
  }

  /// Without it the first packets are handled more slowly, and that is all.
  private static void warmUp() throws InterruptedException {
    WarmUp.begin(failure ->
            System.getLogger(EmbeddedGateway.class.getName())
                .log(
                    System.Logger.Level.WARNING,
                    "no warm-up: the first packets are slower",
                    failure))
        .await();
  }

  private Pipeline running() {
    Pipeline made = pipeline;
    if (made == null) {
      throw new IllegalStateException("nothing can be sent before dispatch");
    }
    return made;
  }

  @Override
  public List<Device> devices() {
    return List.copyOf(opened);
  }

  @Override
  public boolean sendPacket(Device sendTo, Packet packet) {
    return running().sendPacket(sendTo, packet);
  }

  @Override
  public boolean sendData(Device sendTo, MemorySegment frame) {
    return running().sendData(sendTo, frame);
  }

  @Override
  public void drop(Packet packet, DropReason reason) {
    running().drop(packet, reason);
  }

  @Override
  public boolean ended() {
    Pipeline made = pipeline;
    return made != null && made.ended();
  }

  @Override
  public void close() {
    Pipeline made = pipeline;
    if (made == null) {
      made = closeOpened();
    }
    // Without the monitor, which whoever closes would hold while handlers come to their end.
    if (made != null) {
      made.close();
    }
  }

  /// Closes what was opened, unless a pipeline was made of it: then that is to be closed.
  private synchronized @Nullable Pipeline closeOpened() {
    Pipeline made = pipeline;
    if (made == null && !closed) {
      opened.forEach(port -> port.device().close());
      FramePool frames = pool;
      if (frames != null) {
        frames.close();
      }
    }
    closed = true;
    return made;
  }
}
