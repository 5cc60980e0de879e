package dev.sluice.runtime.bundle;

import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;
import dev.sluice.runtime.config.SettingsFile;
import dev.sluice.runtime.host.BundleTrial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.osgi.framework.Version;

/// A folder with the sources of one bundle: `bundle.properties`, `src/`, and `.cfg` files with
/// settings to try it with. Sources in the layout of Maven, `src/main/java` and
/// `src/main/resources`, are found as well.
///
/// @param folder as it was given, so that messages name files as the author does
/// @param sources every `.java` file
/// @param resources every other file, by its place in the JAR
/// @param settings the `.cfg` files
/// @param symbolicName is also that of the file
/// @param version as its author wants it
/// @param headers for the manifest, other than name and version
record BundleProject(
    Path folder,
    List<Path> sources,
    Map<String, Path> resources,
    List<Path> settings,
    String symbolicName,
    Version version,
    Map<String, String> headers) {

  /// The file with the headers of the manifest.
  static final String PROPERTIES = "bundle.properties";

  private static final String NAME = "Bundle-SymbolicName";
  private static final String VERSION = "Bundle-Version";
  private static final List<String> OTHER_HEADERS =
      List.of(
          "Bundle-Name",
          "Bundle-Description",
          "Bundle-Vendor",
          "Bundle-License",
          "Bundle-Activator",
          "Service-Component",
          "Import-Package",
          "Sluice-Permissions");

  BundleProject {
    sources = List.copyOf(sources);
    settings = List.copyOf(settings);
  }

  /// Looks at a project without running anything of it.
  ///
  /// @throws BundleException if something that a bundle needs is missing or wrong
  static BundleProject open(Path folder) throws BundleException {
    if (!Files.isDirectory(folder)) {
      throw new BundleException(
          folder + ": no such folder; './sluice bundle new " + folder + "' makes one");
    }
    Path file = folder.resolve(PROPERTIES);
    if (!Files.exists(file)) {
      throw new BundleException(
          file + ": no such file; it has at least the line " + NAME + " = NAME");
    }
    try {
      Settings properties = SettingsFile.read(file);
      String name = symbolicName(properties);
      Version version = version(properties);
      Map<String, String> headers = headers(properties);
      properties.refuseUnknown();
      return new BundleProject(
          folder, sources(folder), resources(folder), settings(folder), name, version, headers);
    } catch (SettingsException e) {
      throw new BundleException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new BundleException(folder + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static String symbolicName(Settings properties) throws SettingsException {
    String name = properties.required(NAME, "what the bundle is called");
    if (!BundleTrial.isSymbolicName(name)) {
      throw properties.wrong(NAME, name, "words of A-Z, a-z, 0-9, _ and -, joined by dots");
    }
    return name;
  }

  private static Version version(Settings properties) throws SettingsException {
    String text = properties.text(VERSION, "1.0.0");
    try {
      return Version.parseVersion(text);
    } catch (IllegalArgumentException e) {
      throw properties.wrong(VERSION, text, "a version such as 1.2.3 or 1.2.3.beta");
    }
  }

  private static Map<String, String> headers(Settings properties) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (String header : OTHER_HEADERS) {
      String value = properties.text(header, "");
      if (!value.isEmpty()) {
        headers.put(header, value);
      }
    }
    return headers;
  }

  private static List<Path> sources(Path folder) throws IOException, BundleException {
    Path root = Files.isDirectory(maven(folder)) ? maven(folder) : folder.resolve("src");
    if (!Files.isDirectory(root)) {
      throw new BundleException(root + ": no such folder; the bundle's sources belong there");
    }
    List<Path> found = filesBelow(root).stream().filter(BundleProject::isJava).toList();
    for (Path source : found) {
      if (root.equals(source.getParent())) {
        throw new BundleException(
            source + ": is in no package; allowed: a package of its own, in a folder of its name");
      }
    }
    if (found.isEmpty()) {
      throw new BundleException(root + ": has no .java file");
    }
    return found;
  }

  private static Path maven(Path folder) {
    return folder.resolve("src").resolve("main").resolve("java");
  }

  private static Map<String, Path> resources(Path folder) throws IOException, BundleException {
    Path root =
        Files.isDirectory(maven(folder))
            ? maven(folder).resolveSibling("resources")
            : folder.resolve("src");
    Map<String, Path> resources = new LinkedHashMap<>();
    for (Path file : filesBelow(root)) {
      String place = root.relativize(file).toString();
      if (place.equals("META-INF/MANIFEST.MF")) {
        throw new BundleException(
            file + ": the manifest is made by the build; its headers belong into " + PROPERTIES);
      }
      if (!isJava(file)) {
        resources.put(place, file);
      }
    }
    return resources;
  }

  private static List<Path> settings(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".cfg") && Files.isRegularFile(file))
          .sorted()
          .toList();
    }
  }

  /// Without what editors and copying tools leave beside the files.
  private static List<Path> filesBelow(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .filter(file -> !file.getFileName().toString().endsWith("~"))
          .sorted()
          .toList();
    }
  }

  private static boolean isJava(Path file) {
    return file.toString().endsWith(".java");
  }
}
