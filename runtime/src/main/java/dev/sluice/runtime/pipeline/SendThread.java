package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.ChunkStack;
import dev.sluice.kernel.FrameBatch;
import dev.sluice.kernel.LinkState;
import dev.sluice.plugin.DropReason;
import java.util.List;

/// The paper's Send Thread: gives what the SendQueue has to the devices, and their finished frames
/// back to the pool.
final class SendThread implements DutyCycle {
  private final List<Port> ports;
  private final SendQueue queue;
  private final FreeFrames frames;
  private final Tally tally = new Tally();
  private final FrameRun batch;
  private final ChunkStack finished;
  private final int limit;

  SendThread(List<Port> ports, SendQueue queue, FreeFrames frames, int limit) {
    this.ports = ports;
    this.queue = queue;
    this.frames = frames;
    this.limit = limit;
    this.batch = new FrameRun(limit);
    this.finished = new ChunkStack(frames.total());
  }

  @Override
  public int doWork() {
    batch.clear();
    int count = queue.drain(batch, limit);
    for (int i = 0; i < count; i++) {
      toDevice(batch.at(i));
    }
    int moved = 0;
    for (int i = 0; i < ports.size(); i++) {
      moved += push(ports.get(i));
    }
    return count + moved;
  }

  private void toDevice(Frame frame) {
    Port port = frame.leavesBy();
    if (port == null || port.outgoing().room() == 0) {
      refused(frame);
      return;
    }
    port.outgoing().add(frame.chunk(), frame.length(), 0, 0);
  }

  private int push(Port port) {
    int moved = 0;
    FrameBatch outgoing = port.outgoing();
    if (port.unsentFrom() < outgoing.count()) {
      moved = port.device().send(outgoing, port.unsentFrom());
      port.device().flush();
      accepted(outgoing, port.unsentFrom(), moved);
      port.unsentFrom(port.unsentFrom() + moved);
      if (moved == 0 && port.device().link() != LinkState.UP) {
        giveUp(port);
      }
      if (port.unsentFrom() == outgoing.count()) {
        outgoing.clear();
        port.unsentFrom(0);
      }
    }
    reclaim(port);
    return moved;
  }

  private void accepted(FrameBatch outgoing, int from, int count) {
    int data = 0;
    for (int i = from; i < from + count; i++) {
      if (frames.frame(outgoing.chunk(i)).isForData()) {
        data++;
      }
    }
    tally.add(Tally.DATA_SENT, data);
    tally.add(Tally.FORWARDED, count - data);
  }

  /// A link that is down takes nothing; what waits for it would come out stale.
  private void giveUp(Port port) {
    FrameBatch outgoing = port.outgoing();
    for (int i = port.unsentFrom(); i < outgoing.count(); i++) {
      refused(frames.frame(outgoing.chunk(i)));
    }
    port.unsentFrom(outgoing.count());
  }

  private void refused(Frame frame) {
    if (frame.isForData()) {
      tally.add(Tally.DATA_DROPPED, 1);
    } else {
      tally.drop(DropReason.DEVICE_REFUSED);
    }
    frames.free(frame);
  }

  private void reclaim(Port port) {
    port.device().completed(finished);
    while (finished.size() > 0) {
      frames.free(frames.frame(finished.pop()));
    }
  }

  Tally tally() {
    return tally;
  }
}
