package dev.sluice.runtime.trust;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

/// What a bundle's manifest asks for, where it asks for what no bundle gets.
final class BundleManifest {
  /// Header with the permissions that a bundle needs: words parted by commas.
  static final String PERMISSIONS = "Sluice-Permissions";

  /// Headers that are refused whatever they say, and why.
  private static final Map<String, String> REFUSED =
      Map.of(
          Constants.FRAGMENT_HOST,
          "bundles that stand alone, for a fragment becomes part of another one",
          Constants.DYNAMICIMPORT_PACKAGE,
          "Import-Package, for what is asked for later cannot be judged now",
          Constants.BUNDLE_NATIVECODE,
          "Java alone",
          Constants.REQUIRE_BUNDLE,
          "what the gateway itself provides, so that each bundle can be replaced alone",
          Constants.EXPORT_PACKAGE,
          "bundles that export nothing, so that none can stand between the gateway and another",
          "ExtensionBundle-Activator",
          "bundles that leave the framework as it is");

  private final Manifest manifest;

  BundleManifest(byte[] content) throws TrustException {
    requireOneReading(new String(content, StandardCharsets.UTF_8));
    try {
      manifest = new Manifest(new ByteArrayInputStream(content));
    } catch (IOException e) {
      throw new TrustException("its manifest cannot be read: " + e.getMessage());
    }
  }

  /// Of a header that is there twice one reader takes the first and another one the last.
  private static void requireOneReading(String text) throws TrustException {
    Set<String> names = new HashSet<>();
    for (String line : text.split("\r?\n", -1)) {
      if (line.isEmpty()) {
        return; // behind it are the sections of the entries
      }
      int colon = line.indexOf(':');
      if (line.indexOf('\r') >= 0
          || line.indexOf('\0') >= 0
          || (colon < 0 && line.charAt(0) != ' ')) {
        throw new TrustException("its manifest has a line that is no header: " + shown(line));
      }
      if (line.charAt(0) != ' ' && !names.add(line.substring(0, colon).toLowerCase(Locale.ROOT))) {
        throw new TrustException(
            "its manifest has the header " + shown(line.substring(0, colon)) + " twice");
      }
    }
  }

  /// The sections that the manifest has for entries, by the entry's name.
  Map<String, Attributes> sections() {
    return manifest.getEntries();
  }

  /// Refuses what no bundle gets.
  ///
  /// @param offered versions of the gateway's own packages
  void refuseOutright(Map<String, Version> offered) throws TrustException {
    for (String header : REFUSED.keySet().stream().sorted().toList()) {
      String value = value(header);
      if (value != null && !value.isBlank()) {
        throw new TrustException(
            "its manifest has "
                + header
                + " = "
                + shown(value)
                + "; allowed: "
                + REFUSED.get(header));
      }
    }
    refuseOtherApi(offered);
  }

  private void refuseOtherApi(Map<String, Version> offered) throws TrustException {
    String imports = value(Constants.IMPORT_PACKAGE);
    for (HeaderClause clause : HeaderClause.parse(imports == null ? "" : imports)) {
      String range = clause.parameters().get(Constants.VERSION_ATTRIBUTE);
      for (String name : clause.names()) {
        Version version = offered.get(name);
        if (version != null && range != null && !includes(range, version)) {
          throw new TrustException(
              "it was written for " + name + " " + range + ", and this gateway has " + version);
        }
      }
    }
  }

  private static boolean includes(String range, Version version) throws TrustException {
    try {
      return VersionRange.valueOf(range).includes(version);
    } catch (IllegalArgumentException e) {
      throw new TrustException(
          "its Import-Package has the version "
              + shown(range)
              + "; allowed: a range such as [1.0,2)");
    }
  }

  /// The permissions that the bundle declares.
  Set<Permission> declared() throws TrustException {
    Set<Permission> declared = EnumSet.noneOf(Permission.class);
    String header = value(PERMISSIONS);
    for (String part : List.of((header == null ? "" : header).split(",", -1))) {
      String word = part.strip();
      if (word.isEmpty()) {
        continue;
      }
      Permission permission =
          Permission.of(word)
              .orElseThrow(() ->
                  new TrustException(
                      "its Sluice-Permissions has '"
                          + shown(word)
                          + "'; allowed: "
                          + Permission.grantable()));
      if (!permission.isGrantable()) {
        throw new TrustException(
            "it declares the permission "
                + word
                + ", which no bundle gets; allowed: "
                + Permission.grantable());
      }
      declared.add(permission);
    }
    return declared;
  }

  private @Nullable String value(String header) {
    return manifest.getMainAttributes().getValue(header);
  }

  private static String shown(String value) {
    String line =
        value
            .chars()
            .mapToObj(c -> Character.isISOControl(c) ? "?" : Character.toString(c))
            .collect(Collectors.joining());
    return line.length() > 100 ? line.substring(0, 100) + "..." : line;
  }
}
