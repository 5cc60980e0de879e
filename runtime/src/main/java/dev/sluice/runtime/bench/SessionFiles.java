package dev.sluice.runtime.bench;

import dev.sluice.runtime.host.Distribution;
import dev.sluice.runtime.host.HostException;
import dev.sluice.runtime.pki.Authority;
import dev.sluice.runtime.pki.CertificateKind;
import dev.sluice.runtime.pki.CertificateRequest;
import dev.sluice.runtime.pki.PkiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a gateway and its terminals need on disk for [LiveSessions]: a PKI, the settings of both
/// bundles, and the bundles. `sluice.cfg` is whoever's who runs the gateway.
final class SessionFiles {
  /// The gateway's ports, without their back-end.
  static final String TERMINALS_PORT = "gw0";

  static final String MASTER_PORT = "gw1";

  /// Where terminals authenticate: not at the master's address, to which the terminals' host must
  /// have no route, or it would reset connections that its own stack does not know.
  static final String GATEWAY = "10.79.0.1";

  static final int AUTH_PORT = 2405;

  /// Longer than the month before the end in which a gateway warns of it.
  private static final int DAYS = 365;

  private static final List<String> BUNDLES = List.of("terminal-auth.jar", "rule-firewall.jar");

  private final Path folder;
  private final int sessions;

  private SessionFiles(Path folder, int sessions) {
    this.folder = folder;
    this.sessions = sessions;
  }

  /// The folder of the bundles that the build has made.
  static Path builtBundles() throws HostException {
    return Distribution.find().folder().resolve("plugins");
  }

  /// Writes everything.
  ///
  /// @param plugins where the bundles are to be copied from
  /// @throws IOException if something cannot be written or copied; the folder may hold no PKI yet
  static void write(Path folder, int sessions, Path plugins) throws IOException, PkiException {
    SessionFiles files = new SessionFiles(folder, sessions);
    files.writePki();
    Path config = Files.createDirectories(folder.resolve("config"));
    Files.writeString(config.resolve("terminal.auth.cfg"), admissionSettings());
    Files.writeString(config.resolve("terminals.ini"), files.registry());
    Files.writeString(config.resolve("rule.firewall.cfg"), rules());
    Path bundles = Files.createDirectories(folder.resolve("bundles"));
    for (String bundle : BUNDLES) {
      Files.copy(plugins.resolve(bundle), bundles.resolve(bundle));
    }
  }

  static String name(int terminal) {
    return String.format(Locale.ROOT, "t%04d", terminal);
  }

  private void writePki() throws IOException, PkiException {
    Authority authority = Authority.create(folder.resolve("pki"), "Sluice bench CA");
    List<CertificateRequest> requests = new ArrayList<>();
    requests.add(
        CertificateRequest.of(CertificateKind.GATEWAY, "gateway", DAYS)
            .withAlternativeNames(List.of("ip:" + GATEWAY)));
    for (int terminal = 0; terminal < sessions; terminal++) {
      requests.add(CertificateRequest.of(CertificateKind.TERMINAL, name(terminal), DAYS));
    }
    authority.issueAll(requests);
  }

  /// Times are as long as may be, so that a pause between measurements ends no session; nothing
  /// that costs time for a packet is switched off.
  private static String admissionSettings() {
    return """
    master-ports = %s
    auth-port = %d
    own-address = %s
    masters = %s=%s
    registry-file = terminals.ini
    gateway-certificate = ../pki/gateway.crt
    gateway-key = ../pki/gateway.key
    ca-files = ../pki/ca.crt
    crl-files = ../pki/ca.crl
    lease-s = 604800
    idle-s = 0
    keep-alive-s = 30
    keep-alive-misses = 100
    connection-idle-s = 86400
    """
        .formatted(MASTER_PORT, AUTH_PORT, GATEWAY, SessionFrames.MASTER, "02:00:00:00:4d:01");
  }

  private String registry() {
    StringBuilder text = new StringBuilder();
    for (int terminal = 0; terminal < sessions; terminal++) {
      text.append(
          """
          [%s]
          subject = CN=%s
          address = %s
          port = %s
          masters = %s

          """
              .formatted(
                  name(terminal),
                  name(terminal),
                  address(terminal),
                  TERMINALS_PORT,
                  SessionFrames.MASTER));
    }
    return text.toString();
  }

  static String address(int terminal) {
    int address = SessionFrames.FIRST_TERMINAL + terminal;
    return "%d.%d.%d.%d"
        .formatted(address >>> 24, address >>> 16 & 0xff, address >>> 8 & 0xff, address & 0xff);
  }

  /// Ten rules of the usual kinds, of which the last one lets the measured traffic pass.
  private static String rules() {
    return """
    rule.10 = drop tcp to any port 22-23 name no-shell
    rule.20 = drop udp from 10.0.0.0/8 to any port 53
    rule.30 = drop tcp from 192.168.0.0/16
    rule.40 = drop any vlan 666
    rule.50 = drop icmp
    rule.60 = drop tcp from %1$s to 10.0.0.0/16
    rule.70 = drop ipv6 from fe80::/10
    rule.80 = drop tcp in %2$s to any port 1-1023
    rule.90 = pass tcp in %3$s from %4$s to %1$s port 2404
    rule.100 = pass tcp in %2$s from %1$s port 2404 to %4$s
    """
        .formatted(SessionFrames.TERMINALS, TERMINALS_PORT, MASTER_PORT, SessionFrames.MASTER);
  }
}
