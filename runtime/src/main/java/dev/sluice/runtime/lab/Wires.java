package dev.sluice.runtime.lab;

import java.util.ArrayList;
import java.util.List;

/// The namespaces of a lab and the wires between them.
final class Wires {
  private static final String BRIDGE = "br0";
  private static final String UPLINK = "up0";

  private final Lab lab;

  Wires(Lab lab) {
    this.lab = lab;
  }

  void make() throws LabException {
    for (String namespace : lab.namespaces()) {
      Ip.run("netns", "add", namespace);
      Ip.batch(namespace, List.of("link set lo alias \"" + LabState.mark(lab.name()) + "\""));
    }
    Ip.batch(lab.switchNamespace(), switchLines());
    Ip.batch(lab.gatewayNamespace(), gatewayLines());
    makeStation(
        lab.masterNamespace(),
        Lab.MASTER_HARDWARE_ADDRESS,
        Lab.MASTER_ADDRESS,
        Lab.MASTER_ADDRESS6);
    for (LabTerminal terminal : lab.terminals()) {
      makeStation(
          terminal.namespace(),
          terminal.hardwareAddress(),
          terminal.address(),
          terminal.address6());
    }
    Offloads.off(lab.masterNamespace(), List.of(LabTerminal.WIRE));
    for (LabTerminal terminal : lab.terminals()) {
      Offloads.off(terminal.namespace(), List.of(LabTerminal.WIRE));
    }
    Offloads.off(lab.switchNamespace(), switchPorts());
    // A namespace starts with the machine's setting, and the gateway refuses to run beside a
    // router.
    Ip.run(
        "netns",
        "exec",
        lab.gatewayNamespace(),
        "sh",
        "-c",
        "echo 0 > /proc/sys/net/ipv4/ip_forward");
  }

  /// The switch has no address and says nothing of its own.
  private List<String> switchLines() {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "link add " + BRIDGE + " type bridge stp_state 0 mcast_snooping 0",
                "link set " + BRIDGE + " addrgenmode none",
                "link set " + BRIDGE + " up",
                wire(UPLINK, Lab.TERMINAL_PORT, lab.gatewayNamespace())));
    for (LabTerminal terminal : lab.terminals()) {
      lines.add(wire(terminal.name(), LabTerminal.WIRE, terminal.namespace()));
    }
    for (String port : switchPorts()) {
      lines.add("link set " + port + " addrgenmode none master " + BRIDGE + " up");
    }
    return lines;
  }

  private List<String> switchPorts() {
    List<String> ports = new ArrayList<>(List.of(UPLINK));
    lab.terminals().forEach(terminal -> ports.add(terminal.name()));
    return ports;
  }

  /// The gateway's ports never get an address, not even a link-local one.
  private List<String> gatewayLines() {
    return List.of(
        "link set lo up",
        wire(Lab.MASTER_PORT, LabTerminal.WIRE, lab.masterNamespace()),
        "link set " + Lab.MASTER_PORT + " addrgenmode none up",
        "link set " + Lab.TERMINAL_PORT + " addrgenmode none up");
  }

  private void makeStation(
      String namespace, String hardwareAddress, String address, String address6)
      throws LabException {
    String station = lab.stationInterface();
    Ip.batch(
        namespace,
        List.of(
            "link set lo up",
            "link set " + LabTerminal.WIRE + " address " + hardwareAddress + " up"));
    if (lab.vlan()) {
      addVlan(namespace, station);
    }
    Ip.batch(
        namespace,
        List.of(
            "address add " + address + "/24 dev " + station,
            // Without duplicate detection the address can be used at once.
            "address add " + address6 + "/64 dev " + station + " nodad"));
  }

  private static void addVlan(String namespace, String station) throws LabException {
    try {
      Ip.batch(
          namespace,
          List.of(
              "link add link %s name %s type vlan id %d"
                  .formatted(LabTerminal.WIRE, station, Lab.VLAN),
              "link set " + station + " up"));
    } catch (LabException e) {
      throw new LabException(
          "no VLAN device can be made; does this kernel have 8021q? " + e.getMessage(), e);
    }
  }

  private static String wire(String here, String there, String namespace) {
    return "link add %s type veth peer name %s netns %s".formatted(here, there, namespace);
  }
}
