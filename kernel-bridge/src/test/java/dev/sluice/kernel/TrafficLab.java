package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.function.LongSupplier;

/// `gen0 === gw0 -> gw1 === snk0`, where tests put a generator, a forwarder and a sink.
final class TrafficLab implements AutoCloseable {
  final LabNetwork network = new LabNetwork(false);

  TrafficLab() {
    network.wire("gen0", "gw0");
    network.wire("gw1", "snk0");
  }

  FrameGenerator generator(FramePattern pattern) throws Exception {
    return network.call(() -> FrameGenerator.open("gen0", pattern));
  }

  FrameSink sink(String interfaceName, FramePattern pattern, int samples) throws Exception {
    return network.call(() -> FrameSink.open(interfaceName, pattern, samples));
  }

  XdpForwarder redirect(String from, String to) throws Exception {
    return network.call(() -> XdpForwarder.redirect(from, to));
  }

  /// Names of the programs attached in this namespace, as bpftool(8) or ip(8) shows them.
  String attached() {
    return network.ip("-details", "link", "show");
  }

  /// Waits until a number is as expected, two seconds at most.
  static void await(long expected, LongSupplier number) throws InterruptedException {
    long until = System.nanoTime() + 2_000_000_000L;
    while (number.getAsLong() != expected && System.nanoTime() < until) {
      Thread.sleep(1);
    }
    assertEquals(expected, number.getAsLong());
  }

  @Override
  public void close() {
    network.close();
  }
}
