package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Many frames at once, by a wire whose far end takes them so, or does not.
@Privileged
class XdpBurstTest {
  private static final int CHUNKS = 8192;
  private static final int RING = 2048;
  private static final int BURST = 64;

  private final LabNetwork network = new LabNetwork(false);
  private final FramePool pool = FramePools.of(4 * CHUNKS);
  private final List<Port> ports = new ArrayList<>();

  @AfterEach
  void close() {
    ports.forEach(Port::close);
    network.close();
    pool.close();
  }

  private static XdpOptions options(XdpOptions.Transmit transmit) {
    return new XdpOptions(
        XdpOptions.Mode.BEST, XdpOptions.Copy.BEST, RING, 256, true, 0, -1, transmit);
  }

  private Port open(String name) throws Exception {
    return started(
        network.call(() -> XdpDevice.open(name, options(XdpOptions.Transmit.BEST), pool)));
  }

  private Port started(FrameDevice device) throws Exception {
    Port port = new Port(device, pool, ports.size() * CHUNKS, CHUNKS);
    ports.add(port);
    port.drain(1);
    device.start();
    return port;
  }

  /// A far end that looks on behind its driver, which has no XDP program.
  private Port openPlain(String name) throws Exception {
    return started(network.attach(name, pool));
  }

  private static List<byte[]> numbered(int from, int count, int length) {
    List<byte[]> frames = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      frames.add(Frames.plain(length, i));
    }
    return frames;
  }

  private static void allArrive(Port near, Port far, int first) throws InterruptedException {
    List<byte[]> frames = numbered(first, BURST, 200);
    assertEquals(BURST, near.send(frames));
    assertSame(frames, far.receive(BURST));
  }

  private static void assertSame(List<byte[]> sent, List<byte[]> arrived) {
    assertEquals(sent.size(), arrived.size());
    for (int i = 0; i < sent.size(); i++) {
      assertArrayEquals(sent.get(i), arrived.get(i), "frame " + i);
    }
  }

  @Test
  void framesOfAllLengthsArriveByteForByteAndInOrder() throws Exception {
    network.wire("near", "far");
    Port near = open("near");
    Port far = open("far");
    assertTrue(near.device.method().endsWith(", bursts redirected"), near.device.method());
    List<Integer> lengths = new ArrayList<>();
    for (int length = 14; length <= 1514; length++) {
      lengths.add((length * 389) % 1501 + 14); // 389 and 1501 share no divisor
    }
    for (int at = 0; at < lengths.size(); at += BURST) {
      List<byte[]> frames = new ArrayList<>();
      for (int length : lengths.subList(at, Math.min(at + BURST, lengths.size()))) {
        frames.add(Frames.plain(length, length));
      }
      assertEquals(frames.size(), near.send(frames));
      assertSame(frames, far.receive(frames.size()));
    }
    assertEquals(lengths.size(), near.device.counters().sent());
    assertEquals(0, near.device.counters().sendFailed());
  }

  /// Some leave by the ring, and some together.
  @Test
  void fewAndManyKeepTheirOrder() throws Exception {
    network.wire("near", "far");
    Port near = open("near");
    keepOrder(near, open("far"));
    assertEquals(CHUNKS - RING, near.free.size(), "the kernel has a ring's worth");
  }

  /// It takes redirected frames for its GRO, and sees them behind its driver.
  @ParameterizedTest
  @ValueSource(strings = {"on", "off"})
  void orderIsKeptWhateverTheFarEndIs(String gro) throws Exception {
    network.wire("near", "far");
    network.inside("ethtool", "-K", "near", "tso", "on");
    Port near = open("near");
    assertFalse(features("near").contains("tcp-segmentation-offload: on"), features("near"));
    network.inside("ethtool", "-K", "far", "gro", gro);
    keepOrder(near, openPlain("far"));
    ports.removeFirst().close();
    assertTrue(features("near").contains("tcp-segmentation-offload: on"), features("near"));
  }

  private String features(String name) {
    return network.inside("ethtool", "-k", name);
  }

  private static void keepOrder(Port near, Port far) throws InterruptedException {
    Random random = new Random(104);
    int sent = 0;
    for (int turn = 0; turn < 100; turn++) {
      List<byte[]> all = new ArrayList<>();
      for (int part = 0; part < 4; part++) {
        int count = 1 + random.nextInt(random.nextBoolean() ? 4 : 40);
        List<byte[]> frames = numbered(sent, count, 60 + random.nextInt(100));
        assertEquals(count, near.send(frames));
        all.addAll(frames);
        sent += count;
      }
      assertSame(all, far.receive(all.size()));
    }
    assertEquals(sent, near.device.counters().sent());
    assertEquals(0, near.device.counters().sendFailed());
  }

  /// The driver gives up the rest of a lot of 16 at the first frame that is too long for it.
  @Test
  void farEndWithASmallerMtuTakesWhatIsCounted() throws Exception {
    network.wire("near", "far");
    Port near = open("near");
    Port far = open("far");
    network.ip("link", "set", "far", "mtu", "1000");
    List<byte[]> frames = numbered(0, BURST, 300);
    frames.set(20, Frames.plain(1200, 1));
    assertEquals(BURST, near.send(frames));
    int arrived = far.drain(50).size();
    assertEquals(arrived, near.device.counters().sent());
    assertEquals(BURST - arrived, near.device.counters().sendFailed());
    assertEquals(BURST - 12, arrived, "frames 20 to 31 are lost");
    allArrive(near, far, 0);
  }

  /// It takes no redirected frame, so the first burst comes to nothing, and leaves by the ring.
  @Test
  void farEndWithoutAProgramGetsThemAllTheSame() throws Exception {
    network.wire("near", "far");
    Port near = open("near");
    Port far = openPlain("far");
    for (int turn = 0; turn < 20; turn++) {
      allArrive(near, far, turn * BURST);
    }
    assertEquals(20 * BURST, near.device.counters().sent());
    assertEquals(0, near.device.counters().sendFailed());
    assertEquals(CHUNKS - RING, near.free.size(), "the kernel has a ring's worth");
  }

  /// What another program redirects meanwhile is not taken for these.
  @Test
  void farEndWithoutAProgramIsFoundOutBesideOtherTraffic() throws Exception {
    network.wire("near", "far");
    network.wire("gen0", "snk0");
    Port far = openPlain("far");
    FramePattern pattern = Patterns.of(60, 1);
    try (FrameSink _ = network.call(() -> FrameSink.open("snk0", pattern, 0));
        FrameGenerator generator = network.call(() -> FrameGenerator.open("gen0", pattern))) {
      AtomicBoolean over = new AtomicBoolean();
      FutureTask<Void> other = new FutureTask<>(() -> generate(generator, over), null);
      Thread.ofPlatform().start(other);
      for (int turn = 0; turn < 30; turn++) {
        Port near = open("near");
        allArrive(near, far, turn * BURST);
        ports.remove(near);
        near.close();
      }
      over.set(true);
      other.get();
    }
  }

  private static void generate(FrameGenerator generator, AtomicBoolean over) {
    try {
      while (!over.get()) {
        generator.send(2000);
      }
    } catch (KernelException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void farEndThatLosesItsProgramLosesNoFrame() throws Exception {
    network.wire("near", "far");
    Port near = open("near");
    Port far = openPlain("far");
    XdpForwarder pass = network.call(() -> XdpForwarder.pass("far"));
    for (int turn = 0; turn < 20; turn++) {
      if (turn == 10) {
        pass.close();
      }
      allArrive(near, far, turn * BURST);
    }
    assertEquals(0, near.device.counters().sendFailed());
  }

  /// With two tags at the full MTU a frame is longer than the kernel forwards.
  @Test
  void frameThatTheKernelDoesNotForwardIsCountedAndTheOthersArrive() throws Exception {
    network.wire("near", "far");
    Port near = open("near");
    Port far = open("far");
    List<byte[]> frames = numbered(0, BURST, 300);
    byte[] inner = Frames.tagged(0x8100, 7, Frames.plain(1514, 1));
    frames.set(5, Frames.tagged(0x88a8, 8, inner));
    assertEquals(BURST, near.send(frames));
    frames.remove(5);
    assertSame(frames, far.receive(BURST - 1));
    assertEquals(BURST - 1, near.device.counters().sent());
    assertEquals(1, near.device.counters().sendFailed());
    assertEquals(CHUNKS - RING, near.free.size(), "the kernel has a ring's worth");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 13, 1523, 1792, 1793, 70_000, -1})
  void frameThatNoInterfaceTakesIsCountedAndTheOthersArrive(int length) throws Exception {
    network.wire("near", "far");
    Port near = open("near");
    Port far = open("far");
    List<byte[]> frames = numbered(0, BURST, 300);
    near.batch.clear();
    for (int i = 0; i < BURST; i++) {
      int chunk = near.free.pop();
      near.pool.frame(chunk).asByteBuffer().put(frames.get(i));
      near.batch.add(chunk, i == 7 ? length : 300, 0, 0);
    }
    assertEquals(BURST, near.device.send(near.batch, 0));
    near.device.flush();
    near.device.completed(near.free);
    frames.remove(7);
    assertSame(frames, far.receive(BURST - 1));
    assertEquals(1, near.device.counters().sendFailed());
    assertEquals(CHUNKS - RING, near.free.size(), "the kernel has a ring's worth");
  }

  @Test
  void wireThatIsDownTakesNothing() throws Exception {
    network.wire("near", "far");
    Port near = open("near");
    Port far = open("far");
    network.ip("link", "set", "far", "down");
    Thread.sleep(200);
    int accepted = near.send(numbered(0, BURST, 60));
    near.device.completed(near.free);
    assertEquals(0, near.device.counters().sent(), "accepted " + accepted);
    network.ip("link", "set", "far", "up");
    Thread.sleep(200);
    near.device.completed(near.free);
    allArrive(near, far, 1000);
  }

  /// Each counts what became of its own frames alone.
  @Test
  void twoWiresAtOnceCountForThemselves() throws Exception {
    network.wire("near", "far");
    network.wire("here", "there");
    Port near = open("near");
    Port far = open("far");
    Port here = open("here");
    Port there = open("there");
    FutureTask<Long> other = new FutureTask<>(() -> exchange(here, there));
    Thread.ofPlatform().start(other);
    assertEquals(300L * BURST, exchange(near, far));
    assertEquals(300L * BURST, other.get());
    assertEquals(300L * BURST, near.device.counters().sent());
    assertEquals(300L * BURST, here.device.counters().sent());
  }

  private static long exchange(Port from, Port to) throws InterruptedException {
    long arrived = 0;
    for (int turn = 0; turn < 300; turn++) {
      from.send(numbered(turn * BURST, BURST, 60));
      arrived += to.receive(BURST).size();
    }
    return arrived;
  }

  /// A port by AF_PACKET has no XDP program that this could be part of.
  @Test
  void portWithoutAProgramOfItsOwnSendsBurstsToo() throws Exception {
    network.wire("near", "far");
    Port near = started(network.call(() -> PacketDevice.open("near", PacketOptions.DEFAULT, pool)));
    assertEquals("bursts redirected", near.device.method());
    Port far = openPlain("far");
    XdpForwarder pass = network.call(() -> XdpForwarder.pass("far"));
    long redirected = 0;
    for (int turn = 0; turn < 40; turn++) {
      if (turn == 30) {
        redirected = redirectedBy("near");
        pass.close();
      }
      List<byte[]> frames = numbered(turn * BURST, turn % 3 == 0 ? 5 : BURST, 60 + turn);
      assertEquals(frames.size(), near.send(frames));
      assertSame(frames, far.receive(frames.size()));
    }
    assertEquals(20 * BURST, redirected);
    assertEquals(0, near.device.counters().sendFailed());
  }

  private long redirectedBy(String name) {
    String line =
        network
            .inside("ethtool", "-S", name)
            .lines()
            .filter(each -> each.contains("tx_queue_0_xdp_xmit:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.substring(line.indexOf(':') + 1).strip());
  }

  @Test
  void ringAloneIsTheWayOutIfThatIsAskedFor() throws Exception {
    network.wire("near", "far");
    Port near =
        started(
            network.call(() -> XdpDevice.open("near", options(XdpOptions.Transmit.RING), pool)));
    assertFalse(near.device.method().contains("redirected"), near.device.method());
    Port far = openPlain("far");
    allArrive(near, far, 0);
  }

  @Test
  void wireWithSeveralQueuesHasTheRingAlone() throws Exception {
    network.ip(
        "link",
        "add",
        "name",
        "near",
        "numtxqueues",
        "2",
        "numrxqueues",
        "2",
        "type",
        "veth",
        "peer",
        "name",
        "far",
        "numtxqueues",
        "2",
        "numrxqueues",
        "2");
    network.ip("link", "set", "near", "up");
    network.ip("link", "set", "far", "up");
    Port near = open("near");
    assertTrue(near.device.method().contains("queues 0..1"), near.device.method());
    assertFalse(near.device.method().contains("redirected"), near.device.method());
  }

  @Test
  void closingLeavesNothingOpen() throws Exception {
    network.wire("near", "far");
    open("near").close();
    long before = descriptors();
    for (int i = 0; i < 3; i++) {
      XdpDevice again =
          network.call(() -> XdpDevice.open("near", options(XdpOptions.Transmit.BEST), pool));
      assertTrue(again.method().endsWith("redirected"), again.method());
      again.close();
    }
    assertEquals(before, descriptors());
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}
