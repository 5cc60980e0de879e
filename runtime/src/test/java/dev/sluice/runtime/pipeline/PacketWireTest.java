package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.sluice.kernel.ChunkStack;
import dev.sluice.kernel.FrameBatch;
import dev.sluice.kernel.FrameDevice;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.NetworkNamespace;
import dev.sluice.kernel.XdpSupport;
import dev.sluice.plugin.FlowHash;
import dev.sluice.plugin.Verdict;
import dev.sluice.runtime.TestNamespace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Frames over real (virtual) wires, through a chain that passes all, and what comes out at the far
/// end.
@Tag("privileged")
@Timeout(120)
final class PacketWireTest {
  private static final int FRAMES = 100_000;
  private static final int FLOWS = 16;

  /// Frames under way at a time, so that no ring on the way can overflow.
  private static final int WINDOW = 512;

  @ParameterizedTest
  @CsvSource({
    "packet, packet, 0",
    "packet, packet, 2",
    "xdp, xdp, 0",
    "xdp, xdp, 2",
    "xdp, packet, 0",
  })
  void framesOfEveryLengthCrossByteForByteInOrder(String left, String right, int workThreads)
      throws Exception {
    TestNamespace.require();
    try (TestNamespace wires = TestNamespace.withTwoWires()) {
      List<String> ports =
          List.of(left + ":" + wires.gatewayLeft(), right + ":" + wires.gatewayRight());
      NetworkNamespace.call(wires.name(), () -> cross(wires, ports, workThreads));
    }
  }

  private static void requireXdp(String interfaceName) throws KernelException {
    XdpSupport support = XdpSupport.of(interfaceName);
    if (!support.nativeXdp()) {
      System.out.println("SKIPPED: no AF_XDP: " + support.refusals());
      abort("no AF_XDP: " + support.refusals());
    }
  }

  private Void cross(TestNamespace wires, List<String> ports, int workThreads) throws Exception {
    if (ports.getFirst().startsWith("xdp:")) {
      requireXdp(wires.gatewayLeft());
    }
    PipelineSettings settings = PipelineSettings.standard(workThreads);
    FramePool pool = FramePool.create(settings.poolFrames() + settings.dataFrames());
    List<FrameDevice> devices = Backends.open(ports, DeviceSettings.STANDARD, pool);
    try (Pipeline pipeline = new Pipeline(settings, pool, Port.over(devices), new FlowHash());
        FarEnd left = new FarEnd(wires.farLeft());
        FarEnd right = new FarEnd(wires.farRight())) {
      Chain.Link link =
          new Chain.Link(
              "all/1", java.util.Collections.nCopies(pipeline.workThreads(), _ -> Verdict.PASS));
      assertTrue(pipeline.publish(new Chain(List.of(link), new FlowHash(), true), Rig.PATIENCE));
      pipeline.start();
      // With its first turn the ReadThread gives the kernel what AF_XDP receives into.
      Thread.sleep(300);
      exchange(left, right);
      exchange(right, left);
      PipelineCounters counters = pipeline.counters();
      assertEquals(2 * FRAMES, counters.received());
      assertEquals(2 * FRAMES, counters.forwarded());
      assertEquals(0, counters.droppedTotal());
    }
    return null;
  }

  /// Sends all frames one way and compares what arrives with what each flow must have next.
  private static void exchange(FarEnd from, FarEnd to) {
    int[] nextOfFlow = new int[FLOWS];
    for (int flow = 0; flow < FLOWS; flow++) {
      nextOfFlow[flow] = flow;
    }
    int sent = 0;
    int arrived = 0;
    long lastProgress = System.nanoTime();
    while (arrived < FRAMES) {
      while (sent < FRAMES && sent - arrived < WINDOW && from.send(frame(sent))) {
        sent++;
      }
      from.flush();
      for (byte[] found : to.receive()) {
        int flow = flowOf(found);
        byte[] expected = frame(nextOfFlow[flow]);
        if (!Arrays.equals(expected, found)) {
          assertEquals(hex(expected), hex(found), "frame " + nextOfFlow[flow]);
        }
        nextOfFlow[flow] += FLOWS;
        arrived++;
        lastProgress = System.nanoTime();
      }
      assertTrue(
          System.nanoTime() - lastProgress < 5_000_000_000L,
          arrived + " of " + sent + " frames arrived, then none for 5 s");
    }
  }

