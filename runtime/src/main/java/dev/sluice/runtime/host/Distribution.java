package dev.sluice.runtime.host;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.stream.Stream;

/// The folder that the build put together: `lib`, `modules`, `plugins`, `system`.
///
/// @param folder absolute
public record Distribution(Path folder) {
  /// System property that names the folder.
  public static final String PROPERTY = "sluice.dist";

  /// The distribution that this code runs from: where [#PROPERTY] says, else beside the runtime's
  /// own classes, in `dist` of the build folder.
  ///
  /// @throws HostException if it is not there
  public static Distribution find() throws HostException {
    String named = System.getProperty(PROPERTY);
    Path folder = named != null ? Path.of(named) : besideOwnClasses();
    if (!Files.isDirectory(folder.resolve("system"))) {
      throw new HostException(
          folder + ": is no distribution of Sluice: build it with ./sluice, or set -D" + PROPERTY);
    }
    return new Distribution(folder.toAbsolutePath().normalize());
  }

  private static Path besideOwnClasses() throws HostException {
    CodeSource source = Distribution.class.getProtectionDomain().getCodeSource();
    if (source == null) {
      throw new HostException("the distribution's folder is not known: set -D" + PROPERTY);
    }
    try {
      Path own = Path.of(source.getLocation().toURI()).toAbsolutePath();
      Path around = own.resolveSibling("..").normalize();
      // A jar in dist/lib has dist above it; target/classes and target/runtime.jar have it beside.
      return Files.isDirectory(around.resolve("system")) ? around : own.resolveSibling("dist");
    } catch (URISyntaxException e) {
      throw new HostException("the distribution's folder is not known: set -D" + PROPERTY, e);
    }
  }

  /// The bundles that every gateway runs, in the order of their names.
  List<Path> systemBundles() throws HostException {
    Path system = folder.resolve("system");
    try (Stream<Path> files = Files.list(system)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new HostException(system + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
