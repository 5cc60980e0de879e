package dev.sluice.runtime.lab;

import dev.sluice.runtime.pki.Authority;
import dev.sluice.runtime.pki.CertificateKind;
import dev.sluice.runtime.pki.CertificateRequest;
import dev.sluice.runtime.pki.PkiException;
import dev.sluice.runtime.pki.RevocationReason;
import dev.sluice.runtime.trust.JarSigning;
import dev.sluice.runtime.trust.TrustException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/// The PKI, configuration and bundles of a lab.
final class TrialFiles {
  private static final String AUTHORITY = "Sluice lab CA";
  private static final int DAYS = 365;
  private static final String BUNDLE = "terminal-auth.jar";
  private static final String SIGNER = "signer";

  /// Certificates that must be refused. Each has the subject of the first terminal, which is
  /// listed, so that nothing but its one fault can be the cause.
  enum Trial {
    REVOKED,
    EXPIRED,
    WRONG_USAGE,
    UNKNOWN_AUTHORITY;

    /// How the printed lines begin: `unknown_authority`.
    String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    Path certificate(Lab lab) {
      return folder(lab).resolve(file() + ".crt");
    }

    Path keyFile(Lab lab) {
      return folder(lab).resolve(file() + ".key");
    }

    private Path folder(Lab lab) {
      return this == UNKNOWN_AUTHORITY ? lab.roguePki() : lab.pki();
    }

    private String file() {
      return this == UNKNOWN_AUTHORITY ? "t1" : "t1-" + key().replace('_', '-');
    }
  }

  private final Lab lab;

  TrialFiles(Lab lab) {
    this.lab = lab;
  }

  void write() throws IOException, LabException {
    try {
      writePki();
    } catch (PkiException e) {
      throw new LabException("the trial PKI cannot be made: " + e.getMessage(), e);
    }
    Files.createDirectories(lab.config());
    Files.createDirectories(lab.events().getParent());
    Files.writeString(lab.config().resolve("sluice.cfg"), gatewaySettings());
    Files.writeString(lab.config().resolve("terminal.auth.cfg"), admissionSettings());
    Files.writeString(lab.config().resolve("terminals.ini"), registry());
    writeTrust();
    copyBundle();
  }

  private void writePki() throws PkiException, IOException {
    Authority authority = Authority.create(lab.pki(), AUTHORITY);
    authority.issue(
        request(CertificateKind.GATEWAY, "gateway")
            .withAlternativeNames(List.of("ip:" + Lab.MASTER_ADDRESS)));
    for (LabTerminal terminal : lab.terminals()) {
      authority.issue(request(CertificateKind.TERMINAL, terminal.name()));
    }
    Instant now = Instant.now();
    authority.issue(
        ofFirstTerminal(CertificateKind.TERMINAL, Trial.EXPIRED)
            .withLife(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1))));
    authority.issue(ofFirstTerminal(CertificateKind.GATEWAY, Trial.WRONG_USAGE));
    authority.issue(ofFirstTerminal(CertificateKind.TERMINAL, Trial.REVOKED));
    authority.revoke(Trial.REVOKED.file(), RevocationReason.KEY_COMPROMISE);
    authority.issue(request(CertificateKind.SIGNER, SIGNER));
    Authority.create(lab.roguePki(), AUTHORITY)
        .issue(ofFirstTerminal(CertificateKind.TERMINAL, Trial.UNKNOWN_AUTHORITY));
  }

  private static CertificateRequest request(CertificateKind kind, String name) {
    return CertificateRequest.of(kind, name, DAYS);
  }

  private static CertificateRequest ofFirstTerminal(CertificateKind kind, Trial trial) {
    return request(kind, trial.file()).withSubject("CN=t1");
  }

  private String gatewaySettings() {
    return """
    # The gateway of the lab %s. Paths start at this folder.
    ports = %s, %s
    required-bundles = dev.sluice.plugins.terminal-auth
    trust-store = ../trust
    signer-names = %s:*
    revocation = required
    state-dir = ../state
    event-log = ../log/events.jsonl
    """
        .formatted(
            lab.name(),
            lab.backend().port(Lab.TERMINAL_PORT),
            lab.backend().port(Lab.MASTER_PORT),
            SIGNER);
  }

  private String admissionSettings() {
    return """
    # Who may authenticate is in terminals.ini. Paths start at this folder.
    master-ports = %s
    auth-port = %d
    masters = %s=%s, %s=%s
    registry-file = terminals.ini
    gateway-certificate = ../pki/gateway.crt
    gateway-key = ../pki/gateway.key
    ca-files = ../pki/ca.crt
    crl-files = ../pki/ca.crl
    """
        .formatted(
            Lab.MASTER_PORT,
            Lab.AUTH_PORT,
            Lab.MASTER_ADDRESS,
            Lab.MASTER_HARDWARE_ADDRESS,
            Lab.MASTER_ADDRESS6,
            Lab.MASTER_HARDWARE_ADDRESS);
  }

  private String registry() {
    StringBuilder text = new StringBuilder();
    for (LabTerminal terminal : lab.terminals()) {
      text.append(
          """
          [%s]
          subject = CN=%s
          address = %s
          port = %s
          vlan = %s
          mac = %s
          masters = %s

          """
              .formatted(
                  terminal.name(),
                  terminal.name(),
                  terminal.address(),
                  Lab.TERMINAL_PORT,
                  lab.vlan() ? Lab.VLAN : "none",
                  terminal.hardwareAddress(),
                  Lab.MASTER_ADDRESS));
    }
    return text.toString();
  }

  private void copyBundle() throws IOException, LabException {
    Path built = Lab.home().resolve("runtime/target/dist/plugins").resolve(BUNDLE);
    if (!Files.isReadable(built)) {
      throw new LabException(built + " is not built; ./sluice builds it");
    }
    Files.createDirectories(lab.bundles());
    try {
      signing(lab).sign(built, lab.bundles().resolve(BUNDLE));
    } catch (TrustException e) {
      throw new LabException("the lab's signer cannot sign: " + e.sentence(), e);
    } catch (IOException e) {
      throw new LabException(built + ": " + e.getMessage(), e);
    }
  }

  /// The lab's gateway trusts its trial authority for whoever signs bundles. The list is a link, so
  /// that a signer whom `pki revoke` revokes is refused from then on.
  private void writeTrust() throws IOException {
    Path trust = Files.createDirectories(lab.folder().resolve("trust"));
    for (String file : List.of("ca.crt", "ca.crl")) {
      Files.createSymbolicLink(trust.resolve(file), Path.of("..", "pki", file));
    }
  }

  static Path signerKey(Lab lab) {
    return lab.pki().resolve(SIGNER + ".key");
  }

  static Path signerCertificate(Lab lab) {
    return lab.pki().resolve(SIGNER + ".crt");
  }

  /// Signs bundles in the name of the lab's signer.
  static JarSigning signing(Lab lab) throws TrustException {
    return JarSigning.read(signerKey(lab), signerCertificate(lab));
  }
}
