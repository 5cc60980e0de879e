package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sluice.runtime.trust.ClassFiles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LoadStepTest {
  private static final String INITIALIZED = "sluice.test.initialized";

  /// Knows only the classes that it was given.
  private static final class Loader extends ClassLoader {
    private final Map<String, byte[]> files;
    private final List<String> loaded = new ArrayList<>();

    Loader(Map<String, byte[]> files) {
      this.files = files;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      byte[] file = files.get(name.replace('.', '/') + ".class");
      if (file == null) {
        throw new ClassNotFoundException(name);
      }
      loaded.add(name);
      return defineClass(name, file, 0, file.length);
    }
  }

  @Test
  void classesAreLoadedAndNotInitialized() {
    Map<String, byte[]> files =
        ClassFiles.of(
            "rule.Rule",
            "package rule; public class Rule { static { System.setProperty(\""
                + INITIALIZED
                + "\", \"yes\"); } static class Part {} }");
    Loader loader = new Loader(files);
    LoadStep.load(loader, List.of("rule/Rule.class", "rule/Rule$Part.class"));
    assertEquals(List.of("rule.Rule", "rule.Rule$Part"), loader.loaded);
    assertNull(System.getProperty(INITIALIZED));
  }

  @Test
  void classesThatCannotBeLoadedOrLinkedAreLeftAlone() {
    Map<String, byte[]> files =
        new HashMap<>(
            ClassFiles.of(
                "rule.Rule",
                "package rule; public class Rule { void use(Part part) {} class Part {} }"));
    files.remove("rule/Rule$Part.class");
    files.put("rule/Broken.class", new byte[] {1, 2, 3});
    files.put("rule/Other.class", files.get("rule/Rule.class"));
    Loader loader = new Loader(files);
    List<String> all =
        List.of(
            "rule/Missing.class",
            "rule/Broken.class",
            "rule/Other.class",
            "META-INF/versions/21/rule/Rule.class",
            "java/lang/Rule.class",
            ".class",
            "rule/Rule.class");
    assertDoesNotThrow(() -> LoadStep.load(loader, all));
    assertEquals("rule.Rule", loader.loaded.getLast());
  }

  @Test
  void aLibraryOfThousandsIsNotLoadedWhole() {
    Loader loader = new Loader(Map.of("rule/Rule.class", new byte[] {1}));
    List<String> many =
        IntStream.range(0, 2001)
            .mapToObj(i -> i < 2000 ? "no/C.class" : "rule/Rule.class")
            .toList();
    LoadStep.load(loader, many);
    assertEquals(List.of(), loader.loaded);
  }
}
