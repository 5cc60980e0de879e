package dev.sluice.runtime.bundle;

import dev.sluice.runtime.host.BundleTrial;
import dev.sluice.runtime.host.HostException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// Compiles a bundle's sources with the compiler of the JDK that runs this, against what a gateway
/// offers to bundles and nothing else.
final class Compilation {
  /// Annotations that leave no trace when the bundle runs.
  private static final List<String> ANNOTATIONS =
      List.of(
          "org/osgi/service/component/annotations/Component.class",
          "org/jspecify/annotations/NullMarked.class");

  /// All but those that speak of the libraries, which no author of a bundle can change.
  private static final String WARNINGS = "-Xlint:all,-classfile,-path,-processing,-options";

  private Compilation() {}

  /// Compiles.
  ///
  /// @param classes the folder that class files are put in
  /// @param terminal for what the compiler says, as it says it
  /// @throws BundleException with an empty message if the compiler refuses the sources
  static void run(List<Path> sources, Path classes, PrintStream terminal)
      throws BundleException, HostException, IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new BundleException(
          "this Java has no compiler: "
              + System.getProperty("java.home")
              + "; a JDK 25 or later is needed, in JAVA_HOME");
    }
    List<String> options =
        List.of(
            "--release",
            "25",
            "-encoding",
            "UTF-8",
            "-g",
            "-proc:none",
            WARNINGS,
            "-d",
            classes.toString(),
            "-classpath",
            classPath());
    PrintWriter told = new PrintWriter(terminal, true, StandardCharsets.UTF_8);
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      boolean done =
          compiler
              .getTask(told, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
              .call();
      told.flush();
      if (!done) {
        throw new BundleException("");
      }
    }
  }

  /// What the sources are compiled against.
  private static String classPath() throws HostException {
    return places().stream().map(Path::toString).collect(Collectors.joining(":"));
  }

  /// The jars, or folders, on that path; bnd reads versions of packages from them.
  static List<Path> places() throws HostException {
    List<Path> places = new ArrayList<>(BundleTrial.offeredClasses());
    for (String annotation : ANNOTATIONS) {
      places.add(BundleTrial.placeOf(annotation));
    }
    return places;
  }
}
