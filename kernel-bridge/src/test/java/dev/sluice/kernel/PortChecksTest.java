package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Every refusal with its sentence, and every change with its way back.
@Privileged
class PortChecksTest {
  private final LabNetwork network = new LabNetwork(true);
  private final FramePool pool = FramePools.of(64);

  @BeforeEach
  void wire() {
    network.wire("eth1", "far");
  }

  @AfterEach
  void close() {
    network.close();
    pool.close();
  }

  private PacketDevice open(String name) throws Exception {
    return network.call(() -> PacketDevice.open(name, PacketOptions.DEFAULT, pool));
  }

  private void refused(String name, String sentence) {
    KernelException e = assertThrows(KernelException.class, () -> open(name));
    assertEquals(sentence, e.getMessage());
  }

  private String setting(String name) throws Exception {
    return network.call(() -> Files.readString(Path.of("/proc/sys/net", name)).strip());
  }

  private Set<String> features() throws Exception {
    return network.call(() -> Ethtool.activeFeatures("eth1"));
  }

  @Test
  void interfaceThatIsNotThereIsRefused() {
    refused("eth9", "Asking for the index of eth9 failed: ENODEV, there is no such interface");
    refused("", "\"\" is no name of an interface: it has 1..15 bytes.");
    refused(
        "sixteen-letters-", "\"sixteen-letters-\" is no name of an interface: it has 1..15 bytes.");
  }

  @Test
  void interfaceThatIsDownIsRefused() {
    network.ip("link", "set", "eth1", "down");
    refused("eth1", "eth1 is down: bring it up with `ip link set eth1 up`.");
  }

  @Test
  void loopbackIsRefused() {
    network.ip("link", "set", "lo", "up");
    refused("lo", "lo carries no Ethernet (link type 772): choose another interface.");
  }

  @Test
  void mtuBeyondAFrameIsRefused() {
    network.ip("link", "set", "eth1", "mtu", "1771");
    refused(
        "eth1",
        "eth1 has an MTU of 1771, more than the 1770 that a frame holds: lower it with"
            + " `ip link set eth1 mtu 1500`, at both ends of the wire.");
  }

