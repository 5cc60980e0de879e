package dev.sluice.runtime.lab;

import java.nio.file.Path;
import java.util.Locale;

/// One terminal of a lab: a network namespace with one wire to the field switch.
///
/// @param name `t1`, `t2` ...; its certificate's subject is `CN=` and this
/// @param namespace as ip-netns(8) names it
/// @param interfaceName that has the addresses; with a VLAN it lies on [#WIRE]
/// @param address IPv4
/// @param address6 IPv6
/// @param hardwareAddress in lower case with colons
/// @param certificate PEM
/// @param key PEM, PKCS#8
public record LabTerminal(
    String name,
    String namespace,
    String interfaceName,
    String address,
    String address6,
    String hardwareAddress,
    Path certificate,
    Path key) {

  /// The interface at the wire's end, in every namespace but the gateway's and the switch's.
  public static final String WIRE = "eth0";

  private static final int FIRST_HOST = 10;

  static LabTerminal of(Lab lab, int number) {
    String name = "t" + number;
    return new LabTerminal(
        name,
        lab.namespace(name),
        lab.stationInterface(),
        "10.104.0." + (FIRST_HOST + number),
        "fd00:104::" + (FIRST_HOST + number),
        String.format(Locale.ROOT, "02:53:4c:00:00:%02x", FIRST_HOST + number),
        lab.pki().resolve(name + ".crt"),
        lab.pki().resolve(name + ".key"));
  }
}
