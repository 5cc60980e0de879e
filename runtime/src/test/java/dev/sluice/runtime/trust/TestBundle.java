package dev.sluice.runtime.trust;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// A bundle's JAR under the hands of somebody who may change anything in it.
final class TestBundle {
  static final String NAME = "org.example.guard";

  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private final StringBuilder headers = new StringBuilder("Manifest-Version: 1.0\r\n");

  /// A bundle with one harmless class.
  static TestBundle harmless() {
    return named(NAME, "1.0")
        .source("guard.Guard", "package guard; public class Guard { int n = 1; }");
  }

  static TestBundle named(String name, String version) {
    return new TestBundle()
        .header("Bundle-ManifestVersion", "2")
        .header("Bundle-SymbolicName", name)
        .header("Bundle-Version", version)
        .entry("about.txt", "a guard");
  }

  TestBundle header(String name, String value) {
    headers.append(name).append(": ").append(value).append("\r\n");
    return this;
  }

  TestBundle entry(String name, byte[] content) {
    entries.put(name, content);
    return this;
  }

  TestBundle entry(String name, String content) {
    return entry(name, content.getBytes(StandardCharsets.UTF_8));
  }

  TestBundle source(String type, String code) {
    classes(type, code).forEach(entries::put);
    return this;
  }

  /// What a class, and those within it, are compiled to, by entry name.
  static Map<String, byte[]> classes(String type, String code) {
    JavaFileObject unit =
        new SimpleJavaFileObject(
            URI.create("string:///" + type.replace('.', '/') + ".java"),
            JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
          }
        };
    try {
      Path out = Files.createTempDirectory("sluice-classes");
      List<String> options =
          List.of("-d", out.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
      if (!ToolProvider.getSystemJavaCompiler()
          .getTask(null, null, null, options, null, List.of(unit))
          .call()) {
        throw new IllegalStateException(type + " does not compile");
      }
      Map<String, byte[]> classes = new LinkedHashMap<>();
      try (Stream<Path> files = Files.walk(out)) {
        for (Path file : files.sorted().toList()) {
          if (Files.isRegularFile(file)) {
            classes.put(out.relativize(file).toString(), Files.readAllBytes(file));
          }
        }
      }
      remove(out);
      return classes;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  byte[] bytes() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("META-INF/MANIFEST.MF", (headers + "\r\n").getBytes(StandardCharsets.UTF_8));
    all.putAll(entries);
    return zip(all);
  }

  Path at(Path file) throws IOException {
    return Files.write(file, bytes());
  }

  /// Writes the bundle with a signature of these signers, one after the other.
  Path signed(Path file, TestCertificates... signers) throws IOException {
    at(file);
    int number = 0;
    for (TestCertificates each : signers) {
      sign(file, each, "S" + number++);
    }
    return file;
  }

  /// Signs as JarSigner does, under a name of its own.
  static void sign(Path file, TestCertificates signer, String name) throws IOException {
    Path fresh = file.resolveSibling("fresh.jar");
    try (ZipFile jar = new ZipFile(file.toFile());
        var out = Files.newOutputStream(fresh)) {
      new jdk.security.jarsigner.JarSigner.Builder(signer.keys().getPrivate(), signer.chain())
          .signerName(name)
          .build()
          .sign(jar, out);
    }
    Files.move(fresh, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  /// All entries of a JAR, in their order.
  static Map<String, byte[]> read(Path file) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        try (InputStream in = zip.getInputStream(entry)) {
          entries.put(entry.getName(), in.readAllBytes());
        }
      }
    }
    return entries;
  }

  /// One entry of those that were read or compiled, which must be there.
  static byte[] one(Map<String, byte[]> entries, String name) {
    return Objects.requireNonNull(entries.get(name), name);
  }

  /// Writes entries as they are, whatever they are.
  static byte[] zip(Map<String, byte[]> entries) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }
}
