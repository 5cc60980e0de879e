package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.util.concurrent.locks.LockSupport;
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

  /// A packet socket on an interface, once the kernel has noticed that both its ends are up.
  Port port(String interfaceName, FramePool pool, int firstChunk, int chunks) throws Exception {
    PacketDevice device = network.attach(interfaceName, pool);
    await(1, () -> device.link() == LinkState.UP ? 1 : 0);
    return new Port(device, pool, firstChunk, chunks);
  }

  /// Sends a frame, again and again while the device refuses it: the kernel tells late that a link
  /// is up.
  static void send(Port from, byte[] frame) {
    long until = System.nanoTime() + 10_000_000_000L;
    while (!from.send(frame)) {
      assertTrue(System.nanoTime() < until, "the device has refused the frame for ten seconds");
      LockSupport.parkNanos(1_000_000);
    }
  }

  /// Names of the programs attached in this namespace, as bpftool(8) or ip(8) shows them.
  String attached() {
    return network.ip("-details", "link", "show");
  }

  /// Sends frames a few at a time, each lot when the one before has come: a veth(4) holds 256, and
  /// on a busy machine nobody may be there to take them out.
  ///
  /// @param come counts what the far end has received
  static void send(FrameGenerator generator, int frames, LongSupplier come) throws Exception {
    long before = come.getAsLong();
    for (int sent = 0; sent < frames; ) {
      int lot = Math.min(200, frames - sent);
      generator.send(lot);
      sent += lot;
      await(before + sent, come);
    }
  }

  /// Waits until a number is as expected, ten seconds at most.
  static void await(long expected, LongSupplier number) {
    long until = System.nanoTime() + 10_000_000_000L;
    while (number.getAsLong() != expected && System.nanoTime() < until) {
      LockSupport.parkNanos(50_000);
    }
    assertEquals(expected, number.getAsLong());
  }

  @Override
  public void close() {
    network.close();
  }
}
