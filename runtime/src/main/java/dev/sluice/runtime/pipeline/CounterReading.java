package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.DeviceCounters;
import dev.sluice.kernel.FrameDevice;
import dev.sluice.plugin.DropReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Adds up the tallies of all threads.
final class CounterReading {
  private CounterReading() {}

  static PipelineCounters of(
      List<Tally> tallies,
      long allocatedBytes,
      Generation generation,
      List<PipelineCounters.Port> devices,
      ChainCounters chain,
      List<BundleCounters> bundles) {
    return new PipelineCounters(
        sum(tallies, Tally.RECEIVED),
        sum(tallies, Tally.FORWARDED),
        sum(tallies, Tally.ANSWERED),
        sum(tallies, Tally.HELD) - sum(tallies, Tally.RELEASED),
        dropped(tallies),
        sum(tallies, Tally.DATA_SENT),
        sum(tallies, Tally.DATA_DROPPED) + sum(tallies, Tally.DATA_REFUSED),
        sum(tallies, Tally.MISUSES),
        allocatedBytes,
        generation.number(),
        handlers(generation),
        devices,
        chain,
        bundles);
  }

  static long sum(List<Tally> tallies, int what) {
    long sum = 0;
    for (Tally tally : tallies) {
      sum += tally.count(what);
    }
    return sum;
  }

  /// What went into the chains and came out.
  static ChainCounters chain(Tally read, List<Lane> lanes, List<RecvQueue> queues) {
    long refused = 0;
    for (DropReason reason : DropReason.all()) {
      refused += read.dropped(reason.index());
    }
    return new ChainCounters(
        refused,
        queues.stream().mapToLong(RecvQueue::depth).sum(),
        LoopCounters.sum(lanes, LoopCounters.GIVEN),
        LoopCounters.sum(lanes, LoopCounters.PASSED),
        LoopCounters.sum(lanes, LoopCounters.CLOSED),
        LoopCounters.sum(lanes, LoopCounters.STUCK));
  }

  private static long dropped(HandlerCounters counters) {
    long sum = 0;
    for (DropReason reason : DropReason.all()) {
      sum += counters.dropped(reason.index());
    }
    return sum;
  }

  private static Map<String, Long> dropped(List<Tally> tallies) {
    Map<String, Long> dropped = new TreeMap<>();
    for (DropReason reason : DropReason.all()) {
      long sum = 0;
      for (Tally tally : tallies) {
        sum += tally.dropped(reason.index());
      }
      if (sum > 0) {
        dropped.put(reason.name(), sum);
      }
    }
    return dropped;
  }

  static List<PipelineCounters.Handler> handlers(Generation generation) {
    List<PipelineCounters.Handler> rows = new ArrayList<>();
    for (int worker = 0; worker < generation.handlers().size(); worker++) {
      for (LoopSpinner.Counted counted : generation.handlers().get(worker)) {
        HandlerCounters counters = counted.counters();
        rows.add(
            new PipelineCounters.Handler(
                counters.bundle(),
                worker,
                counters.count(HandlerCounters.PASSED),
                dropped(counters),
                counters.count(HandlerCounters.ANSWERED),
                counters.count(HandlerCounters.TAKEN),
                counters.count(HandlerCounters.FAILED)
                    + counters.count(HandlerCounters.TICK_FAILED),
                counters.lastFailure()));
      }
    }
    return List.copyOf(rows);
  }

  /// How full the queues are; the highest since the last call.
  static List<QueueDepth> depths(List<RecvQueue> recvQueues, SendQueue sendQueue) {
    List<QueueDepth> depths = new ArrayList<>();
    for (int i = 0; i < recvQueues.size(); i++) {
      depths.add(recvQueues.get(i).depthReading("recv-" + i));
    }
    depths.add(sendQueue.depthReading("send"));
    return List.copyOf(depths);
  }

  /// What one device counted.
  static PipelineCounters.Port device(Port port) {
    DeviceCounters counters = port.device().counters();
    FrameDevice device = port.device();
    String link = device.link().name(); // asked first: the interface's name is as of then
    return new PipelineCounters.Port(
        device.name(),
        device.interfaceName(),
        link,
        device.method(),
        counters.received(),
        counters.kernelDropped(),
        counters.tooLong(),
        counters.sent(),
        counters.sendFailed(),
        device.statistics());
  }
}
