package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.FrameDevice;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.NetworkNamespace;
import dev.sluice.plugin.FlowHash;
import dev.sluice.plugin.Verdict;
import dev.sluice.runtime.TestNamespace;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// TCP of the kernel's own, through a gateway on `xdp:`. Over a virtual wire the kernel leaves
/// checksums to a hardware that is not there, and an XDP program cannot tell.
@Tag("privileged")
@Timeout(60)
final class XdpChecksumTest {
  private static final int PORT = 2404;
  private static final int BYTES = 1 << 20;
  private static final int MILLIS = 10_000;

  @Test
  void connectionOfLocalStacksWithChecksumOffloadCarriesAMegabyte() throws Exception {
    TestNamespace.require();
    try (TestNamespace here = TestNamespace.withTwoWires();
        TestNamespace there = TestNamespace.withTwoWires()) {
      here.in("ip", "link", "set", here.farRight(), "netns", there.name(), "name", "far");
      there.in("ip", "addr", "add", "192.0.2.2/24", "dev", "far");
      there.in("ip", "link", "set", "far", "up");
      here.in("ip", "addr", "add", "192.0.2.1/24", "dev", here.farLeft());
      try (Pipeline pipeline = NetworkNamespace.call(here.name(), () -> pipeline(here));
          ServerSocket server = NetworkNamespace.call(there.name(), () -> new ServerSocket(PORT))) {
        server.setSoTimeout(MILLIS);
        NetworkNamespace.call(here.name(), () -> exchange(server));
        assertTrue(pipeline.counters().forwarded() > 2 * BYTES / 1500);
      }
    }
  }

  private static Pipeline pipeline(TestNamespace wires) throws Exception {
    PipelineSettings settings = PipelineSettings.standard(0);
    FramePool pool = FramePool.create(settings.poolFrames() + settings.dataFrames());
    List<FrameDevice> devices =
        List.of(
            Backends.open("xdp:" + wires.gatewayLeft(), pool),
            Backends.open("xdp:" + wires.gatewayRight(), pool));
    Pipeline pipeline = new Pipeline(settings, pool, Port.over(devices), new FlowHash());
    Chain.Link link =
        new Chain.Link("all/1", Collections.nCopies(pipeline.workThreads(), _ -> Verdict.PASS));
    assertTrue(pipeline.publish(new Chain(List.of(link), new FlowHash(), true), Rig.PATIENCE));
    pipeline.start();
    return pipeline;
  }

  /// Sends one way, then the other.
  private static Void exchange(ServerSocket server) throws Exception {
    byte[] sent = new byte[BYTES];
    new Random(104).nextBytes(sent);
    try (Socket client = new Socket()) {
      client.connect(new InetSocketAddress("192.0.2.2", PORT), MILLIS);
      client.setSoTimeout(MILLIS);
      try (Socket accepted = server.accept()) {
        accepted.setSoTimeout(MILLIS);
        carry(client, accepted, sent);
        carry(accepted, client, sent);
      }
    }
    return null;
  }

  private static void carry(Socket from, Socket to, byte[] sent) throws Exception {
    Thread sender =
        Thread.ofPlatform()
            .start(() -> {
              try {
                from.getOutputStream().write(sent);
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    assertArrayEquals(sent, to.getInputStream().readNBytes(sent.length));
    sender.join();
  }
}
