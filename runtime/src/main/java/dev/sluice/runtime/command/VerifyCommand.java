package dev.sluice.runtime.command;

import dev.sluice.plugin.SettingsException;
import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import dev.sluice.runtime.config.GatewaySettings;
import dev.sluice.runtime.config.TrustSettings;
import dev.sluice.runtime.host.BundleTrust;
import dev.sluice.runtime.host.Distribution;
import dev.sluice.runtime.host.HostException;
import dev.sluice.runtime.trust.Approved;
import dev.sluice.runtime.trust.PermissionText;
import dev.sluice.runtime.trust.Signer;
import dev.sluice.runtime.trust.TrustCheck;
import dev.sluice.runtime.trust.TrustException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// The command `verify`: what a gateway would say of a bundle's file.
final class VerifyCommand {
  private static final String USAGE =
      """
      verify FILE.jar [--config DIR] [--trust DIR]
        tells who signed a bundle, what it uses, and whether a gateway would take it
        --config  folder of sluice.cfg, whose signer-names, grants and trust-store hold
        --trust   folder of certificates and revocation lists, instead of trust-store
      Exit codes: 0 a gateway with these settings takes it; 1 it does not; 2 called wrongly.
      Whether an older version may come back depends on what has run there.
      """;

  private VerifyCommand() {}

  /// Runs the command.
  ///
  /// @return 0 taken, 1 refused, 2 called wrongly
  static int run(List<String> args) {
    try {
      Arguments arguments = Arguments.parse(args, Set.of("config", "trust"), Set.of("help"));
      if (arguments.has("help")) {
        System.out.print(USAGE);
        return 0;
      }
      return verify(file(arguments), settings(arguments));
    } catch (ArgumentException e) {
      System.err.println("sluice verify: " + e.getMessage());
      return 2;
    } catch (SettingsException | HostException e) {
      System.err.println("sluice verify: " + e.getMessage());
      return 1;
    }
  }

  /// The one operand, which must be a file.
  static Path file(Arguments arguments) throws ArgumentException {
    List<String> operands = arguments.operands();
    if (operands.size() != 1) {
      throw new ArgumentException("FILE.jar must follow, not '" + String.join(" ", operands) + "'");
    }
    Path file = Path.of(operands.getFirst());
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new ArgumentException(file + " is no file that this user may read");
    }
    return file;
  }

  private static TrustSettings settings(Arguments arguments)
      throws ArgumentException, SettingsException {
    TrustSettings settings;
    if (arguments.option("config").isPresent()) {
      settings = GatewaySettings.read(Path.of(arguments.option("config").get())).trust();
    } else if (arguments.option("trust").isPresent()) {
      settings = TrustSettings.standard(Path.of(""));
    } else {
      throw new ArgumentException("--trust DIR or --config DIR must be given");
    }
    return arguments
        .option("trust")
        .map(folder -> settings.withStore(Path.of(folder).toAbsolutePath().normalize()))
        .orElse(settings);
  }

  private static int verify(Path file, TrustSettings settings) throws HostException {
    try {
      TrustCheck check =
          TrustCheck.ofFile(
              settings,
              Distribution.find().folder().resolve("trust"),
              BundleTrust.offeredVersions());
      System.out.println("uses       " + PermissionText.used(TrustCheck.usages(file)));
      System.out.println("declares   " + PermissionText.declared(TrustCheck.declared(file)));
      Approved approved = check.check(BundleTrust.subject(file), true);
      System.out.println("signer     " + approved.signer().map(VerifyCommand::told).orElse("none"));
      approved.remarks().forEach(remark -> System.out.println("remark     " + remark));
      System.out.println("verdict    accepted");
      return 0;
    } catch (TrustException e) {
      System.out.println("verdict    refused: " + e.sentence());
      return 1;
    }
  }

  private static String told(Signer signer) {
    return "%s (sha256:%s), vouched for by %s%s"
        .formatted(
            signer.subject(),
            signer.fingerprint(),
            signer.anchor(),
            signer.signed().map(time -> ", signed before " + time).orElse(""));
  }
}
