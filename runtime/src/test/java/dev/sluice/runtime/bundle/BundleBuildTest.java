package dev.sluice.runtime.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.pki.Authority;
import dev.sluice.runtime.pki.CertificateKind;
import dev.sluice.runtime.pki.CertificateRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Version;

/// What `bundle build` makes of good and of bad projects.
final class BundleBuildTest {
  @TempDir Path temp;
  private Path folder;

  @BeforeEach
  void project() {
    folder = temp.resolve("guard");
    assertEquals(0, CommandRun.of("new", folder).code());
  }

  private Path jar() {
    return folder.resolve("guard.jar");
  }

  private Path rule() {
    return folder.resolve("src/guard/GuardRule.java");
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private void edit(String old, String fresh) throws IOException {
    String code = Files.readString(rule());
    assertTrue(code.contains(old), old);
    Files.writeString(rule(), code.replace(old, fresh));
  }

  /// Builds what must be refused, and takes care that nothing is left behind.
  private String refusal(Object... options) throws IOException {
    Object[] words =
        Stream.concat(Stream.of("build", folder), Stream.of(options)).toArray(Object[]::new);
    CommandRun refused = CommandRun.of(words);
    assertEquals(1, refused.code(), refused.out());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(), files.filter(file -> file.toString().contains(".jar")).toList());
    }
    return refused.err();
  }

  private CommandRun built(Object... options) {
    CommandRun done =
        CommandRun.of(
            Stream.concat(Stream.of("build", folder), Stream.of(options)).toArray(Object[]::new));
    assertEquals(0, done.code(), done.err());
    return done;
  }

  private String header(String name) throws IOException {
    try (JarFile file = new JarFile(jar().toFile())) {
      return String.valueOf(file.getManifest().getMainAttributes().getValue(name));
    }
  }

  private String entry(String name) throws IOException {
    try (JarFile file = new JarFile(jar().toFile());
        InputStream in = file.getInputStream(file.getJarEntry(name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private List<String> entries() throws IOException {
    try (JarFile file = new JarFile(jar().toFile())) {
      return file.stream()
          .map(entry -> entry.getName())
          .filter(name -> !name.endsWith("/"))
          .sorted()
          .toList();
    }
  }

  @Test
  void newProjectBecomesABundle() throws Exception {
    CommandRun done = built();
    assertEquals("", done.err());
    assertTrue(done.out().contains("tried: a gateway takes it, at SANITY 500 of the chain"));
    assertTrue(done.out().contains("imports dev.sluice.plugin [1.1,2), dev.sluice.wire [1.0,2)\n"));
    assertTrue(done.out().contains("\nuses nothing that wants a permission\n"), done.out());
    assertTrue(done.out().contains("\ndeclares nothing that wants a permission\n"), done.out());
    assertTrue(
        done.out().contains("unsigned\na gateway with bundle-trust = signed will refuse it"));
    assertTrue(
        done.out().matches("(?s).*made " + jar() + ": guard/1\\.0\\.0\\.v\\d{8}T\\d{9}, .*"),
        done.out());
    assertEquals(
        List.of("META-INF/MANIFEST.MF", "OSGI-INF/guard.GuardRule.xml", "guard/GuardRule.class"),
        entries());
    assertEquals("guard", header("Bundle-SymbolicName"));
    assertEquals("2", header("Bundle-ManifestVersion"));
    assertEquals("OSGI-INF/guard.GuardRule.xml", header("Service-Component"));
    assertTrue(header("Import-Package").contains("dev.sluice.plugin;version=\"[1.1,2)\""));
    assertTrue(header("Require-Capability").contains("(&(osgi.ee=JavaSE)(version=25))"));
    assertEquals("null", header("Export-Package"));
  }

  @Test
  void descriptionSaysWhatTheAnnotationsSay() throws Exception {
    built("--no-trial");
    String xml = entry("OSGI-INF/guard.GuardRule.xml");
    for (String part :
        List.of(
            "configuration-pid=\"guard\"",
            "init=\"1\"",
            "<property name=\"sluice.stage\" type=\"String\" value=\"SANITY\"/>",
            "<property name=\"sluice.order\" type=\"Integer\" value=\"500\"/>",
            "<service scope=\"prototype\">",
            "<provide interface=\"dev.sluice.plugin.PacketHandler\"/>",
            "<implementation class=\"guard.GuardRule\"/>")) {
      assertTrue(xml.contains(part), part + " in " + xml);
    }
  }

  @Test
  void rebuildIsANewerVersion() throws Exception {
    built("--no-trial");
    Version first = new Version(header("Bundle-Version"));
    built("--no-trial");
    assertTrue(new Version(header("Bundle-Version")).compareTo(first) > 0);
  }

  @Test
  void reproducibleBuildMakesEqualBytes() throws Exception {
    built("--reproducible", "--no-trial");
    byte[] first = Files.readAllBytes(jar());
    assertEquals("1.0.0", header("Bundle-Version"));
    built("--reproducible", "--no-trial");
    assertArrayEquals(first, Files.readAllBytes(jar()));
  }

  @Test
  void severalPackagesAndResourcesAreTaken() throws Exception {
    write("src/guard/wörter/Größe.java", "package guard.wörter; public class Größe {}");
    write("src/guard/deep/list.txt", "69");
    write("src/guard/deep/.swp", "of an editor");
    edit("blocked = new", "blocked = new guard.wörter.Größe() == null ? new BitSet() : new");
    built();
    assertEquals(
        List.of(
            "META-INF/MANIFEST.MF",
            "OSGI-INF/guard.GuardRule.xml",
            "guard/GuardRule.class",
            "guard/deep/list.txt",
            "guard/wörter/Größe.class"),
        entries());
    assertEquals("69", entry("guard/deep/list.txt"));
  }

  @Test
  void layoutOfMavenIsFound() throws Exception {
    Path code = folder.resolve("src/main/java/guard");
    Files.createDirectories(code.getParent());
    Files.move(folder.resolve("src/guard"), code);
    write("src/main/resources/guard/a.txt", "a");
    write(
        "src/test/java/guard/GuardRuleTest.java",
        "package guard; class GuardRuleTest extends No {}");
    built();
    assertTrue(entries().contains("guard/a.txt"));
    assertFalse(entries().toString().contains("Test"));
  }

  @Test
  void foldersMayHaveOtherLetters() throws Exception {
    Path other = temp.resolve("Wächter 防火墙");
    Files.move(folder, other);
    folder = other;
    CommandRun done = built();
    assertTrue(done.out().contains(other.resolve("guard.jar").toString()), done.out());
  }

  @Test
  void headersComeFromTheProperties() throws Exception {
    write(
        "bundle.properties",
        """
        Bundle-SymbolicName = guard
        Bundle-Version = 2.1
        Bundle-Vendor = Wächter AG
        Bundle-Description = Says\\
           what it does.
        Sluice-Permissions = network
        Import-Package = dev.sluice.plugin;version="[1.0,1.9)", *
        """);
    built("--reproducible", "--no-trial");
    assertEquals("2.1.0", header("Bundle-Version"));
    assertEquals("Wächter AG", header("Bundle-Vendor"));
    assertEquals("Sayswhat it does.", header("Bundle-Description"));
    assertEquals("network", header("Sluice-Permissions"));
    assertTrue(header("Import-Package").contains("dev.sluice.plugin;version=\"[1.0,1.9)\""));
    assertTrue(header("Import-Package").contains("resolution:=optional"));
  }

  @Test
  void compilerIsShownAsItSpeaks() throws Exception {
    edit("return Verdict.PASS;\n    }\n    //", "return Verdict.PAS;\n    }\n    //");
    String told = refusal();
    assertTrue(told.startsWith(rule() + ":"), told);
    assertTrue(told.contains("error: cannot find symbol"), told);
    assertTrue(told.contains("      return Verdict.PAS;"), told);
    assertTrue(told.endsWith("1 error\n"), told);
  }

  @Test
  void warningsAreShownAndStopNothing() throws Exception {
    edit(
        "  private static final List",
        "  static final java.util.Date D = new java.util.Date(1, 1, 1);\n  private static final List");
    CommandRun done = built("--no-trial");
    assertTrue(done.err().contains("warning: [deprecation]"), done.err());
  }

  @Test
  void classesOfTheGatewayItselfAreNotThere() throws Exception {
    for (String type : List.of("dev.sluice.runtime.host.Host", "dev.sluice.kernel.FramePool")) {
      write("src/guard/Peek.java", "package guard; class Peek { " + type + " x; }");
      assertTrue(refusal().contains("error: "), type);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "scope = ServiceScope.PROTOTYPE,|scope = ServiceScope.SINGLETON,|its PacketHandler is shared",
        "order = 500|order = 1001|its sluice.order = 1001; allowed: 0..1000",
        "service = PacketHandler.class,|service = Runnable.class,|bnd refuses it",
        "List.of(\"69\")|List.of(\"x\")|guard.cfg: ports = x",
        "Settings settings =|if (true) throw new IllegalStateException(\"no\"); Settings settings =|IllegalStateException: no"
      })
  void whatAGatewayRefusesIsRefusedInItsWords(String old, String fresh, String sentence)
      throws Exception {
    edit(old, fresh);
    write("guard.cfg", "ports = x\n".repeat(sentence.startsWith("guard.cfg") ? 1 : 0));
    String told = refusal();
    assertTrue(told.contains(sentence), told);
    assertEquals(1, told.lines().filter(line -> line.startsWith("sluice")).count(), told);
  }

  @Test
  void bundleWithoutAHandlerIsRefused() throws Exception {
    Files.delete(rule());
    write("src/guard/Idle.java", "package guard; class Idle {}");
    assertEquals(
        "sluice bundle: "
            + folder
            + ": a gateway would refuse it: it has no component that offers a"
            + " dev.sluice.plugin.PacketHandler service\n",
        refusal());
  }

  @Test
  void bundleWithTwoHandlersIsRefused() throws Exception {
    String second = Files.readString(rule()).replace("GuardRule", "SecondRule");
    write("src/guard/SecondRule.java", second);
    assertTrue(refusal().contains("it offers 2 PacketHandler services; allowed: one"));
  }

  @Test
  void stageThatThereIsNotIsRefused() throws Exception {
    edit("@HandlerStage(stage = Stage.SANITY, order = 500)", "");
    edit(
        "configurationPid = \"guard\"",
        "property = \"sluice.stage=LAST\", configurationPid = \"guard\"");
    assertTrue(refusal().contains("its sluice.stage = LAST; allowed: [SANITY, "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void embeddedApiIsRefusedTriedOrNot(boolean tried) throws Exception {
    write(
        "src/dev/sluice/plugin/Verdict.java",
        "package dev.sluice.plugin; public final class Verdict { }");
    write("src/dev/sluice/wire/Mine.java", "package dev.sluice.wire; public final class Mine { }");
    Files.delete(rule());
    String told = tried ? refusal() : refusal("--no-trial");
    assertTrue(told.contains("which the gateway provides: leave plugin-api out of the JAR"), told);
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void usedPermissionMustBeDeclaredTriedOrNot(boolean tried) throws Exception {
    edit("Settings settings =", "Thread.ofVirtual().start(() -> {});\n    Settings settings =");
    String told = tried ? refusal() : refusal("--no-trial");
    assertTrue(told.contains("(permission threads) in guard.GuardRule.<init>, which its"), told);
    assertTrue(told.contains("Sluice-Permissions do not declare"), told);
    write(
        "bundle.properties", "Bundle-SymbolicName = guard\nSluice-Permissions = threads, files\n");
    String out = built("--no-trial").out();
    assertTrue(out.contains("\nuses threads (java.lang."), out);
    assertTrue(out.contains("\ndeclares files, threads\n"), out);
    assertTrue(out.contains("grants = guard:files+threads\n"), out);
  }

  @Test
  void endOfTheProcessIsRefusedWhateverIsDeclared() throws Exception {
    edit("Settings settings =", "Runtime.getRuntime().exit(1);\n    Settings settings =");
    assertTrue(refusal("--no-trial").contains("(permission exit)"));
  }

  @Test
  void refusedBuildLeavesTheJarOfTheLast() throws Exception {
    built("--no-trial");
    byte[] last = Files.readAllBytes(jar());
    edit("ServiceScope.PROTOTYPE,", "ServiceScope.SINGLETON,");
    assertEquals(1, CommandRun.of("build", folder).code());
    assertArrayEquals(last, Files.readAllBytes(jar()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Bundle-Version = 1.0|Bundle-SymbolicName is not set",
        "Bundle-SymbolicName = guard\\nBundle-Version = one|Bundle-Version = one: allowed: a version",
        "Bundle-SymbolicName = guard\\nBundle-Version = 1.-2|Bundle-Version = 1.-2: allowed: a version",
        "Bundle-SymbolicName = guard\\nBundle-Version = 1.2.3.ä|Bundle-Version = 1.2.3.ä: allowed:",
        "Bundle-SymbolicName = guard\\nBundle-Verison = 1.0|Bundle-Verison = 1.0: unknown key",
        "Bundle-SymbolicName = a\\nBundle-SymbolicName = b|set a second time",
        "Bundle-SymbolicName = a b|Bundle-SymbolicName",
        "Bundle-SymbolicName = ../a|Bundle-SymbolicName",
        "Bundle-SymbolicName = wächter|Bundle-SymbolicName",
        "Bundle-SymbolicName = guard\\nImport-Package = ;;|",
        "Bundle-SymbolicName = guard\\nBundle-Activator = guard.No|"
      })
  void badPropertiesAreOneSentence(String text, String sentence) throws Exception {
    write("bundle.properties", text.replace("\\n", "\n") + "\n");
    String told = refusal();
    assertTrue(told.contains(sentence == null ? "" : sentence), told);
    assertEquals(1, told.lines().filter(line -> line.startsWith("sluice")).count(), told);
  }

  @Test
  void whatIsMissingIsNamed() throws Exception {
    Files.move(rule(), folder.resolve("src/GuardRule.java"));
    assertTrue(refusal().contains("GuardRule.java: is in no package"));
    Files.delete(folder.resolve("src/GuardRule.java"));
    assertTrue(refusal().contains(folder.resolve("src") + ": has no .java file"));
    Files.delete(folder.resolve("src/guard"));
    Files.delete(folder.resolve("src"));
    assertTrue(refusal().contains(folder.resolve("src") + ": no such folder"));
    Files.delete(folder.resolve("bundle.properties"));
    assertTrue(refusal().contains("bundle.properties: no such file"));
    CommandRun nowhere = CommandRun.of("build", folder.resolve("nowhere"));
    assertTrue(nowhere.err().contains("nowhere: no such folder; './sluice bundle new "));
  }

  @Test
  void manifestOfTheAuthorIsRefused() throws Exception {
    write("src/META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n");
    assertTrue(refusal().contains("its headers belong into bundle.properties"));
  }

  @Test
  void settingsThatTheHandlerRefusesAreFoundByTheTrial() throws Exception {
    write("guard.cfg", "ports = 70000\n");
    String told = refusal();
    assertTrue(told.contains("guard.cfg: ports = 70000: allowed: UDP ports"), told);
    built("--no-trial");
  }

  @Test
  void outIsWrittenElsewhereOrRefused() throws Exception {
    Path out = Files.createDirectory(temp.resolve("bundles")).resolve("other.jar");
    built("--no-trial", "--out", out);
    assertTrue(Files.exists(out));
    assertFalse(Files.exists(jar()));
    assertTrue(refusal("--no-trial", "--out", temp).contains(temp + ": is a folder"));
    Path nowhere = temp.resolve("nowhere/a.jar");
    assertTrue(refusal("--no-trial", "--out", nowhere).contains(": its folder is not there"));
    assertTrue(refusal("--no-trial", "--out", "/proc/a.jar").contains("/proc/a.jar"));
  }

  @Test
  void signedBundleIsTriedAndDeployable() throws Exception {
    Authority authority = Authority.create(temp.resolve("pki"), "Trial");
    authority.issue(CertificateRequest.of(CertificateKind.SIGNER, "alice", 7));
    Path key = authority.keyFile("alice");
    Path certificate = authority.certificateFile("alice");
    CommandRun done = built("--key", key, "--cert", certificate);
    assertTrue(done.out().contains("signed by CN=alice"), done.out());
    assertFalse(done.out().contains("will refuse it"), done.out());
    assertTrue(entries().contains("META-INF/SLUICE.SF"), entries().toString());
    assertTrue(
        CommandRun.of("build", folder, "--key", temp.resolve("no.key"), "--cert", certificate)
            .err()
            .contains("no.key: no such file"));
  }

  @Test
  void temporaryFilesAreRemoved() throws Exception {
    String name = "guard-" + System.nanoTime();
    write("bundle.properties", "Bundle-SymbolicName = " + name + "\n");
    built("--out", temp.resolve("out.jar"));
    edit("ServiceScope.PROTOTYPE,", "ServiceScope.SINGLETON,");
    refusal();
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      assertEquals(List.of(), files.filter(file -> file.toString().contains(name)).toList());
    }
  }
}
