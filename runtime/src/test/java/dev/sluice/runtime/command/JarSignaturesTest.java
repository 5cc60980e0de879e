package dev.sluice.runtime.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JarSignaturesTest {
  @TempDir Path temp;

  private Path jar(String... names) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Bundle-Version", "1.86");
    Attributes ofClass = new Attributes();
    ofClass.putValue("SHA-256-Digest", "AAAA");
    manifest.getEntries().put("a/A.class", ofClass);
    Path file = temp.resolve("a.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file), manifest)) {
      for (String name : names) {
        out.putNextEntry(new JarEntry(name));
        out.write(name.getBytes(StandardCharsets.UTF_8));
        out.closeEntry();
      }
    }
    return file;
  }

  @Test
  void onlySignaturesAndDigestsGo() throws IOException {
    Path file =
        jar(
            "META-INF/BC.SF",
            "META-INF/BC.RSA",
            "META-INF/bc.dsa",
            "META-INF/BC.EC",
            "META-INF/services/x.SF",
            "META-INF/LICENSE",
            "a/A.class",
            "a/B.SF");
    assertEquals(0, JarSignatures.run(List.of(temp.toString())));
    try (JarFile jar = new JarFile(file.toFile())) {
      assertEquals(
          Set.of(
              "META-INF/MANIFEST.MF",
              "META-INF/services/x.SF",
              "META-INF/LICENSE",
              "a/A.class",
              "a/B.SF"),
          Set.copyOf(jar.stream().map(JarEntry::getName).toList()));
      assertEquals("1.86", jar.getManifest().getMainAttributes().getValue("Bundle-Version"));
      assertEquals(Set.of(), jar.getManifest().getEntries().keySet());
      assertArrayEquals(
          "a/A.class".getBytes(StandardCharsets.UTF_8),
          jar.getInputStream(jar.getJarEntry("a/A.class")).readAllBytes());
    }
    assertEquals(List.of(file), list());
  }

  @Test
  void unsignedJarIsLeftAsItIs() throws IOException {
    byte[] before = Files.readAllBytes(jar("a/A.class"));
    assertEquals(0, JarSignatures.run(List.of(temp.toString())));
    assertArrayEquals(before, Files.readAllBytes(temp.resolve("a.jar")));
  }

  @Test
  void whatIsNoJarIsToldAndLeft() throws IOException {
    Path file = Files.writeString(temp.resolve("b.jar"), "nonsense");
    assertEquals(1, JarSignatures.run(List.of(temp.toString())));
    assertEquals("nonsense", Files.readString(file));
    assertEquals(1, JarSignatures.run(List.of(temp.resolve("nowhere").toString())));
    assertEquals(2, JarSignatures.run(List.of()));
  }

  private List<Path> list() throws IOException {
    try (var files = Files.list(temp)) {
      return files.toList();
    }
  }
}
