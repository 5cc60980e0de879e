package dev.sluice.runtime.host;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// Makes bundles for tests, good and bad, from Java source.
final class Jars {
  private final Path scratch;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private final Map<String, byte[]> entries = new LinkedHashMap<>();

  private Jars(Path scratch) {
    this.scratch = scratch;
    headers.put("Bundle-ManifestVersion", "2");
    headers.put("Import-Package", "dev.sluice.plugin;version=\"[1,2)\"");
  }

  /// A bundle with this symbolic name and version, and nothing else.
  static Jars bundle(Path scratch, String symbolicName, String version) {
    return new Jars(scratch)
        .header("Bundle-SymbolicName", symbolicName)
        .header("Bundle-Version", version);
  }

  /// A bundle whose class `guard.Guard` passes every packet, with this constructor.
  static Jars guard(Path scratch, String symbolicName, String version, String constructor) {
    return bundle(scratch, symbolicName, version)
        .source(
            "guard.Guard",
            """
            package guard;
            import dev.sluice.plugin.*;
            import java.util.Map;
            public class Guard implements PacketHandler {
              public static int retired;
              %s
              public Verdict receive(Packet packet) { return Verdict.PASS; }
              public void retire() { retired++; }
            }
            """
                .formatted(constructor))
        .component("guard", "guard.Guard", "prototype", "FILTER", "optional");
  }

  Jars header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  Jars without(String header) {
    headers.remove(header);
    return this;
  }

  Jars entry(String name, String text) {
    entries.put(name, text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /// A component that offers a handler and takes its configuration in the constructor.
  Jars component(String pid, String type, String scope, String stage, String policy) {
    return header("Service-Component", "OSGI-INF/component.xml")
        .entry(
            "OSGI-INF/component.xml",
            """
            <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="%s"
                configuration-pid="%s" configuration-policy="%s" init="1">
              <property name="sluice.stage" type="String" value="%s"/>
              <property name="sluice.order" type="Integer" value="10"/>
              <service scope="%s">
                <provide interface="dev.sluice.plugin.PacketHandler"/>
              </service>
              <implementation class="%s"/>
            </scr:component>
            """
                .formatted(pid, pid, policy, stage, scope, type));
  }

  Jars source(String type, String code) {
    try {
      Path out = Files.createTempDirectory(scratch, "classes");
      compile(type, code, out);
      try (Stream<Path> files = Files.walk(out)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          entries.put(out.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
      return this;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void compile(String type, String code, Path out) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    JavaFileObject unit =
        new SimpleJavaFileObject(
            URI.create("string:///" + type.replace('.', '/') + ".java"),
            JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
          }
        };
    List<String> options =
        List.of("-d", out.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
    if (!compiler.getTask(null, null, null, options, null, List.of(unit)).call()) {
      throw new IllegalStateException(type + " does not compile");
    }
  }

  /// Writes the bundle beside its place and moves it there, as a careful operator does.
  Path into(Path folder, String name) throws IOException {
    Path made = Files.createTempFile(scratch, "made", ".jar");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    headers.forEach((key, value) -> manifest.getMainAttributes().putValue(key, value));
    try (OutputStream out = Files.newOutputStream(made);
        JarOutputStream jar = new JarOutputStream(out, manifest)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        jar.putNextEntry(new JarEntry(entry.getKey()));
        jar.write(entry.getValue());
        jar.closeEntry();
      }
    }
    return Files.move(
        made, folder.resolve(name), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }
}
