package dev.sluice.runtime.lab;

import java.util.ArrayList;
import java.util.List;

/// Makes the far ends of the gateway's wires send what a real network card would: frames with whole
/// checksums, none larger than the wire takes.
///
/// A virtual wire carries a local stack's frames as they are, checksums unfinished and segments
/// unsplit, for a real card to finish; nothing on the way through the gateway would.
final class Offloads {
  private static final List<String> OFF =
      List.of("tx", "off", "sg", "off", "tso", "off", "gso", "off", "gro", "off");

  private Offloads() {}

  static void off(String namespace, List<String> interfaceNames) throws LabException {
    for (String name : interfaceNames) {
      List<String> command =
          new ArrayList<>(List.of("ip", "netns", "exec", namespace, "ethtool", "-K", name));
      command.addAll(OFF);
      Ip.run(command, "", "ethtool");
    }
  }
}
