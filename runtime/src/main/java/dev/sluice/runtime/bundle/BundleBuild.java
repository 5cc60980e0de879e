package dev.sluice.runtime.bundle;

import static java.util.stream.Collectors.joining;

import dev.sluice.runtime.host.BundleReplay;
import dev.sluice.runtime.host.BundleTrial;
import dev.sluice.runtime.host.HostException;
import dev.sluice.runtime.pipeline.PipelineCounters;
import dev.sluice.runtime.trust.JarSigning;
import dev.sluice.runtime.trust.Permission;
import dev.sluice.runtime.trust.PermissionText;
import dev.sluice.runtime.trust.TrustCheck;
import dev.sluice.runtime.trust.TrustException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.osgi.framework.Version;

/// Makes a bundle of a project: compiles, assembles, signs, tries, and only then puts the file in
/// its place, whole.
final class BundleBuild {
  private static final String UNSIGNED =
      "a gateway with bundle-trust = signed will refuse it: build it with --key KEY.pem --cert"
          + " CHAIN.pem ('./sluice pki issue signer NAME' makes both)";

  private final BundleProject project;
  private final Options options;
  private final PrintStream told;
  private final PrintStream complaints;

  /// What the author asks for.
  ///
  /// @param signing whose signature it gets, if any
  /// @param out the file to write; `NAME.jar` in the project's folder if empty
  /// @param reproducible whether the version is taken as it stands, so that the same sources make
  ///   the same bytes
  /// @param trial whether the bundle is run in a host without a gateway
  record Options(
      Optional<JarSigning> signing, Optional<Path> out, boolean reproducible, boolean trial) {}

  /// A build.
  ///
  /// @param told for what was made
  /// @param complaints for the words of the compiler and of bnd
  BundleBuild(BundleProject project, Options options, PrintStream told, PrintStream complaints) {
    this.project = project;
    this.options = options;
    this.told = told;
    this.complaints = complaints;
  }

  /// Makes the file.
  ///
  /// @return where it is
  /// @throws BundleException if anything is wrong; the file of an earlier build stays
  Path run() throws BundleException, HostException, IOException {
    Path out = options.out().orElse(project.folder().resolve(project.symbolicName() + ".jar"));
    if (Files.isDirectory(out)) {
      throw new BundleException(out + ": is a folder; allowed: a file");
    }
    Path work = Files.createTempDirectory("sluice-" + project.symbolicName() + "-");
    try {
      Path jar = made(version(out), work);
      BundleTrial.Result result = tried(jar, work);
      put(jar, out);
      tell(out, result);
      return out;
    } finally {
      delete(work);
    }
  }

  /// Makes the bundle, runs it over a capture, tells what became of the frames, and leaves nothing.
  ///
  /// @throws BundleException if the project is wrong
  /// @throws HostException if the bundle is refused or the capture cannot be read
  void replay(Path capture)
      throws BundleException, HostException, IOException, InterruptedException {
    if (!Files.isReadable(capture) || Files.isDirectory(capture)) {
      throw new BundleException(capture + ": is no file that this user may read");
    }
    Path work = Files.createTempDirectory("sluice-" + project.symbolicName() + "-");
    try {
      Path jar = made(project.version(), work);
      Path scratch = Files.createDirectories(work.resolve("trial"));
      PipelineCounters counters = BundleReplay.run(jar, project.settings(), capture, scratch);
      told.printf(
          "%d received: %d passed, %d answered, %d held, %d dropped%n",
          counters.received(),
          counters.forwarded(),
          counters.answered(),
          counters.held(),
          counters.droppedTotal());
      new TreeMap<>(counters.dropped())
          .forEach((reason, count) -> told.printf("%8d %s%n", count, reason));
    } finally {
      delete(work);
    }
  }

  private Version version(Path out) {
    return options.reproducible()
        ? project.version()
        : BundleVersion.next(project.version(), Instant.now(), versionOf(out));
  }

  /// Of an earlier build; whatever else lies there has none.
  private static Optional<Version> versionOf(Path jar) {
    if (!Files.isRegularFile(jar)) {
      return Optional.empty();
    }
    try (JarFile file = new JarFile(jar.toFile(), false)) {
      Manifest manifest = file.getManifest();
      String text =
          manifest == null ? null : manifest.getMainAttributes().getValue("Bundle-Version");
      return Optional.ofNullable(text).map(Version::parseVersion);
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Path made(Version version, Path work) throws BundleException, HostException, IOException {
    Path content = Files.createDirectories(work.resolve("content"));
    Compilation.run(project.sources(), content, complaints);
    for (Map.Entry<String, Path> resource : project.resources().entrySet()) {
      Path copy = content.resolve(resource.getKey());
      Files.createDirectories(copy.getParent());
      Files.copy(resource.getValue(), copy, StandardCopyOption.REPLACE_EXISTING);
    }
    Path jar = work.resolve("bundle.jar");
    Assembly.write(project, version, content, jar, complaints);
    if (options.signing().isPresent()) {
      options.signing().get().sign(jar, jar);
    }
    return jar;
  }

  private BundleTrial.Result tried(Path jar, Path work)
      throws BundleException, HostException, IOException {
    Path scratch = Files.createDirectories(work.resolve("trial"));
    BundleTrial.Result result =
        options.trial()
            ? BundleTrial.run(jar, project.settings(), scratch)
            : BundleTrial.look(jar, scratch);
    if (result.refusal().isPresent()) {
      throw new BundleException(
          project.folder() + ": a gateway would refuse it: " + result.refusal().get());
    }
    return result;
  }

  private static void put(Path jar, Path out) throws BundleException, IOException {
    Path target = out.toAbsolutePath();
    // A gateway's folder of bundles may be the place, and passes over names with a dot in front.
    Path beside =
        target.resolveSibling("." + target.getFileName() + "." + ProcessHandle.current().pid());
    try {
      Files.copy(jar, beside, StandardCopyOption.REPLACE_EXISTING);
      Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      throw new BundleException(out + ": its folder is not there", e);
    } catch (AccessDeniedException e) {
      throw new BundleException(out + ": this user may not write there", e);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  private void tell(Path out, BundleTrial.Result result) throws BundleException, IOException {
    told.println("imports " + String.join(", ", BundleImports.of(out)));
    tellPermissions(out);
    told.println(
        options.trial()
            ? "tried: a gateway takes it, at " + result.place() + " of the chain"
            : "not tried: its classes have not run");
    told.printf(
        "made %s: %s, %d bytes, %s%n",
        out,
        result.title(),
        Files.size(out),
        options.signing().map(signing -> "signed by " + signing.subject()).orElse("unsigned"));
    if (options.signing().isEmpty()) {
      told.println(UNSIGNED);
    }
  }

  private void tellPermissions(Path jar) throws BundleException {
    try {
      Set<Permission> declared = TrustCheck.declared(jar);
      told.println("uses " + PermissionText.used(TrustCheck.usages(jar)));
      told.println("declares " + PermissionText.declared(declared));
      if (!declared.isEmpty()) {
        told.println(
            "a gateway grants that by: grants = "
                + project.symbolicName()
                + ":"
                + declared.stream().map(Permission::word).sorted().collect(joining("+")));
      }
    } catch (TrustException e) {
      throw new BundleException(jar + ": " + e.sentence(), e);
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }
}
