package dev.sluice.runtime.host;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.osgi.framework.Version;

/// The packages of the class path that bundles may import, with the versions that their own
/// manifests give, so that no version is written twice.
///
/// Bouncy Castle is among them, not among the bundles, because the newest `bctls` names an older
/// `bcprov` in its manifest than the one that is safe to use: it runs with it, but as a bundle it
/// would not resolve.
final class OfferedPackages {
  /// One class of each jar that is offered, found without being loaded.
  static final List<String> REPRESENTATIVES =
      List.of(
          "dev/sluice/plugin/PacketHandler.class",
          "org/osgi/service/component/ComponentContext.class",
          "org/osgi/util/promise/Promise.class",
          "org/osgi/util/function/Function.class",
          "org/bouncycastle/crypto/CryptoException.class",
          "org/bouncycastle/oer/Element.class",
          "org/bouncycastle/cert/X509CertificateHolder.class",
          "org/bouncycastle/tls/DTLSServerProtocol.class");

  /// A clause of `Export-Package`: the name, then parameters whose quoted values may hold commas.
  private static final Pattern CLAUSE =
      Pattern.compile("([\\w.]+)((?:;[\\w.-]+:?=(?:\"[^\"]*\"|[^\",;]*))*)");

  private static final Pattern VERSION = Pattern.compile(";version=\"?([\\w.-]+)\"?");

  private OfferedPackages() {}

  /// What the jars, or class folders, of these classes export, in the form of
  /// [Constants#FRAMEWORK_SYSTEMPACKAGES_EXTRA].
  static String of(List<String> representatives) throws HostException {
    List<String> packages = new ArrayList<>();
    for (String representative : representatives) {
      packages.addAll(clauses(exportHeader(representative)));
    }
    return String.join(",", packages);
  }

  /// The same as versions by package.
  static Map<String, Version> versions(List<String> representatives) throws HostException {
    Map<String, Version> versions = new TreeMap<>();
    for (String clause : of(representatives).split(",", -1)) {
      String[] parts = clause.split(";version=", -1);
      versions.put(
          parts[0], parts.length < 2 ? Version.emptyVersion : Version.parseVersion(parts[1]));
    }
    return versions;
  }

  static List<String> clauses(String header) {
    List<String> clauses = new ArrayList<>();
    Matcher clause = CLAUSE.matcher(header);
    while (clause.find()) {
      Matcher version = VERSION.matcher(clause.group(2));
      clauses.add(
          version.find() ? clause.group(1) + ";version=" + version.group(1) : clause.group(1));
    }
    return clauses;
  }

  private static String exportHeader(String representative) throws HostException {
    URL found = OfferedPackages.class.getClassLoader().getResource(representative);
    if (found == null) {
      throw new HostException(representative + ": is not on the class path: build Sluice again");
    }
    try {
      String header =
          manifest(found, representative).getMainAttributes().getValue("Export-Package");
      if (header == null) {
        throw new HostException(found + ": its manifest exports no package");
      }
      return header;
    } catch (IOException | URISyntaxException e) {
      throw new HostException(found + ": its manifest cannot be read: " + e.getMessage(), e);
    }
  }

  private static Manifest manifest(URL found, String representative)
      throws IOException, URISyntaxException {
    URLConnection connection = found.openConnection();
    if (connection instanceof JarURLConnection inJar) {
      Path jar = Path.of(inJar.getJarFileURL().toURI());
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        ZipEntry entry = zip.getEntry(JarFile.MANIFEST_NAME);
        try (InputStream in = zip.getInputStream(entry)) {
          return mainSection(in);
        }
      }
    }
    String folder = found.toString();
    folder = folder.substring(0, folder.length() - representative.length());
    try (InputStream in =
        Files.newInputStream(Path.of(new URI(folder)).resolve(JarFile.MANIFEST_NAME))) {
      return mainSection(in);
    }
  }

  /// Reads up to the first empty line: a signed jar has a section for each class behind it.
  private static Manifest mainSection(InputStream in) throws IOException {
    ByteArrayOutputStream section = new ByteArrayOutputStream();
    byte[] block = new byte[8192];
    int lineBytes = 0;
    for (int count = in.read(block); count > 0; count = in.read(block)) {
      for (int at = 0; at < count; at++) {
        section.write(block[at]);
        if (block[at] == '\n') {
          if (lineBytes == 0) {
            return new Manifest(new ByteArrayInputStream(section.toByteArray()));
          }
          lineBytes = 0;
        } else if (block[at] != '\r') {
          lineBytes++;
        }
      }
    }
    return new Manifest(new ByteArrayInputStream(section.toByteArray()));
  }
}
