package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LoadStepTest {
  private static final String INITIALIZED = "sluice.test.initialized";

  @TempDir Path folder;

  /// Knows the classes of one bundle, and none of Sluice.
  private static final class Loader extends URLClassLoader {
    private final List<String> loaded = new ArrayList<>();

    Loader(Path jar) throws IOException {
      super(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      Class<?> found = super.findClass(name);
      loaded.add(name);
      return found;
    }
  }

  private Jars rule(String body) {
    return Jars.bundle(folder, "org.example.rule", "1.0.0")
        .source("rule.Rule", "package rule; public class Rule { " + body + " }");
  }

  /// What of these files was loaded.
  private List<String> load(Jars bundle, List<String> files) throws IOException {
    try (Loader loader = new Loader(bundle.into(folder, "rule.jar"))) {
      LoadStep.load(loader, files);
      return loader.loaded;
    }
  }

  @Test
  void classesAreLoadedAndNotInitialized() throws Exception {
    Jars bundle =
        rule(
            "static { System.setProperty(\""
                + INITIALIZED
                + "\", \"yes\"); } static class Part {}");
    assertEquals(
        List.of("rule.Rule", "rule.Rule$Part"),
        load(bundle, List.of("rule/Rule.class", "rule/Rule$Part.class")));
    assertNull(System.getProperty(INITIALIZED));
  }

  @Test
  void classesThatCannotBeLoadedOrLinkedAreLeftAlone() throws Exception {
    Jars bundle =
        rule("class Part {}")
            .source(
                "rule.Other",
                "package rule; public class Other { void use(dev.sluice.plugin.Packet p) {} }")
            .entry("rule/Broken.class", "no class");
    List<String> files =
        List.of(
            "rule/Missing.class",
            "rule/Broken.class",
            "rule/Other.class",
            "META-INF/versions/21/rule/Rule.class",
            "java/lang/Rule.class",
            ".class",
            "rule/Rule.class");
    assertEquals(List.of("rule.Other", "rule.Rule"), load(bundle, files));
  }

  @Test
  void aLibraryOfThousandsIsNotLoadedWhole() throws Exception {
    List<String> many =
        IntStream.range(0, 2001)
            .mapToObj(i -> i < 2000 ? "no/C.class" : "rule/Rule.class")
            .toList();
    assertEquals(List.of(), load(rule(""), many));
  }

  @Test
  void nothingIsLoadedAfterTheStepsTime() throws Exception {
    try (Loader loader = new Loader(rule("").into(folder, "rule.jar"))) {
      Thread.currentThread().interrupt();
      LoadStep.load(loader, List.of("rule/Rule.class"));
      assertTrue(Thread.interrupted());
      assertEquals(List.of(), loader.loaded);
    }
  }
}
