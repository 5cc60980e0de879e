package dev.sluice.runtime.bundle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Tells what a bundle takes from outside.
final class BundleImports {
  private static final Pattern CLAUSE =
      Pattern.compile("([\\w.]+)((?:;[\\w.-]+:?=(?:\"[^\"]*\"|[^\",;]*))*)");
  private static final Pattern VERSION = Pattern.compile(";version=\"?([^\";]+)");

  private BundleImports() {}

  /// Packages that a bundle must find at the gateway, with the versions that it is content with;
  /// those of Java itself are left out.
  static List<String> of(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile(), false)) {
      String header = file.getManifest().getMainAttributes().getValue("Import-Package");
      List<String> imports = new ArrayList<>();
      Matcher clause = CLAUSE.matcher(header == null ? "" : header);
      while (clause.find()) {
        String name = clause.group(1);
        String directives = clause.group(2);
        if (!name.startsWith("java.") && !directives.contains("resolution:=optional")) {
          Matcher version = VERSION.matcher(directives);
          imports.add(version.find() ? name + " " + version.group(1) : name);
        }
      }
      return imports;
    }
  }
}
