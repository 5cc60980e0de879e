package dev.sluice.runtime.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.runtime.pki.Authority;
import dev.sluice.runtime.pki.CertificateKind;
import dev.sluice.runtime.pki.CertificateRequest;
import dev.sluice.runtime.trust.JarSigning;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleBundleTest {
  private static final byte[] CONTENT = "a class".getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path folder;

  private JarSigning signing;

  @BeforeEach
  void build() throws Exception {
    Authority authority = Authority.create(folder.resolve("pki"), "Rule bundle CA");
    authority.issue(CertificateRequest.of(CertificateKind.SIGNER, "signer", 1));
    signing = JarSigning.read(authority.keyFile("signer"), authority.certificateFile("signer"));
    Files.createDirectory(folder.resolve("bundles"));
    write("guard.jar", "org.example.guard;singleton:=true");
  }

  private void write(String name, String symbolicName) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    if (!symbolicName.isEmpty()) {
      manifest.getMainAttributes().putValue("Bundle-SymbolicName", symbolicName);
    }
    manifest.getMainAttributes().putValue("Bundle-Version", "1.0.0");
    try (JarOutputStream jar =
        new JarOutputStream(Files.newOutputStream(folder.resolve(name)), manifest)) {
      jar.putNextEntry(new JarEntry("org/example/Guard.class"));
      jar.write(CONTENT);
      jar.closeEntry();
    }
  }

  private RuleBundle bundle(String name) throws StepException {
    return new RuleBundle(folder.resolve(name), folder, folder.resolve("bundles"), signing);
  }

  @Test
  void laterVersionTakesTheSamePlaceWithTheSameContent() throws Exception {
    RuleBundle bundle = bundle("guard.jar");
    assertEquals("org.example.guard", bundle.symbolicName());
    bundle.deploy("1.0.0");
    bundle.deploy("2.5.0");
    try (JarFile jar = new JarFile(folder.resolve("bundles/guard.jar").toFile())) {
      assertEquals("2.5.0", jar.getManifest().getMainAttributes().getValue("Bundle-Version"));
      assertEquals(4, jar.size(), "the manifest, two parts of one signature, the class");
      assertArrayEquals(
          CONTENT, jar.getInputStream(jar.getJarEntry("org/example/Guard.class")).readAllBytes());
    }
    bundle.remove();
    assertFalse(Files.exists(folder.resolve("bundles/guard.jar")));
  }

  @Test
  void jarThatIsNoBundleIsRefused() throws IOException {
    write("plain.jar", "");
    assertThrows(StepException.class, () -> bundle("plain.jar"));
  }

  @Test
  void whatIsNotThereCannotBeRemovedOrRead() throws StepException {
    RuleBundle bundle = bundle("guard.jar");
    assertThrows(StepException.class, bundle::remove);
    assertThrows(StepException.class, () -> bundle("missing.jar"));
  }
}
