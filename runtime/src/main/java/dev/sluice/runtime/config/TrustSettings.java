package dev.sluice.runtime.config;

import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Whose bundles run, and what they may do. All but [#mode] takes effect at once.
///
/// @param mode takes effect at the next start
/// @param store absolute folder of the certificates that signers' chains end in
/// @param revocation what is wanted of revocation lists
/// @param signerNames which signer may sign which bundles
/// @param grants which bundles have which permissions
/// @param downgrades `name` or `name/version` of bundles that may be older than what has run
public record TrustSettings(
    Mode mode,
    Path store,
    Revocation revocation,
    List<SignerName> signerNames,
    List<Grant> grants,
    Set<String> downgrades) {
  /// Which bundles may run at all.
  public enum Mode {
    /// Those that a known signer has signed.
    SIGNED,
    /// Any, which is for the writing of bundles.
    DEVELOPMENT
  }

  /// What is wanted of revocation lists.
  public enum Revocation {
    /// A list that is in date, of every authority of the chain.
    REQUIRED,
    /// What there is counts.
    BEST
  }

  /// A signer and the bundles that he may sign.
  ///
  /// @param signer common name, or `sha256:` and the certificate's fingerprint in hexadecimal
  /// @param names symbolic names, with `*` for any letters
  public record SignerName(String signer, String names) {}

  /// Bundles and what they may use beyond what every bundle may.
  ///
  /// @param names symbolic names, with `*` for any letters
  /// @param permissions words for permissions; the trust check knows which there are
  public record Grant(String names, Set<String> permissions) {
    public Grant {
      permissions = Set.copyOf(permissions);
    }
  }

  private static final Pattern NAMES = Pattern.compile("[A-Za-z0-9_.*-]+");
  private static final Pattern PERMISSION = Pattern.compile("[a-z]+");
  private static final Pattern FINGERPRINT = Pattern.compile("sha256:[0-9a-fA-F:]{64,95}");
  private static final Pattern DOWNGRADE = Pattern.compile("[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?");

  public TrustSettings {
    signerNames = List.copyOf(signerNames);
    grants = List.copyOf(grants);
    downgrades = Set.copyOf(downgrades);
  }

  /// What holds for a gateway whose operator says nothing.
  ///
  /// @param config folder of the settings
  public static TrustSettings standard(Path config) {
    return new TrustSettings(
        Mode.SIGNED,
        config.toAbsolutePath().normalize().resolve("trust"),
        Revocation.BEST,
        List.of(),
        List.of(),
        Set.of());
  }

  static TrustSettings read(Settings settings, Path folder) throws SettingsException {
    TrustSettings standard = standard(folder);
    return new TrustSettings(
        settings.choice("bundle-trust", Mode.class, standard.mode),
        store(settings, folder),
        settings.choice("revocation", Revocation.class, standard.revocation),
        signerNames(settings),
        grants(settings),
        downgrades(settings));
  }

  private static Path store(Settings settings, Path folder) throws SettingsException {
    String text = settings.text("trust-store", "trust");
    try {
      return folder.resolve(text).normalize();
    } catch (InvalidPathException e) {
      throw settings.wrong("trust-store", text, "a folder, relative to the file's folder");
    }
  }

  private static List<SignerName> signerNames(Settings settings) throws SettingsException {
    List<SignerName> names = new ArrayList<>();
    for (String part : settings.list("signer-names")) {
      int colon = part.lastIndexOf(':');
      String signer = colon < 0 ? "" : part.substring(0, colon).strip();
      String glob = part.substring(colon + 1).strip();
      boolean known = !signer.startsWith("sha256:") || FINGERPRINT.matcher(signer).matches();
      if (signer.isEmpty() || !known || !NAMES.matcher(glob).matches()) {
        throw settings.wrong(
            "signer-names",
            part,
            "SIGNER:NAMES parted by commas, where SIGNER is the common name of a certificate or"
                + " sha256: and its fingerprint, and NAMES a symbolic name with * for any letters");
      }
      names.add(new SignerName(signer, glob));
    }
    return names;
  }

  private static List<Grant> grants(Settings settings) throws SettingsException {
    List<Grant> grants = new ArrayList<>();
    for (String part : settings.list("grants")) {
      int colon = part.indexOf(':');
      String names = colon < 0 ? "" : part.substring(0, colon).strip();
      Set<String> permissions = new TreeSet<>();
      for (String word : part.substring(colon + 1).split("\\+", -1)) {
        permissions.add(word.strip());
      }
      if (!NAMES.matcher(names).matches()
          || !permissions.stream().allMatch(PERMISSION.asMatchPredicate())) {
        throw settings.wrong(
            "grants",
            part,
            "NAMES:PERMISSION+PERMISSION parted by commas, where NAMES is a symbolic name with *"
                + " for any letters");
      }
      grants.add(new Grant(names, permissions));
    }
    return grants;
  }

  private static Set<String> downgrades(Settings settings) throws SettingsException {
    Set<String> downgrades = new TreeSet<>();
    for (String part : settings.list("allow-downgrade")) {
      if (!DOWNGRADE.matcher(part).matches()) {
        throw settings.wrong(
            "allow-downgrade",
            part,
            "symbolic names of bundles, or NAME/VERSION, parted by commas");
      }
      downgrades.add(part);
    }
    return downgrades;
  }

  /// The same with another folder.
  public TrustSettings withStore(Path other) {
    return new TrustSettings(mode, other, revocation, signerNames, grants, downgrades);
  }

  /// The same with another mode.
  public TrustSettings withMode(Mode other) {
    return new TrustSettings(other, store, revocation, signerNames, grants, downgrades);
  }
}
