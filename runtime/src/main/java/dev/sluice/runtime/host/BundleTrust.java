package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.runtime.config.TrustSettings;
import dev.sluice.runtime.trust.Approved;
import dev.sluice.runtime.trust.TrustCheck;
import dev.sluice.runtime.trust.TrustException;
import dev.sluice.runtime.trust.Versions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.jar.JarFile;
import org.osgi.framework.Version;

/// The trust check as the deployment of bundles uses it: in its exceptions, with its events. Any
/// thread, but [#changed], which is for one.
public final class BundleTrust {
  private final TrustCheck check;
  private final Supplier<TrustSettings> settings;
  private final EventLog events;
  private String state;

  private BundleTrust(TrustCheck check, Supplier<TrustSettings> settings, EventLog events) {
    this.check = check;
    this.settings = settings;
    this.events = events;
    this.state = check.state();
  }

  /// Prepares the check, and tells the operator if it is switched off.
  ///
  /// @param settings asked anew for each bundle
  /// @param state folder in which newest versions are remembered
  static BundleTrust of(
      Distribution distribution, Supplier<TrustSettings> settings, Path state, EventLog events)
      throws HostException {
    TrustCheck check =
        new TrustCheck(
            settings,
            distribution.folder().resolve("trust"),
            offeredVersions(),
            Versions.open(state));
    BundleTrust trust = new BundleTrust(check, settings, events);
    if (trust.acceptsUnsigned()) {
      events.report(
          Severity.ALARM,
          "bundles-not-verified",
          Map.of(
              "cause",
              "bundle-trust = development",
              "effect",
              "ANY BUNDLE RUNS, WHOEVER MADE IT: not for a gateway in service"));
    }
    return trust;
  }

  /// The versions of the gateway's own packages, by name.
  public static Map<String, Version> offeredVersions() throws HostException {
    return OfferedPackages.versions(OfferedPackages.REPRESENTATIVES);
  }

  /// What a file that is in no store claims to be.
  ///
  /// @throws TrustException if it cannot be a bundle, whoever signed it
  public static TrustCheck.Subject subject(Path file) throws TrustException {
    try (JarFile jar = new JarFile(file.toFile(), false)) {
      BundleHeaders headers = BundleHeaders.check(jar);
      return new TrustCheck.Subject(file, headers.symbolicName(), headers.version());
    } catch (RefusedException e) {
      throw new TrustException(e.sentence());
    } catch (IOException e) {
      throw new TrustException("it is not a whole JAR file: " + e.getMessage());
    }
  }

  /// Whether the settings let bundles run that nobody has signed.
  boolean acceptsUnsigned() {
    return settings.get().mode() == TrustSettings.Mode.DEVELOPMENT;
  }

  /// Judges a bundle by its private copy, before it is installed.
  ///
  /// @param downgradeAllowed whether the operator asked for this very version, however old
  /// @throws RefusedException if it must not run
  Approved check(StoredBundle stored, boolean downgradeAllowed) throws RefusedException {
    try {
      Approved approved =
          check.check(
              new TrustCheck.Subject(stored.copy(), stored.symbolicName(), stored.version()),
              downgradeAllowed);
      tell(stored, approved);
      return approved;
    } catch (TrustException e) {
      throw new RefusedException(e.sentence(), e.operatorMayCure());
    }
  }

  private void tell(StoredBundle stored, Approved approved) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("bundle", stored.title());
    fields.put("sha256", stored.sha256());
    approved
        .signer()
        .ifPresent(signer -> {
          fields.put("signer", signer.subject());
          fields.put("fingerprint", signer.fingerprint());
          fields.put("anchor", signer.anchor());
        });
    fields.put("permissions", String.join(" ", approved.declaredWords()));
    if (!approved.remarks().isEmpty()) {
      fields.put("remarks", String.join("; ", approved.remarks()));
    }
    events.report(
        approved.remarks().isEmpty() ? Severity.INFO : Severity.WARNING, "bundle-trusted", fields);
  }

  /// The newest version of a bundle that was ever in the chain.
  ///
  /// @throws RefusedException if that is not known any more
  Optional<Version> newestEverActive(String symbolicName) throws RefusedException {
    try {
      return check.versions().newestEverActive(symbolicName);
    } catch (TrustException e) {
      throw new RefusedException(e.sentence());
    }
  }

  /// Notes that a version is in the chain.
  void active(String symbolicName, Version version) {
    try {
      check.versions().active(symbolicName, version);
    } catch (IOException e) {
      events.report(
          Severity.ALARM,
          "version-not-remembered",
          Map.of(
              "bundle",
              symbolicName + "/" + version,
              "cause",
              String.valueOf(e),
              "effect",
              "after a restart an older version would be taken"));
    }
  }

  /// A listener that notes what came into the chain before it tells another one.
  Consumer<Outcome> hearing(Consumer<Outcome> listener) {
    return outcome -> {
      if (outcome instanceof Outcome.Active active) {
        int slash = active.bundle().indexOf('/');
        active(
            active.bundle().substring(0, slash),
            Version.parseVersion(active.bundle().substring(slash + 1)));
      }
      listener.accept(outcome);
    };
  }

  /// Whether the settings or the trust folder have changed since this was asked last, so that what
  /// was refused may be acceptable now.
  boolean changed() {
    String now = check.state();
    boolean changed = !now.equals(state);
    state = now;
    return changed;
  }
}
