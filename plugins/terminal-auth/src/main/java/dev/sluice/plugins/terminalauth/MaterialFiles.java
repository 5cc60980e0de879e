package dev.sluice.plugins.terminalauth;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.plugin.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Provider;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The files that the settings name. Each kind is read on its own, so that a bad registry does not
/// keep a revocation from taking effect. For one thread at a time.
final class MaterialFiles {
  private static final Set<PosixFilePermission> NOT_FOR_KEYS =
      PosixFilePermissions.fromString("---rwxrwx");

  /// What a look at the files brought.
  interface Listener {
    /// Files of this kind have changed, and are in force.
    void reloaded(String kind, String detail);

    /// Files of this kind have changed to something that is refused; what was stays in force.
    void refused(String kind, String sentence);
  }

  private final AdmissionSettings.Files files;
  private final Provider provider;
  private final RevocationFloor floor;
  private final WatchedPart<Registry> registry;
  private final WatchedPart<Authorities> authorities;
  private final WatchedPart<Credentials> credentials;

  /// Reads all files for the first time.
  ///
  /// @param floor what revocation lists are held against
  /// @param before what was in force with other settings, or null
  /// @throws SettingsException that names the file and what is wrong with it
  MaterialFiles(
      AdmissionSettings settings,
      Provider provider,
      RevocationFloor floor,
      @Nullable Authorities before)
      throws SettingsException {
    this.files = settings.files();
    this.provider = provider;
    this.floor = floor;
    Set<String> ports = settings.terminalPorts();
    registry =
        new WatchedPart<>(
            List.of(files.registry()),
            (contents, previous) ->
                Registry.parse(name(files.registry()), new String(only(contents), UTF_8), ports));
    List<Path> trust = new ArrayList<>(files.authorities());
    trust.addAll(files.revocationLists());
    authorities =
        new WatchedPart<>(
            trust,
            (contents, previous) ->
                parseAuthorities(contents, previous == null ? before : previous));
    credentials =
        new WatchedPart<>(
            List.of(files.gatewayCertificate(), files.gatewayKey()),
            (contents, previous) -> parseCredentials(contents));
  }

  Material material() {
    return new Material(registry.value(), authorities.value(), credentials.value());
  }

  /// Looks whether files have changed.
  ///
  /// @return whether [#material] has
  boolean refresh(Listener listener) {
    boolean changed = refresh("registry", registry, listener);
    changed |= refresh("crl", authorities, listener);
    changed |= refresh("gateway-certificate", credentials, listener);
    return changed;
  }

  private static boolean refresh(String kind, WatchedPart<?> part, Listener listener) {
    try {
      boolean changed = part.refresh();
      if (changed) {
        listener.reloaded(kind, part.value().toString());
      }
      return changed;
    } catch (SettingsException e) {
      listener.refused(kind, String.valueOf(e.getMessage()));
      return false;
    }
  }

  private Authorities parseAuthorities(Map<Path, byte[]> contents, @Nullable Authorities previous)
      throws SettingsException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Path path : files.authorities()) {
      certificates.addAll(pem(path, contents).certificates());
    }
    List<RevocationList> lists = new ArrayList<>();
    for (Path path : files.revocationLists()) {
      for (X509CRL list : pem(path, contents).revocationLists()) {
        RevocationList made = RevocationList.of(name(path), list);
        if (previous != null) {
          previous.refuseOlder(name(path), made);
        }
        lists.add(made);
      }
    }
    floor.refuseOlder(lists);
    return new Authorities(certificates, lists, provider);
  }

  private Credentials parseCredentials(Map<Path, byte[]> contents) throws SettingsException {
    requireSecret(files.gatewayKey());
    return Credentials.of(
        pem(files.gatewayCertificate(), contents), pem(files.gatewayKey(), contents), provider);
  }

  private static void requireSecret(Path key) throws SettingsException {
    try {
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(key);
      if (mode.stream().anyMatch(NOT_FOR_KEYS::contains)) {
        throw new SettingsException(
            key
                + ": mode "
                + PosixFilePermissions.toString(mode)
                + " lets others at the gateway's key: allowed: rw-------; run chmod 600 "
                + key);
      }
    } catch (IOException e) {
      throw new SettingsException(
          key + ": cannot be looked at (" + e.getMessage() + "): allowed: a readable file");
    }
  }

  private PemFile pem(Path path, Map<Path, byte[]> contents) {
    byte[] content = contents.getOrDefault(path, new byte[0]);
    return PemFile.of(name(path), content, provider);
  }

  private static byte[] only(Map<Path, byte[]> contents) {
    return contents.values().iterator().next();
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }
}
