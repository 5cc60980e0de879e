package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.FrameDevice;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.PacketOptions;
import dev.sluice.kernel.XdpOptions;
import dev.sluice.kernel.XdpOptions.Copy;
import dev.sluice.kernel.XdpOptions.Mode;
import dev.sluice.kernel.XdpSupport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `z*` can do without a copy, `c*` cannot, `g*` has no XDP in its driver, others are not there.
class PortChooserTest {
  private static final DeviceSettings BEST = DeviceSettings.STANDARD;

  private final FramePool pool = pool();
  private final FakeKernel kernel = new FakeKernel();
  private final List<String> told = new ArrayList<>();

  private static FramePool pool() {
    try {
      return FramePool.create(64);
    } catch (KernelException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void close() {
    pool.close();
  }

  private static final class FakeKernel implements PortKernel {
    final List<String> opened = new ArrayList<>();
    final List<TestDevice> devices = new ArrayList<>();
    final List<String> given = new ArrayList<>();
    final Set<String> refusesXdp = new HashSet<>();
    final Set<String> refusesPacket = new HashSet<>();

    @Override
    public XdpSupport support(String name, boolean given) throws KernelException {
      if (given) {
        this.given.add(name);
      }
      return switch (name.charAt(0)) {
        case 'z' -> Supports.zeroCopy(name, 4);
        case 'c' -> Supports.copying(name);
        case 'g' -> Supports.generic(name);
        default -> throw new KernelException(name + " is not there.", 19);
      };
    }

    @Override
    public FrameDevice xdp(String name, XdpOptions options, FramePool pool) throws KernelException {
      return open("xdp", name, refusesXdp, pool);
    }

    @Override
    public FrameDevice packet(String name, PacketOptions options, FramePool pool)
        throws KernelException {
      return open("packet", name, refusesPacket, pool);
    }

    private FrameDevice open(String backend, String name, Set<String> refused, FramePool pool)
        throws KernelException {
      if (refused.contains(name)) {
        throw new KernelException(name + " cannot be opened by " + backend + ".", 95);
      }
      opened.add(backend + ":" + name);
      TestDevice device = new TestDevice(name, pool);
      devices.add(device);
      return device;
    }
  }

  private static DeviceSettings with(Mode mode, Copy copy) {
    XdpOptions xdp = XdpOptions.DEFAULT;
    return new DeviceSettings(
        PacketOptions.DEFAULT,
        new XdpOptions(mode, copy, xdp.ringFrames(), xdp.transmitBudget(), false, 7, -1));
  }

  private List<PortChoice> choose(DeviceSettings settings, String... names) throws KernelException {
    return PortChooser.choose(List.of(names), settings, kernel);
  }

  /// `xdp/NATIVE/COPY` or `packet`.
  private static String shape(PortChoice choice) {
    return choice.isXdp()
        ? "xdp/" + choice.xdp().mode() + "/" + choice.xdp().copy()
        : choice.backend();
  }

  @ParameterizedTest
  @CsvSource({
    "BEST, BEST, z1, z2, xdp/NATIVE/ZERO_COPY, xdp/NATIVE/ZERO_COPY",
    "BEST, BEST, z1, c2, xdp/NATIVE/COPY, xdp/NATIVE/COPY",
    "BEST, BEST, c1, c2, xdp/NATIVE/COPY, xdp/NATIVE/COPY",
    "BEST, BEST, z1, g2, xdp/NATIVE/ZERO_COPY, packet",
    "BEST, BEST, c1, g2, xdp/NATIVE/COPY, packet",
    "BEST, BEST, g1, g2, packet, packet",
    "BEST, BEST, packet:z1, z2, packet, xdp/NATIVE/ZERO_COPY",
    "BEST, BEST, packet:c1, z2, packet, xdp/NATIVE/ZERO_COPY",
    "BEST, BEST, xdp:z1, z2, xdp/BEST/ZERO_COPY, xdp/NATIVE/ZERO_COPY",
    "BEST, BEST, xdp:c1, z2, xdp/BEST/COPY, xdp/NATIVE/COPY",
    "BEST, BEST, xdp:g1, z2, xdp/BEST/COPY, xdp/NATIVE/COPY",
    "BEST, BEST, xdp:g1, g2, xdp/BEST/COPY, packet",
    "BEST, BEST, xdp:z1@3, memory:m, xdp/BEST/ZERO_COPY, memory",
    "NATIVE, BEST, xdp:g1, c2, xdp/NATIVE/COPY, xdp/NATIVE/COPY",
    "NATIVE, BEST, xdp:z1, z2, xdp/NATIVE/ZERO_COPY, xdp/NATIVE/ZERO_COPY",
    "GENERIC, BEST, z1, xdp:z2, packet, xdp/GENERIC/COPY",
    "GENERIC, COPY, c1, g2, packet, packet",
    "BEST, ZERO_COPY, z1, c2, xdp/NATIVE/ZERO_COPY, packet",
    "BEST, ZERO_COPY, z1, xdp:c2, xdp/NATIVE/ZERO_COPY, xdp/BEST/ZERO_COPY",
    "BEST, ZERO_COPY, c1, g2, packet, packet",
    "BEST, COPY, z1, z2, xdp/NATIVE/COPY, xdp/NATIVE/COPY",
    "BEST, COPY, z1, g2, xdp/NATIVE/COPY, packet",
    "NATIVE, COPY, xdp:z1, z2, xdp/NATIVE/COPY, xdp/NATIVE/COPY",
  })
  void bestThatTheWholeSetCanDoIsChosen(
      Mode mode, Copy copy, String one, String other, String first, String second)
      throws Exception {
    List<PortChoice> choices = choose(with(mode, copy), one, other);
    assertEquals(List.of(first, second), choices.stream().map(PortChooserTest::shape).toList());
    for (PortChoice choice : choices) {
      assertFalse(choice.xdp().needWakeup());
      assertEquals(7, choice.xdp().busyPollMicros());
    }
  }

  @Test
  void choiceSaysWhy() throws Exception {
    assertEquals(
        "XDP in the driver ixgbe, copied because all ports must agree and c2 needs a copy",
        choose(BEST, "z1", "c2").getFirst().reason());
    assertEquals(
        "XDP in the driver veth, copied because it has no zero-copy",
        choose(BEST, "z1", "c2").getLast().reason());
    assertEquals(
        "no AF_XDP with the driver r8169: XDP in the driver: the driver cannot do it.",
        choose(BEST, "g1", "c2").getFirst().reason());
    assertEquals(
        "xdp-copy = zero-copy, and no zero-copy veth: Zero-copy: the driver cannot do it.",
        choose(with(Mode.BEST, Copy.ZERO_COPY), "c1", "z2").getFirst().reason());
    assertEquals(
        "xdp-mode = generic, and AF_PACKET is better than XDP behind the driver",
        choose(with(Mode.GENERIC, Copy.BEST), "z1").getFirst().reason());
    assertEquals(
        "copied because it has no zero-copy", choose(BEST, "xdp:c1", "c2").getFirst().reason());
    assertEquals(
        "copied because it has no zero-copy, XDP behind the driver: XDP in the driver: the driver"
            + " cannot do it.",
        choose(BEST, "xdp:g1", "c2").getFirst().reason());
    assertEquals(
        "copied, as always behind the driver",
        choose(with(Mode.GENERIC, Copy.BEST), "xdp:z1", "z2").getFirst().reason());
    assertEquals("", choose(BEST, "packet:z1", "memory:m").getFirst().reason());
  }

  @Test
  void backEndThatIsGivenIsNotTriedForWhetherItWorks() throws Exception {
    choose(BEST, "z1", "xdp:z2@1", "packet:z3", "xdp:g4");
    assertEquals(List.of("z2", "g4"), kernel.given);
  }

  @Test
  void queuesAreCountedForThePool() throws Exception {
    List<PortChoice> choices = choose(BEST, "z1", "xdp:z2@1", "packet:z3", "g4");
    assertEquals(List.of(4, 1, 1, 1), choices.stream().map(PortChoice::receiveQueues).toList());
    assertEquals(1, choices.get(1).xdp().queue());
    assertEquals(-1, choices.get(0).xdp().queue());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "xdp:",
        "packet:",
        "pcap:",
        ":eth1",
        "XDP:c1",
        "dpdk:c1",
        "xdp:c1@",
        "xdp:@0",
        "xdp:c1@x",
        "xdp:c1@-1",
        "xdp:c1@4096",
        "xdp:c1@99999",
        "xdp:c1@99999999999",
        "xdp:c1@0@1",
        "xdp:c1@ 1",
        "xdp:c1@+1",
        "c1@0",
        "packet:c1@0",
        "c1@",
        "eth1",
        "xdp:eth1",
      })
  void nameThatIsNoneIsRefusedInASentenceThatNamesIt(String name) {
    KernelException refused = assertThrows(KernelException.class, () -> choose(BEST, name));
    assertTrue(
        String.valueOf(refused.getMessage()).startsWith("port " + name + ": "),
        refused.getMessage());
  }

  private List<FrameDevice> open(List<PortChoice> choices) throws KernelException {
    return Backends.open(
        choices,
        BEST,
        pool,
        (device, reason, surprise) ->
            told.add(device.name() + (surprise ? " surprise: " : ": ") + reason),
        kernel);
  }

  @Test
  void plainNameFallsBackWhenItsDeviceCannotBeOpenedAfterAll() throws Exception {
    kernel.refusesXdp.add("c1");
    List<FrameDevice> devices = open(choose(BEST, "c1", "c2"));
    assertEquals(2, devices.size());
    assertSame(kernel.devices.getFirst(), devices.getFirst());
    assertEquals(List.of("packet:c1", "xdp:c2"), kernel.opened);
    assertEquals(
        "test:c1 surprise: XDP was chosen, but: c1 cannot be opened by xdp.", told.getFirst());
  }

  @Test
  void namedBackEndNeverFallsBackAndWhatWasOpenedIsClosed() throws Exception {
    kernel.refusesXdp.add("c2");
    List<PortChoice> choices = choose(BEST, "c1", "xdp:c2");
    KernelException refused = assertThrows(KernelException.class, () -> open(choices));
    assertEquals("port xdp:c2: c2 cannot be opened by xdp.", refused.getMessage());
    assertEquals(95, refused.errno());
    assertTrue(kernel.devices.getFirst().isClosed());
  }

  @Test
  void whatCannotBeOpenedByAnythingIsRefusedByTheLast() throws Exception {
    kernel.refusesXdp.add("c1");
    kernel.refusesPacket.add("c1");
    List<PortChoice> choices = choose(BEST, "c1", "c2");
    KernelException refused = assertThrows(KernelException.class, () -> open(choices));
    assertEquals("port c1: c1 cannot be opened by packet.", refused.getMessage());
    assertEquals(List.of(), told);
  }

  @ParameterizedTest
  @CsvSource({
    "64, 64, 16384, 16",
    "100, 128, 16384, 32",
    "2048, 2048, 16384, 512",
    "2049, 4096, 16384, 1024",
    "16384, 16384, 16384, 4096",
    "32768, 32768, 32768, 4096",
    "131072, 131072, 131072, 4096",
  })
  void ringsOfAPacketDeviceGrowInProportion(int frames, int slots, int blockBytes, int blocks) {
    PacketOptions rings = DeviceSettings.packetRings(frames, XdpOptions.Transmit.RING);
    assertEquals(new PacketOptions(blockBytes, blocks, 1, slots, XdpOptions.Transmit.RING), rings);
  }
}
