package dev.sluice.runtime.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The command `unsign`, a step of the build: takes the signatures out of the jars of a folder.
///
/// Nobody checks who signed the libraries on the class path; Maven has compared what it fetched
/// with the repository's checksums. Yet the JVM hashes every signed class it loads and keeps none
/// in its class archive, which doubled the time of a start.
final class JarSignatures {
  private static final Pattern SIGNATURE =
      Pattern.compile("META-INF/[^/]*\\.(SF|RSA|DSA|EC)", Pattern.CASE_INSENSITIVE);

  private JarSignatures() {}

  static int run(List<String> args) {
    if (args.size() != 1) {
      System.err.println("sluice unsign: one folder must follow");
      return 2;
    }
    try (Stream<Path> files = Files.list(Path.of(args.getFirst()))) {
      for (Path file : files.filter(file -> file.toString().endsWith(".jar")).toList()) {
        remove(file);
      }
      return 0;
    } catch (IOException e) {
      System.err.println("sluice unsign: " + e);
      return 1;
    }
  }

  /// Takes the signatures out of one jar; a jar that has none is left as it is.
  static void remove(Path file) throws IOException {
    try (JarFile jar = new JarFile(file.toFile(), false)) {
      Manifest manifest = jar.getManifest();
      if (manifest == null || jar.stream().noneMatch(JarSignatures::isSignature)) {
        return;
      }
      manifest
          .getEntries()
          .values()
          .forEach(attributes ->
              attributes
                  .keySet()
                  .removeIf(name -> name.toString().toLowerCase(Locale.ROOT).endsWith("-digest")));
      manifest.getEntries().values().removeIf(attributes -> attributes.isEmpty());
      Path unsigned = file.resolveSibling(file.getFileName() + ".new");
      try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(unsigned), manifest)) {
        for (JarEntry entry : jar.stream().toList()) {
          if (!isSignature(entry) && !entry.getName().equals(JarFile.MANIFEST_NAME)) {
            copy(jar, entry, out);
          }
        }
      }
      Files.move(unsigned, file, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static boolean isSignature(JarEntry entry) {
    return SIGNATURE.matcher(entry.getName()).matches();
  }

  private static void copy(JarFile jar, JarEntry entry, JarOutputStream out) throws IOException {
    JarEntry copied = new JarEntry(entry.getName());
    copied.setTime(entry.getTime());
    out.putNextEntry(copied);
    try (InputStream content = jar.getInputStream(entry)) {
      content.transferTo(out);
    }
    out.closeEntry();
  }
}
