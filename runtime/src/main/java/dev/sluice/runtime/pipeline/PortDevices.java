package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.KernelException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The devices of a pipeline's ports, and what they have counted, also after they were closed.
final class PortDevices {
  private final List<Port> ports;

  /// Of when they were closed. Guarded by this object, which is held while devices are asked or
  /// closed, so that nobody asks a closed one.
  private @Nullable List<PipelineCounters.Port> lastRows;

  PortDevices(List<Port> ports) {
    this.ports = ports;
  }

  /// Lets them receive.
  ///
  /// @throws KernelException if one cannot be attached; those that could are detached again
  void start() throws KernelException {
    for (int i = 0; i < ports.size(); i++) {
      try {
        ports.get(i).device().start();
      } catch (KernelException e) {
        ports.subList(0, i).forEach(port -> port.device().stop());
        throw e;
      }
    }
  }

  /// Lets no more frames in.
  void stop(LastSteps steps) {
    ports.forEach(port -> steps.take(port.device()::stop));
  }

  /// What they have counted.
  synchronized List<PipelineCounters.Port> rows() {
    List<PipelineCounters.Port> last = lastRows;
    return last == null ? counted() : last;
  }

  private List<PipelineCounters.Port> counted() {
    return ports.stream().map(CounterReading::device).toList();
  }

  synchronized void close(LastSteps steps) {
    steps.take(() -> lastRows = counted());
    ports.forEach(port -> steps.take(port.device()::close));
  }
}
