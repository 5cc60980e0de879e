package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.NamedDevice;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlacementTest {
  private static final Device ETH1 = new NamedDevice("eth1", 0);
  private static final Device ETH2 = new NamedDevice("eth2", 1);
  private static final IpAddress OWN = IpAddress.parse("10.0.0.254");
  private static final IpAddress MASTER = IpAddress.parse("10.0.0.1");
  private static final IpAddress ROUTER = IpAddress.parse("10.0.0.2");
  private static final IpAddress ADDRESS = IpAddress.parse("10.0.0.11");
  private static final long HARDWARE = 0x02_00_00_00_00_11L;
  private static final int VLAN_10 = 10 << 12 | 0xfff;
  private static final Admission.Gate GATE =
      new Admission.Gate(
          2405,
          List.of(ETH2),
          OWN,
          List.of(new Admission.Master(ROUTER, OptionalLong.empty())),
          1,
          1);
  private static final Terminal TERMINAL =
      new Terminal(
          "DTU-1",
          new Terminal.CertificateRule("CN=DTU-1", ""),
          ADDRESS,
          "eth1",
          VLAN_10,
          OptionalLong.of(HARDWARE),
          List.of(MASTER),
          List.of(2404),
          Terminal.Direction.TERMINAL_LISTENS,
          2);

  @Test
  void listedPlaceIsRight() {
    assertNull(flaw(ETH1, VLAN_10, HARDWARE, MASTER));
    assertNull(flaw(ETH1, VLAN_10, HARDWARE, OWN));
    assertNull(flaw(ETH1, VLAN_10, HARDWARE, ROUTER));
  }

  @Test
  void otherPlacesAreWrong() {
    assertEquals(Cause.WRONG_PORT, flaw(ETH2, VLAN_10, HARDWARE, MASTER));
    assertEquals(Cause.WRONG_PORT, flaw(new NamedDevice("eth3", 2), VLAN_10, HARDWARE, MASTER));
    assertEquals(Cause.WRONG_VLAN, flaw(ETH1, VlanKey.UNTAGGED, HARDWARE, MASTER));
    assertEquals(Cause.WRONG_VLAN, flaw(ETH1, 11 << 12 | 0xfff, HARDWARE, MASTER));
    assertEquals(Cause.WRONG_VLAN, flaw(ETH1, 10 << 12 | 10, HARDWARE, MASTER));
    assertEquals(Cause.WRONG_MAC, flaw(ETH1, VLAN_10, HARDWARE + 1, MASTER));
    assertEquals(Cause.WRONG_DESTINATION, flaw(ETH1, VLAN_10, HARDWARE, ADDRESS));
  }

  private static @Nullable Cause flaw(Device device, int vlanKey, long hardware, IpAddress called) {
    return Placement.flaw(
        TERMINAL, GATE, new Datagram.Peer(device, vlanKey, hardware, ADDRESS, 4000, called));
  }
}
