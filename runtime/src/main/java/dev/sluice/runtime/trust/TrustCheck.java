package dev.sluice.runtime.trust;

import dev.sluice.runtime.config.TrustSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.osgi.framework.Version;

/// The whole judgement on a bundle's file, before anything of it is loaded. Any thread.
public final class TrustCheck {
  /// What a bundle claims to be.
  ///
  /// @param file of the gateway's own, which nobody else writes
  public record Subject(Path file, String name, Version version) {}

  private final Supplier<TrustSettings> settings;
  private final TrustStore distribution;
  private final Map<String, Version> offered;
  private final Versions versions;
  private TrustStore operator; // guarded by this

  /// @param settings asked anew for each bundle
  /// @param distribution folder of what the build trusts for its own bundles
  /// @param offered versions of the gateway's own packages, by name
  public TrustCheck(
      Supplier<TrustSettings> settings,
      Path distribution,
      Map<String, Version> offered,
      Versions versions) {
    Algorithms.prepare();
    this.settings = settings;
    this.distribution = new TrustStore(distribution);
    this.offered = Map.copyOf(offered);
    this.versions = versions;
    this.operator = new TrustStore(settings.get().store());
  }

  /// A check of files that were never in a gateway, whose past therefore says nothing.
  public static TrustCheck ofFile(
      TrustSettings settings, Path distribution, Map<String, Version> offered) {
    return new TrustCheck(() -> settings, distribution, offered, Versions.none());
  }

  /// Judges a bundle.
  ///
  /// @param downgradeAllowed whether it may be older than what has run, whatever the settings say
  /// @throws TrustException if it must not run
  public Approved check(Subject subject, boolean downgradeAllowed) throws TrustException {
    TrustSettings now = settings.get();
    NameRules.requireGrantable(now);
    BundleFile file = BundleFile.read(subject.file());
    file.manifest().refuseOutright(offered);
    List<String> remarks = new ArrayList<>();
    Optional<Signer> signer = signer(file, subject, now, remarks);
    Set<Permission> used = requirePermissions(file, subject.name(), now);
    if (!downgradeAllowed && now.mode() == TrustSettings.Mode.SIGNED) {
      versions.refuseDowngrade(subject.name(), subject.version(), now.downgrades());
    }
    return new Approved(signer, file.manifest().declared(), used, remarks);
  }

  /// Refuses what the gateway would refuse whoever signed it: for who is about to sign.
  public static void refuseOutright(Path file, Map<String, Version> offered) throws TrustException {
    BundleFile read = BundleFile.read(file);
    read.manifest().refuseOutright(offered);
    requireDeclared(read);
  }

  /// What the classes of a file use.
  public static List<Usage> usages(Path file) throws TrustException {
    return BundleFile.read(file).uses().stream().map(FoundUse::located).toList();
  }

  /// The permissions that the manifest of a file declares.
  public static Set<Permission> declared(Path file) throws TrustException {
    return BundleFile.read(file).manifest().declared();
  }

  private Optional<Signer> signer(
      BundleFile file, Subject subject, TrustSettings now, List<String> remarks)
      throws TrustException {
    boolean development = now.mode() == TrustSettings.Mode.DEVELOPMENT;
    try {
      SignatureCheck.Found found =
          new SignatureCheck(
                  operator(now.store()).content(), distribution.content(), now.revocation())
              .check(file);
      NameRules.requireMaySign(found.signer(), subject.name(), now.signerNames());
      remarks.addAll(found.wanting());
      return Optional.of(found.signer());
    } catch (TrustException e) {
      if (!development) {
        throw e;
      }
      remarks.add("bundle-trust = development lets it run, although " + e.sentence());
      return Optional.empty();
    }
  }

  private static Set<Permission> requirePermissions(BundleFile file, String name, TrustSettings now)
      throws TrustException {
    requireDeclared(file);
    Set<Permission> declared = file.manifest().declared();
    Set<Permission> granted = NameRules.granted(name, declared, now);
    for (Permission permission : declared) {
      if (!granted.contains(permission)) {
        throw new TrustException(
            "it declares the permission "
                + permission.word()
                + ", which is not granted; grants = "
                + name
                + ":"
                + permission.word()
                + " would",
            true);
      }
    }
    Set<Permission> used = EnumSet.noneOf(Permission.class);
    file.uses().forEach(use -> used.add(use.permission()));
    return used;
  }

  /// Refuses what a class uses and the manifest does not declare, and what nobody gets.
  private static void requireDeclared(BundleFile file) throws TrustException {
    Set<Permission> declared = file.manifest().declared();
    for (FoundUse use : file.uses()) {
      Permission permission = use.permission();
      if (!declared.contains(permission)) {
        throw new TrustException(
            "it uses "
                + use.what()
                + " (permission "
                + permission.word()
                + ") in "
                + use.located().where()
                + ", which "
                + (permission.isGrantable()
                    ? "its Sluice-Permissions do not declare"
                    : "no bundle may"));
      }
    }
  }

  private synchronized TrustStore operator(Path folder) {
    if (!operator.folder().equals(folder)) {
      operator = new TrustStore(folder);
    }
    return operator;
  }

  /// A text that differs when another verdict is possible: other settings, other certificates.
  public String state() {
    TrustSettings now = settings.get();
    return now + "\n" + operator(now.store()).look();
  }

  /// What is remembered of versions.
  public Versions versions() {
    return versions;
  }
}
