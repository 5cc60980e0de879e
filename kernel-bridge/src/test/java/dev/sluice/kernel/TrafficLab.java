package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;

import java.util.function.LongSupplier;

/// `gen0 === gw0 -> gw1 === snk0`, where tests put a generator, a forwarder and a sink.
final class TrafficLab implements AutoCloseable {
  final LabNetwork network = network();

  TrafficLab() {
    network.wire("gen0", "gw0");
    network.wire("gw1", "snk0");
  }

  /// A namespace, unless this process may make some but load no programs, as in a user namespace.
  private static LabNetwork network() {
    try {
      BpfProgram.load("sluice_try", new BpfAssembler().exit(UapiBpf.XDP_PASS)).close();
    } catch (KernelException e) {
      System.err.println("SKIPPED a test with XDP programs: " + e.getMessage());
      abort("the kernel loads no programs for this process: " + e.getMessage());
    }
    return new LabNetwork(false);
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
