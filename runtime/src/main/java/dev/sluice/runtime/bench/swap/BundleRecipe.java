package dev.sluice.runtime.bench.swap;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.ConstantInstruction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/// What a bundle is made of, unsigned: at first a good one, whose handler marks each packet with a
/// version. Making one takes a fraction of a millisecond, and no compiler.
final class BundleRecipe {
  /// Of all bundles that are made here.
  static final String SYMBOLIC_NAME = "dev.sluice.bench.marking";

  /// Where the class lies that marks the packets.
  static final String HANDLER_ENTRY = entry(MarkingHandler.class);

  private static final byte[] MARKING = bytes(MarkingHandler.class);
  private static final byte[] FAULTY = bytes(FaultyHandler.class);

  private final Map<String, String> headers = new LinkedHashMap<>();
  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private final List<String> components = new ArrayList<>();
  private Class<?> handler = MarkingHandler.class;

  /// A good bundle.
  ///
  /// @param version what its packets are marked with, and the last part of its own version
  BundleRecipe(int version) {
    header("Bundle-ManifestVersion", "2");
    header("Bundle-SymbolicName", SYMBOLIC_NAME);
    header("Bundle-Version", "1.0." + version);
    header(
        "Import-Package", "dev.sluice.plugin;version=\"[1,2)\",dev.sluice.wire;version=\"[1,2)\"");
    entry(HANDLER_ENTRY, patched(MARKING, MarkingHandler.VERSION_STANDS_HERE, version));
    component("marking", "prototype", "");
  }

  /// A bundle whose handler has a fault.
  ///
  /// @param fault one of [FaultyHandler]
  static BundleRecipe faulty(int version, int fault) {
    byte[] bytes = patched(FAULTY, FaultyHandler.FAULT_STANDS_HERE, fault);
    return new BundleRecipe(version).handler(FaultyHandler.class, bytes);
  }

  /// A bundle whose handler looks at files.
  static BundleRecipe curious(int version) {
    return new BundleRecipe(version).handler(CuriousHandler.class, bytes(CuriousHandler.class));
  }

  private BundleRecipe handler(Class<?> type, byte[] bytes) {
    handler = type;
    return entry(entry(type), bytes).withoutComponents().component("marking", "prototype", "");
  }

  BundleRecipe header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  BundleRecipe without(String header) {
    headers.remove(header);
    return this;
  }

  BundleRecipe entry(String name, byte[] content) {
    entries.put(name, content);
    return this;
  }

  /// Forgets the components.
  BundleRecipe withoutComponents() {
    components.forEach(entries::remove);
    components.clear();
    return this;
  }

  /// Adds a component that offers the handler.
  ///
  /// @param more elements of its description
  BundleRecipe component(String name, String scope, String more) {
    String entry = "OSGI-INF/" + name + ".xml";
    components.add(entry);
    String text =
        """
        <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="%s">
          <property name="sluice.stage" type="String" value="FILTER"/>
          <property name="sluice.order" type="Integer" value="10"/>
          <service scope="%s">
            <provide interface="dev.sluice.plugin.PacketHandler"/>
          </service>
          %s
          <implementation class="%s"/>
        </scr:component>
        """
            .formatted(name, scope, more, handler.getName());
    return entry(entry, text.getBytes(StandardCharsets.UTF_8));
  }

  /// The bundle as a JAR file.
  byte[] jar() {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    headers.forEach(main::putValue);
    if (!components.isEmpty()) {
      main.putValue("Service-Component", String.join(",", components));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        jar.putNextEntry(new JarEntry(entry.getKey()));
        jar.write(entry.getValue());
        jar.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written to", e);
    }
    return bytes.toByteArray();
  }

  private static String entry(Class<?> type) {
    return type.getName().replace('.', '/') + ".class";
  }

  private static byte[] bytes(Class<?> type) {
    try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
      if (in == null) {
        throw new LinkageError("no class file for " + type.getName());
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new LinkageError("class file of " + type.getName(), e);
    }
  }

  /// The class with one number in the place of another.
  private static byte[] patched(byte[] type, int placeholder, int number) {
    CodeTransform transform =
        (code, element) -> {
          if (element instanceof ConstantInstruction instruction
              && instruction.constantValue() instanceof Integer constant
              && constant == placeholder) {
            code.loadConstant(number);
          } else {
            code.with(element);
          }
        };
    ClassFile classes = ClassFile.of();
    return classes.transformClass(
        classes.parse(type), ClassTransform.transformingMethodBodies(transform));
  }
}