  @Test
  void xdpProgramOfSomebodyElseIsRefused() throws Exception {
    network.call(() -> {
      BpfAssembler pass = new BpfAssembler().exit(UapiBpf.XDP_PASS);
      try (BpfProgram loaded = BpfProgram.load("balancer", pass);
          ControlSocket port = new ControlSocket("eth1")) {
        RouteSocket.setXdp(port.index(), loaded.fd(), Rtnetlink.XDP_FLAGS_DRV_MODE);
      }
      return 0;
    });
    KernelException e = assertThrows(KernelException.class, () -> open("eth1"));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith("eth1 has the XDP program balancer (id "), message);
    assertEquals(0, e.errno(), "the interface is unfit, the kernel refused nothing");
    network.ip("link", "set", "eth1", "xdp", "off");
    open("eth1").close();
  }

  @Test
  void addressesAreRefused() {
    for (String[] each :
        new String[][] {
          {"192.0.2.1/24", "192.0.2.1/24"},
          {"169.254.1.1/16", "169.254.1.1/16"},
          {"2001:db8::1/64", "2001:db8:0:0:0:0:0:1/64"},
          {"fd00::1/8", "fd00:0:0:0:0:0:0:1/8"},
        }) {
      network.ip("addr", "add", each[0], "dev", "eth1");
      refused(
          "eth1",
          "eth1 has the address "
              + each[1]
              + ", so that the host itself would answer on the port:"
              + " remove it with `ip addr flush dev eth1`.");
      network.ip("addr", "flush", "dev", "eth1");
    }
    network.ip("addr", "add", "192.0.2.1/24", "dev", "far");
    network.ip("addr", "add", "192.0.2.9/24", "dev", "eth1", "label", "eth1:other");
    assertThrows(KernelException.class, () -> open("eth1"));
  }

  @Test
  void renamedInterfaceIsFollowedAndPutBack() throws Exception {
    network.inside("ethtool", "-K", "eth1", "gro", "on");
    try (PacketDevice device = open("eth1")) {
      assertEquals("eth1", device.interfaceName());
      assertFalse(features().contains("rx-gro"));
      for (String name : new String[] {"fifteen-letters", "e", "eth1ä", "uplink"}) {
        String before = device.interfaceName();
        network.ip("link", "set", before, "down");
        network.ip("link", "set", before, "name", name);
        network.ip("link", "set", name, "up");
        Thread.sleep(60); // links are looked at no more often than that
        device.link();
        assertEquals(name, device.interfaceName());
        assertEquals("packet:eth1", device.name());
      }
      network.ip("link", "set", "uplink", "name", "eth1");
    }
    assertTrue(features().contains("rx-gro"));
  }

  @Test
  void partOfABridgeIsRefused() {
    network.ip("link", "add", "name", "br0", "type", "bridge");
    network.ip("link", "set", "eth1", "master", "br0");
    refused("eth1", "eth1 is part of br0: release it with `ip link set eth1 nomaster`.");
  }

  @Test
  void interfaceOnTopIsRefused() {
    network.ip("link", "add", "link", "eth1", "name", "upper", "type", "macvlan");
    refused(
        "eth1",
        "upper sits on eth1, so that the host itself would use the port:"
            + " remove it with `ip link del upper`.");
  }

  @Test
  void secondPortOnTheInterfaceIsRefusedUntilTheFirstIsClosed() throws Exception {
    PacketDevice first = open("eth1");
    refused("eth1", "eth1 is a port already.");
    first.close();
    open("eth1").close();
  }

  @Test
  void refusalLeavesNothingChanged() throws Exception {
    network.inside("ethtool", "-K", "eth1", "gro", "on");
    network.ip("addr", "add", "192.0.2.1/24", "dev", "eth1");
    assertThrows(KernelException.class, () -> open("eth1"));
    assertEquals("0", setting("ipv6/conf/eth1/disable_ipv6"));
    assertTrue(features().contains("rx-gro"));
  }

  @Test
  void differingMtusAreRefused() throws Exception {
    network.ip("link", "set", "far", "mtu", "1400");
    try (PacketDevice one = open("eth1");
        PacketDevice other = open("far")) {
      KernelException e =
          assertThrows(KernelException.class, () -> PortChecks.requireEqualMtu(one, other));
      assertEquals(
          "packet:eth1 has an MTU of 1500 and packet:far one of 1400, so that large packets would be"
              + " lost between them: give both the same with `ip link set IF mtu N`.",
          e.getMessage());
      PortChecks.requireEqualMtu(one, one);
    }
  }

  @Test
  void mergingIsSwitchedOffAndPutBack() throws Exception {
    network.inside("ethtool", "-K", "eth1", "gro", "on", "rx-udp-gro-forwarding", "on");
    Set<String> before = features();
    assertTrue(before.containsAll(Set.of("rx-gro", "rx-udp-gro-forwarding")));
    PacketDevice device = open("eth1");
    Set<String> during = features();
    assertFalse(during.contains("rx-gro"));
    assertFalse(during.contains("rx-udp-gro-forwarding"));
    device.close();
    assertEquals(before, features());
  }

  @Test
  void whatWasOffStaysOff() throws Exception {
    Set<String> before = features();
    assertFalse(before.contains("rx-gro"));
    open("eth1").close();
    assertEquals(before, features());
  }

  @Test
  void linkLocalIpv6IsTakenAwayAndComesBack() throws Exception {
    assertTrue(network.ip("addr", "show", "dev", "eth1").contains("inet6 fe80::"));
    PacketDevice device = open("eth1");
    assertFalse(network.ip("addr", "show", "dev", "eth1").contains("inet6"));
    assertEquals("1", setting("ipv6/conf/eth1/disable_ipv6"));
    device.close();
    assertTrue(network.ip("addr", "show", "dev", "eth1").contains("inet6 fe80::"));
    assertEquals("0", setting("ipv6/conf/eth1/disable_ipv6"));
  }

  @Test
  void forwardingIsSwitchedOffAndPutBackInAnyOrder() throws Exception {
    network.inside("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.far.rp_filter=2");
    PacketDevice one = open("eth1");
    PacketDevice other = open("far");
    for (String each : new String[] {"eth1", "far"}) {
      assertEquals("0", setting("ipv4/conf/" + each + "/forwarding"));
      assertEquals("8", setting("ipv4/conf/" + each + "/arp_ignore"));
      assertEquals("1", setting("ipv4/conf/" + each + "/rp_filter"));
    }
    assertEquals("1", setting("ipv4/ip_forward"));
    one.close();
    assertEquals("1", setting("ipv4/conf/eth1/forwarding"));
    assertEquals("0", setting("ipv4/conf/far/forwarding"));
    other.close();
    other.close();
    assertEquals("1", setting("ipv4/conf/far/forwarding"));
    assertEquals("0", setting("ipv4/conf/far/arp_ignore"));
    assertEquals("2", setting("ipv4/conf/far/rp_filter"));
  }

  @Test
  void hostKeepsSilentOnAPort() throws Exception {
    network.ip("link", "set", "lo", "up");
    network.ip("addr", "add", "192.0.2.1/32", "dev", "lo"); // the host's address elsewhere
    byte[] request = new byte[60];
    byte[] arp = {
      -1,
      -1,
      -1,
      -1,
      -1,
      -1,
      2,
      0,
      0,
      0,
      0,
      9,
      8,
      6,
      0,
      1,
      8,
      0,
      6,
      4,
      0,
      1,
      2,
      0,
      0,
      0,
      0,
      9,
      (byte) 192,
      0,
      2,
      9,
      0,
      0,
      0,
      0,
      0,
      0,
      (byte) 192,
      0,
      2,
      1
    };
    System.arraycopy(arp, 0, request, 0, arp.length);
    try (Port far = new Port(network.attach("far", pool), pool, 0, 64)) {
      far.device.start();
      far.send(request);
      assertEquals(1, answers(far), "the host answers while the interface is no port");
      try (PacketDevice port = open("eth1")) {
        port.start();
        far.send(request);
        assertEquals(0, answers(far));
      }
    }
  }

  /// ARP answers among what arrives.
  private static long answers(Port far) throws InterruptedException {
    return far.drain(30).stream().filter(f -> f[12] == 8 && f[13] == 6 && f[21] == 2).count();
  }

  @Test
  void vanishedInterfaceIsClosedWithoutComplaint() throws Exception {
    PacketDevice device = open("eth1");
    device.start();
    network.ip("link", "del", "eth1");
    device.close();
  }

  @Test
  void leftoversOfAKillAreNoObstacle() throws Exception {
    network.inside("ethtool", "-K", "eth1", "gro", "off");
    network.inside(
        "sysctl", "-qw", "net.ipv6.conf.eth1.disable_ipv6=1", "net.ipv4.conf.eth1.arp_ignore=8");
    try (PacketDevice device = open("eth1")) {
      assertEquals(LinkState.UP, device.link());
    }
    assertEquals("1", setting("ipv6/conf/eth1/disable_ipv6"));
    assertEquals("8", setting("ipv4/conf/eth1/arp_ignore"));
  }
}
