package dev.sluice.runtime.bundle;

import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import dev.sluice.runtime.host.HostException;
import dev.sluice.runtime.trust.JarSigning;
import dev.sluice.runtime.trust.TrustException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The command `bundle`.
public final class BundleCommand {
  private static final String USAGE =
      """
      bundle new DIR [--name SYMBOLIC.NAME]
                       writes a rule to begin with into the new or empty folder DIR:
                       sources, settings, bundle.properties. Without --name the bundle
                       is called as the folder
      bundle build DIR [--key KEY.pem --cert CHAIN.pem] [--out FILE]
                [--reproducible] [--no-trial]
                       compiles DIR/src, makes a bundle of it, tries in a host of its
                       own whether a gateway would take it, with the DIR/*.cfg that
                       there are, and writes DIR/NAME.jar. Each build has a greater
                       version than the one before.
                       --key, --cert   sign it; './sluice pki issue signer NAME'
                                       makes a key and a certificate
                       --reproducible  the version exactly as bundle.properties has
                                       it: equal sources make equal bytes
                       --no-trial      does not run the bundle's own code
      bundle test DIR --pcap FILE
                       makes the bundle, writes nothing, and tells what becomes of the
                       frames of a capture (classic pcap) with this rule alone
      """;

  private BundleCommand() {}

  /// Runs `bundle` with its arguments.
  ///
  /// @return 0 done, 1 refused, 2 called wrongly
  public static int run(List<String> args) {
    if (args.isEmpty() || args.contains("--help")) {
      System.out.print(USAGE);
      return args.isEmpty() ? 2 : 0;
    }
    List<String> rest = args.subList(1, args.size());
    try {
      switch (args.getFirst()) {
        case "new" -> make(rest);
        case "build" -> build(rest);
        case "test" -> test(rest);
        default ->
            throw new ArgumentException(
                "there is no '" + args.getFirst() + "'; there are new, build, test");
      }
      return 0;
    } catch (ArgumentException e) {
      System.err.println("sluice bundle: " + e.getMessage());
      return 2;
    } catch (BundleException | HostException e) {
      String sentence = String.valueOf(e.getMessage());
      if (!sentence.isEmpty()) {
        System.err.println("sluice bundle: " + sentence);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      System.err.println("sluice bundle: it was interrupted");
    } catch (IOException e) {
      System.err.println("sluice bundle: the files cannot be read or written: " + e);
    }
    return 1;
  }

  private static void make(List<String> words) throws ArgumentException, BundleException {
    Arguments arguments = Arguments.parse(words, Set.of("name"), Set.of());
    Path folder = folder(arguments);
    Optional<String> given = arguments.option("name");
    RuleName name = given.isPresent() ? RuleName.of(given.get()) : RuleName.ofFolder(folder);
    for (Path file : new Template(name).write(folder)) {
      System.out.println("wrote " + file);
    }
    System.out.println("next: ./sluice bundle build " + folder);
  }

  private static void build(List<String> words)
      throws ArgumentException, BundleException, HostException, IOException {
    Arguments arguments =
        Arguments.parse(words, Set.of("key", "cert", "out"), Set.of("reproducible", "no-trial"));
    Path folder = folder(arguments);
    if (arguments.has("key") != arguments.has("cert")) {
      throw new ArgumentException("--key and --cert belong together: both are given, or none");
    }
    Optional<JarSigning> signing =
        arguments.has("key")
            ? Optional.of(signing(path(arguments, "key"), path(arguments, "cert")))
            : Optional.empty();
    Optional<Path> out =
        arguments.has("out") ? Optional.of(path(arguments, "out")) : Optional.empty();
    BundleBuild.Options options =
        new BundleBuild.Options(
            signing, out, arguments.has("reproducible"), !arguments.has("no-trial"));
    new BundleBuild(BundleProject.open(folder), options, System.out, System.err).run();
  }

  private static JarSigning signing(Path key, Path chain) throws BundleException {
    try {
      return JarSigning.read(key, chain);
    } catch (TrustException e) {
      throw new BundleException(e.sentence(), e);
    }
  }

  private static void test(List<String> words)
      throws ArgumentException, BundleException, HostException, IOException, InterruptedException {
    Arguments arguments = Arguments.parse(words, Set.of("pcap"), Set.of());
    Path folder = folder(arguments);
    if (!arguments.has("pcap")) {
      throw new ArgumentException("test needs --pcap FILE");
    }
    BundleBuild.Options options =
        new BundleBuild.Options(Optional.empty(), Optional.empty(), true, true);
    new BundleBuild(BundleProject.open(folder), options, System.out, System.err)
        .replay(path(arguments, "pcap"));
  }

  private static Path folder(Arguments arguments) throws ArgumentException {
    List<String> operands = arguments.operands();
    if (operands.size() != 1 || operands.getFirst().isEmpty()) {
      throw new ArgumentException("DIR must follow, not '" + String.join(" ", operands) + "'");
    }
    return path(operands.getFirst());
  }

  private static Path path(Arguments arguments, String option) throws ArgumentException {
    return path(arguments.option(option).orElse(""));
  }

  private static Path path(String text) throws ArgumentException {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new ArgumentException("'" + text + "' is no name of a file or a folder", e);
    }
  }
}