  private static String hex(byte[] bytes) {
    return java.util.HexFormat.of().formatHex(bytes);
  }

  /// Frame number n: lengths 60..1514 in turn, every third with a VLAN tag, every fifth with two.
  private static byte[] frame(int n) {
    int tags = n % 5 == 0 ? 2 : n % 3 == 0 ? 1 : 0;
    int bytes = 60 + n % 1455;
    byte[] plain = TestFrames.udp(Math.max(60, bytes - 4 * tags));
    plain[35] = (byte) (n % FLOWS);
    MemorySegment payload = MemorySegment.ofArray(plain);
    payload.set(ValueLayout.JAVA_INT_UNALIGNED, 42, n);
    for (int i = 46; i < plain.length; i++) {
      plain[i] = (byte) (n * 31 + i);
    }
    return tags == 0 ? plain : tagged(plain, tags);
  }

  private static byte[] tagged(byte[] plain, int tags) {
    byte[] frame = new byte[plain.length + 4 * tags];
    System.arraycopy(plain, 0, frame, 0, 12);
    int at = 12;
    if (tags == 2) {
      at = tag(frame, at, 0x88a8, 0x6000 | 200);
    }
    at = tag(frame, at, 0x8100, 0xa000 | 100);
    System.arraycopy(plain, 12, frame, at, plain.length - 12);
    return frame;
  }

  private static int tag(byte[] frame, int at, int type, int control) {
    frame[at] = (byte) (type >> 8);
    frame[at + 1] = (byte) type;
    frame[at + 2] = (byte) (control >> 8);
    frame[at + 3] = (byte) control;
    return at + 4;
  }

  private static int flowOf(byte[] frame) {
    int at = 35;
    for (int type = 12; frame[type] == (byte) 0x81 || frame[type] == (byte) 0x88; type += 4) {
      at += 4;
    }
    return frame[at];
  }

  /// The far end of a wire: a device of its own, with its own pool.
  private static final class FarEnd implements AutoCloseable {
    private final FramePool pool = FramePool.create(4096);
    private final FrameDevice device;
    private final ChunkStack free = new ChunkStack(4096);
    private final FrameBatch in = new FrameBatch(256);
    private final FrameBatch out = new FrameBatch(1);

    FarEnd(String name) throws Exception {
      device = Backends.open("packet:" + name, pool);
      for (int chunk = 0; chunk < pool.chunks(); chunk++) {
        free.push(chunk);
      }
      device.start();
    }

    boolean send(byte[] frame) {
      int chunk = free.pop();
      MemorySegment.copy(frame, 0, pool.frame(chunk), ValueLayout.JAVA_BYTE, 0, frame.length);
      out.clear();
      out.add(chunk, frame.length, 0, 0);
      boolean taken = device.send(out, 0) == 1;
      if (!taken) {
        free.push(chunk);
      }
      device.completed(free);
      return taken;
    }

    void flush() {
      device.flush();
    }

    List<byte[]> receive() {
      in.clear();
      device.receive(in, free);
      List<byte[]> frames = new ArrayList<>();
      for (int i = 0; i < in.count(); i++) {
        frames.add(pool.frame(in.chunk(i)).asSlice(0, in.length(i)).toArray(ValueLayout.JAVA_BYTE));
        free.push(in.chunk(i));
      }
      return frames;
    }

    @Override
    public void close() {
      device.close();
      pool.close();
    }
  }
}
