package dev.sluice.runtime.command;

import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import dev.sluice.runtime.host.BundleTrust;
import dev.sluice.runtime.host.HostException;
import dev.sluice.runtime.trust.JarSigning;
import dev.sluice.runtime.trust.TrustCheck;
import dev.sluice.runtime.trust.TrustException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// The command `sign`.
final class SignCommand {
  private static final String USAGE =
      """
      sign FILE.jar --key KEY.pem --cert CHAIN.pem [--out FILE.jar] [--tsa URL]
        signs a bundle, in place unless --out names another file
        --key   private key, not encrypted: EC, RSA or Ed25519
        --cert  the signer's certificate, then those between it and a trusted one
        --tsa   time stamping authority that is asked (RFC 3161)
      """;

  private SignCommand() {}

  /// Runs the command.
  ///
  /// @return 0 done, 1 refused, 2 called wrongly
  static int run(List<String> args) {
    try {
      Arguments arguments =
          Arguments.parse(args, Set.of("key", "cert", "out", "tsa"), Set.of("help"));
      if (arguments.has("help")) {
        System.out.print(USAGE);
        return 0;
      }
      return sign(arguments);
    } catch (ArgumentException e) {
      System.err.println("sluice sign: " + e.getMessage());
      return 2;
    }
  }

  private static int sign(Arguments arguments) throws ArgumentException {
    Path file = VerifyCommand.file(arguments);
    Path key = needed(arguments, "key");
    Path chain = needed(arguments, "cert");
    Path out = arguments.option("out").map(Path::of).orElse(file);
    try {
      BundleTrust.subject(file);
      TrustCheck.refuseOutright(file, BundleTrust.offeredVersions());
      JarSigning signing = JarSigning.read(key, chain);
      if (arguments.option("tsa").isPresent()) {
        signing = signing.withTimestamps(authority(arguments.option("tsa").get()));
      }
      signing.sign(file, out);
      System.out.println("signed " + out + " as " + signing);
      return 0;
    } catch (TrustException e) {
      System.err.println("sluice sign: " + file + ": " + e.sentence());
    } catch (IOException | HostException e) {
      System.err.println("sluice sign: " + file + ": " + e.getMessage());
    }
    return 1;
  }

  private static Path needed(Arguments arguments, String name) throws ArgumentException {
    return Path.of(
        arguments
            .option(name)
            .orElseThrow(() -> new ArgumentException("--" + name + " FILE must be given")));
  }

  private static URI authority(String text) throws ArgumentException {
    try {
      URI authority = new URI(text);
      if (authority.getScheme() != null && authority.getScheme().startsWith("http")) {
        return authority;
      }
    } catch (URISyntaxException e) {
      throw new ArgumentException("--tsa is '" + text + "'; a URL is allowed", e);
    }
    throw new ArgumentException("--tsa is '" + text + "'; an http or https URL is allowed");
  }
}
