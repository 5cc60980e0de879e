package dev.sluice.runtime.bundle;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.Jar;
import dev.sluice.runtime.host.HostException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import org.osgi.framework.Version;

/// Makes a bundle of class files and resources by bnd: the manifest with the imports that the
/// classes need, and the descriptions of the components that their annotations ask for.
final class Assembly {
  private static final String IMPORT = "Import-Package";

  /// `@NullMarked` is kept at run time, so bnd would make its import mandatory.
  private static final String NULL_ANNOTATIONS = "org.jspecify.annotations;resolution:=optional, ";

  private Assembly() {}

  /// Writes the bundle.
  ///
  /// @param content folder of class files and resources
  /// @param jar the file to write
  /// @param terminal for what bnd warns of
  /// @throws BundleException if bnd refuses
  static void write(
      BundleProject project, Version version, Path content, Path jar, PrintStream terminal)
      throws BundleException, HostException {
    try (Builder builder = new Builder()) {
      builder.setBase(content.toFile());
      builder.setJar(new Jar(project.symbolicName(), content.toFile()));
      for (Path place : Compilation.places()) {
        builder.addClasspath(place.toFile());
      }
      headers(builder, project, version);
      Jar made = builder.build();
      builder.getWarnings().forEach(warning -> terminal.println("warning: " + warning));
      if (!builder.getErrors().isEmpty()) {
        throw new BundleException(
            project.folder() + ": bnd refuses it: " + String.join("; ", builder.getErrors()));
      }
      made.write(jar.toFile());
    } catch (BundleException | HostException e) {
      throw e;
    } catch (Exception e) { // what bnd's methods declare
      throw new BundleException(project.folder() + ": bnd failed: " + e, e);
    }
  }

  private static void headers(Builder builder, BundleProject project, Version version) {
    for (Map.Entry<String, String> header : project.headers().entrySet()) {
      builder.setProperty(header.getKey(), header.getValue());
    }
    builder.setProperty(IMPORT, NULL_ANNOTATIONS + project.headers().getOrDefault(IMPORT, "*"));
    builder.setProperty("Bundle-SymbolicName", project.symbolicName());
    builder.setProperty("Bundle-Version", version.toString());
    builder.setProperty("-noclassforname", "true");
    builder.setProperty("-noextraheaders", "true");
    builder.setProperty("-reproducible", "true");
  }
}
