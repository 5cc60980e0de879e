package dev.sluice.runtime.command;

import java.util.List;
import java.util.Objects;

/// The command `version`: what a report of a fault should begin with.
final class Version {
  private Version() {}

  static int run(List<String> args) {
    if (args.equals(List.of("--help"))) {
      System.out.println("version\n    Versions of Sluice, Java and the kernel.");
      return 0;
    }
    if (!args.isEmpty()) {
      System.err.println("sluice version: takes no argument, not '" + args.getFirst() + "'");
      return 2;
    }
    System.out.println("sluice " + version());
    System.out.println("java " + Runtime.version() + " in " + System.getProperty("java.home"));
    System.out.println(
        "kernel %s %s %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")));
    return 0;
  }

  /// The version in the jar's manifest; class files that lie in no jar have none.
  static String version() {
    return Objects.requireNonNullElse(
        Version.class.getPackage().getImplementationVersion(), "(not packaged)");
  }
}
