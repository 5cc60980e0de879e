package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.FramePool;
import dev.sluice.plugin.Device;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What handlers and other threads send: the three methods of [dev.sluice.plugin.PacketSender] that
/// hand frames on. For any thread.
final class SendingHalf {
  /// Shortest Ethernet frame without frame check sequence, IEEE 802.3.
  private static final int SHORTEST_FRAME = 60;

  private final List<Port> ports;
  private final FreeFrames frames;
  private final SendQueue sendQueue;
  private final SendThread send;
  private final StuckThreads stuckThreads;

  /// Counts what is not counted by the thread of a stage.
  private final Tally shared;

  /// Whether frames may be queued.
  private volatile boolean running;

  /// Whether the SendThread has ended, so that whoever queues a frame must take it out again.
  private volatile boolean sendEnded;

  /// One that sends nothing yet.
  ///
  /// @param send asked, when it has ended, to drop what is queued
  /// @param stuckThreads send nothing any more: a handler that loops over its sending would flood
  ///   the wire although another thread has taken over
  SendingHalf(
      List<Port> ports,
      FreeFrames frames,
      SendQueue sendQueue,
      SendThread send,
      StuckThreads stuckThreads,
      Tally shared) {
    this.ports = ports;
    this.frames = frames;
    this.sendQueue = sendQueue;
    this.send = send;
    this.stuckThreads = stuckThreads;
    this.shared = shared;
  }

  void open() {
    running = true;
  }

  void close() {
    running = false;
  }

  /// To be called when nobody takes frames out of the SendQueue any more.
  void sendThreadEnded() {
    sendEnded = true;
    abandonQueued();
  }

  boolean sendPacket(Device sendTo, Packet packet) {
    Frame frame = ours(packet);
    Port port = ports.getFirst().sibling(sendTo);
    refuseStuck("sendPacket");
    StackRoom.need();
    WorkThread worker = frame.worker();
    if (worker != null && worker.mayHandOver(frame)) {
      try {
        worker.handOver(frame, Frame.SENDING);
        frame.leavesBy(port);
        return worker.sendNow(frame, port);
      } finally {
        worker.stepIn();
      }
    }
    if (!frame.takeHeld(Frame.SENDING)) {
      throw new IllegalStateException("sendPacket: the caller does not own the packet");
    }
    shared.addShared(Tally.RELEASED, 1);
    frame.leavesBy(port);
    return released(frame, port, worker == null ? null : worker.latest());
  }

  /// Sends a frame that was held and is the caller's alone.
  private boolean released(Frame frame, Port port, @Nullable WorkThread worker) {
    if (worker != null && worker.isCaller() && worker.stepOut()) {
      try {
        return worker.sendNow(frame, port);
      } finally {
        worker.stepIn();
      }
    }
    if (running && queued(frame)) {
      return true;
    }
    shared.dropShared(running ? DropReason.SEND_QUEUE_FULL : DropReason.STOPPING);
    frames.free(frame);
    return false;
  }

  /// Queues a frame from any thread.
  private boolean queued(Frame frame) {
    boolean taken = sendQueue.offer(frame);
    // Either this thread sees that the SendThread has ended, or the one that closes sees the frame:
    // offer() moves the queue's producer index with a compare-and-set before this volatile read,
    // and there the volatile write is before the read of that index.
    if (sendEnded) {
      abandonQueued();
    }
    return taken;
  }

  private void abandonQueued() {
    synchronized (send) {
      send.abandonQueued();
    }
  }

  boolean sendData(Device sendTo, MemorySegment data) {
    Port port = ports.getFirst().sibling(sendTo);
    long bytes = data.byteSize();
    if (bytes < 14 || FramePool.FRAME_BYTES < bytes) {
      throw new IllegalArgumentException(
          "sendData: " + bytes + " bytes: allowed: 14.." + FramePool.FRAME_BYTES);
    }
    refuseStuck("sendData");
    StackRoom.need();
    Frame frame = running ? frames.takeForData() : null;
    if (frame == null) {
      shared.addShared(Tally.DATA_REFUSED, 1);
      return false;
    }
    if (filled(frame, data, (int) bytes, port) && queued(frame)) {
      return true;
    }
    shared.addShared(Tally.DATA_REFUSED, 1);
    frames.free(frame);
    return false;
  }

  /// Copies the data in.
  ///
  /// @return false if the pool was closed meanwhile
  /// @throws RuntimeException if the caller cannot read its own data, closed or of another thread
  private boolean filled(Frame frame, MemorySegment data, int bytes, Port port) {
    try {
      fill(frame, data, bytes, port);
      return true;
    } catch (RuntimeException | Error e) {
      if (!running) {
        return false;
      }
      frames.free(frame);
      throw e;
    }
  }

  private static void fill(Frame frame, MemorySegment data, int bytes, Port port) {
    MemorySegment.copy(data, 0, frame.memory(), 0, bytes);
    if (bytes < SHORTEST_FRAME) {
      frame.memory().asSlice(bytes, SHORTEST_FRAME - bytes).fill((byte) 0);
    }
    frame.filled(port, Math.max(bytes, SHORTEST_FRAME));
  }

  void drop(Packet packet, DropReason reason) {
    Frame frame = ours(packet);
    Objects.requireNonNull(reason, "drop: a reason is needed");
    StackRoom.need();
    if (!frame.takeHeld(Frame.FREE)) {
      throw new IllegalStateException("drop: the packet is not held");
    }
    shared.addShared(Tally.RELEASED, 1);
    shared.dropShared(reason);
    frames.free(frame);
  }

  private void refuseStuck(String call) {
    if (stuckThreads.isCaller()) {
      throw new IllegalStateException(
          call + ": the handler took too long, and another thread works in the place of this");
    }
  }

  private Frame ours(Packet packet) {
    if (packet instanceof Frame frame && frames.has(frame)) {
      return frame;
    }
    throw new IllegalArgumentException("the packet is not one of this gateway's");
  }
}
