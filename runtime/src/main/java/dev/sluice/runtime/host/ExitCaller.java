package dev.sluice.runtime.host;

import dev.sluice.runtime.supervisor.Culprit;
import java.net.URL;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/// Who called `System.exit`: a bundle, for a signal ends the JVM another way. The caller waits in
/// that call until the JVM has ended, so its stack still shows it.
///
/// @param method the caller, as class and method
/// @param classes those of the frames below the call, the caller's first
record ExitCaller(String method, List<String> classes) {
  /// How the host installs bundles: [StoredBundle#location].
  private static final Pattern LOCATION =
      Pattern.compile("sluice:(.*/.*)/([0-9a-f]{64})(?:/\\d+)?");

  /// Looks through the stacks of all threads.
  static Optional<ExitCaller> find() {
    for (StackTraceElement[] trace : Thread.getAllStackTraces().values()) {
      List<String> methods =
          Stream.of(trace).map(at -> at.getClassName() + "." + at.getMethodName()).toList();
      int exit = methods.indexOf("java.lang.Runtime.exit");
      if (exit >= 0) {
        return of(Stream.of(trace).skip(exit).filter(at -> !isOfTheJdk(at)).toList());
      }
    }
    return Optional.empty();
  }

  private static Optional<ExitCaller> of(List<StackTraceElement> frames) {
    return frames.stream()
        .findFirst()
        .map(at ->
            new ExitCaller(
                at.getClassName() + "." + at.getMethodName(),
                frames.stream().map(StackTraceElement::getClassName).distinct().toList()));
  }

  /// As the ways of reflection are.
  private static boolean isOfTheJdk(StackTraceElement frame) {
    String module = frame.getModuleName();
    return module != null && (module.startsWith("java.") || module.startsWith("jdk."));
  }

  /// The bundle of the frame next to the call that is in a bundle at all.
  Optional<Culprit> culprit(BundleContext context) {
    for (String name : classes) {
      for (Bundle bundle : context.getBundles()) {
        Matcher location = LOCATION.matcher(bundle.getLocation());
        if (location.matches() && has(bundle, name)) {
          String cause = "it called System.exit in " + method;
          return Optional.of(
              new Culprit(location.group(1), location.group(2), cause, Instant.now()));
        }
      }
    }
    return Optional.empty();
  }

  /// Whether the bundle's own jar has the class; nothing is loaded.
  private static boolean has(Bundle bundle, String name) {
    URL entry = bundle.getEntry(name.replace('.', '/') + ".class");
    return entry != null;
  }
}
