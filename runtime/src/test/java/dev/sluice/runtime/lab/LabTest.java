package dev.sluice.runtime.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.sluice.kernel.Ethtool;
import dev.sluice.kernel.NetworkNamespace;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real namespaces, which are removed after each test.
@Tag("privileged")
final class LabTest {
  private static final String NAME = "lt" + ProcessHandle.current().pid();

  @TempDir Path temp;
  private Lab lab;
  private String home;

  @BeforeEach
  void plan() throws Exception {
    skipWhereLabsCannotBeMade();
    home = System.getProperty("sluice.home", "");
    Path plugins = temp.resolve("home/runtime/target/dist/plugins");
    Files.createDirectories(plugins);
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().putValue("Manifest-Version", "1.0");
    try (OutputStream out = Files.newOutputStream(plugins.resolve("terminal-auth.jar"));
        JarOutputStream built = new JarOutputStream(out, manifest)) {
      built.putNextEntry(new JarEntry("name"));
      built.write("the built-in bundle".getBytes(StandardCharsets.UTF_8));
    }
    System.setProperty("sluice.home", temp.resolve("home").toString());
    lab = new Lab(NAME, temp.resolve("lab"), 2, false);
  }

  private static void skipWhereLabsCannotBeMade() {
    try {
      Ip.run("netns", "add", NAME + "-probe");
      Ip.run("netns", "delete", NAME + "-probe");
    } catch (LabException e) {
      System.out.println("SKIPPED LabTest: " + e.getMessage());
      abort(String.valueOf(e.getMessage()));
    }
  }

  @AfterEach
  void remove() throws Exception {
    if (lab != null) {
      lab.down();
      System.setProperty("sluice.home", home);
    }
  }

  private static List<String> ours() throws LabException {
    return Ip.namespaces().stream().filter(name -> name.startsWith(NAME + "-")).sorted().toList();
  }

  private static int probe(String namespace, String address) throws Exception {
    // A connection that is refused proves that frames went both ways.
    String connect = "exec 3<>/dev/tcp/" + address + "/9";
    Process process =
        new ProcessBuilder("ip", "netns", "exec", namespace, "timeout", "1", "bash", "-c", connect)
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said.contains("Connection refused") ? 0 : 1;
  }

  @Test
  void terminalsReachEachOtherButNotTheMaster() throws Exception {
    lab.up();
    LabTerminal first = lab.terminals().getFirst();
    assertEquals(0, probe(first.namespace(), lab.terminals().getLast().address()));
    assertEquals(1, probe(first.namespace(), Lab.MASTER_ADDRESS));
  }

  @Test
  void taggedTerminalsReachEachOther() throws Exception {
    lab = new Lab(NAME, temp.resolve("lab"), 2, true);
    try {
      lab.up();
    } catch (LabException e) {
      String cause = String.valueOf(e.getMessage());
      assertTrue(cause.contains("does this kernel have 8021q?"), cause);
      assertEquals(List.of(), ours());
      System.out.println("SKIPPED LabTest.taggedTerminalsReachEachOther: " + cause);
      abort(cause);
    }
    assertEquals("eth0.104", lab.terminals().getFirst().interfaceName());
    assertEquals(
        0, probe(lab.terminals().getFirst().namespace(), lab.terminals().getLast().address()));
    assertTrue(Files.readString(lab.config().resolve("terminals.ini")).contains("vlan = 104"));
  }

  @Test
  void gatewaysPortsHaveNoAddressAndItIsNoRouter() throws Exception {
    lab.up();
    String gateway = lab.gatewayNamespace();
    for (String port : List.of(Lab.TERMINAL_PORT, Lab.MASTER_PORT)) {
      assertEquals("", Ip.run("-n", gateway, "-o", "address", "show", "dev", port));
    }
    assertEquals(
        "0", Ip.run("netns", "exec", gateway, "cat", "/proc/sys/net/ipv4/ip_forward").strip());
  }

  @Test
  void everyNamedFileIsThere() throws Exception {
    lab.up();
    lab.properties()
        .forEach((key, value) -> {
          if (key.endsWith(".cert") || key.endsWith(".key") || key.equals("config")) {
            assertTrue(Files.exists(Path.of(value)), key + "=" + value);
          }
        });
    try (JarFile placed = new JarFile(lab.bundles().resolve("terminal-auth.jar").toFile())) {
      JarEntry entry = placed.getJarEntry("name");
      byte[] content = placed.getInputStream(entry).readAllBytes();
      assertEquals("the built-in bundle", new String(content, StandardCharsets.UTF_8));
      assertEquals(1, entry.getCodeSigners().length);
    }
    assertTrue(Files.isReadable(lab.folder().resolve("trust/ca.crl")));
    for (String file : List.of("sluice.cfg", "terminal.auth.cfg", "terminals.ini")) {
      assertTrue(Files.size(lab.config().resolve(file)) > 0, file);
    }
  }

  @Test
  void downLeavesNothing() throws Exception {
    lab.up();
    assertEquals(lab.namespaces().stream().sorted().toList(), ours());
    assertFalse(lab.down().isEmpty());
    assertEquals(List.of(), ours());
    assertFalse(Files.exists(lab.folder()));
    assertEquals(List.of(), lab.down());
  }

  @Test
  void downEndsWhatRunsInTheLabAndNothingElse() throws Exception {
    lab.up();
    Process inside =
        new ProcessBuilder("ip", "netns", "exec", lab.masterNamespace(), "sleep", "60").start();
    Process outside = new ProcessBuilder("sleep", "60").start();
    try {
      awaitProcessIn(lab.masterNamespace());
      lab.down();
      assertTrue(inside.waitFor(5, TimeUnit.SECONDS));
      assertTrue(outside.isAlive());
    } finally {
      inside.destroyForcibly();
      outside.destroyForcibly();
    }
  }

  private static void awaitProcessIn(String namespace) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    while (Ip.run("netns", "pids", namespace).isEmpty()) {
      assertTrue(System.nanoTime() < deadline, "no process in " + namespace);
      Thread.sleep(10);
    }
  }

  @Test
  void upTwiceIsRefusedAndHarmsNothing() throws Exception {
    lab.up();
    LabException refused = assertThrows(LabException.class, lab::up);
    assertTrue(String.valueOf(refused.getMessage()).contains("is up already"));
    assertEquals(lab.namespaces().size(), ours().size());
  }

  @Test
  void labWithoutItsFolderIsFoundByItsMark() throws Exception {
    lab.up();
    try (var files = Files.walk(lab.folder())) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
    assertThrows(LabException.class, lab::up);
    assertEquals(lab.namespaces().size(), lab.down().size());
    assertEquals(List.of(), ours());
  }

  @Test
  void halfMadeLabIsRemoved() throws Exception {
    LabState.record(lab);
    Ip.run("netns", "add", lab.gatewayNamespace());
    assertThrows(LabException.class, lab::up);
    assertEquals(
        List.of("namespace " + lab.gatewayNamespace(), "folder " + lab.folder()), lab.down());
    assertEquals(List.of(), ours());
  }

  @Test
  void namespaceOfAnotherIsNeitherUsedNorRemoved() throws Exception {
    String foreign = lab.gatewayNamespace();
    Ip.run("netns", "add", foreign);
    try {
      LabException refused = assertThrows(LabException.class, lab::up);
      assertTrue(String.valueOf(refused.getMessage()).contains(foreign + " is somebody else's"));
      assertEquals(List.of(), lab.down());
      assertEquals(List.of(foreign), ours());
    } finally {
      Ip.run("netns", "delete", foreign);
    }
  }

  @Test
  void folderOfAnotherIsNeitherUsedNorRemoved() throws Exception {
    Path folder = Files.createDirectory(lab.folder());
    Path file = Files.writeString(folder.resolve("diary"), "mine");
    assertThrows(LabException.class, lab::up);
    assertEquals("mine", Files.readString(file));
    assertEquals(List.of(), ours());
  }

  @Test
  void linkInTheFoldersPlaceIsRefused() throws Exception {
    Path elsewhere = Files.createDirectory(temp.resolve("elsewhere"));
    Files.createSymbolicLink(lab.folder(), elsewhere);
    assertThrows(LabException.class, lab::up);
    try (var files = Files.list(elsewhere)) {
      assertEquals(0, files.count());
    }
    Files.delete(lab.folder());
  }

  @Test
  void failureOnTheWayLeavesNothing() throws Exception {
    Files.delete(temp.resolve("home/runtime/target/dist/plugins/terminal-auth.jar"));
    LabException refused = assertThrows(LabException.class, lab::up);
    assertTrue(String.valueOf(refused.getMessage()).contains("is not built"));
    assertEquals(List.of(), ours());
    assertFalse(Files.exists(lab.folder()));
  }

  @Test
  void somebodyElsesFileInTheFolderStays() throws Exception {
    lab.up();
    Path capture = Files.writeString(lab.folder().resolve("capture.pcap"), "frames");
    List<Path> left = new ArrayList<>();
    lab.down();
    try (var files = Files.list(lab.folder())) {
      files.forEach(left::add);
    }
    assertEquals(List.of(capture), left);
  }

  @Test
  void farEndsFinishTheirFramesThemselves() throws Exception {
    lab.up();
    for (String namespace : List.of(lab.masterNamespace(), lab.terminals().get(1).namespace())) {
      Set<String> features =
          new TreeSet<>(
              NetworkNamespace.call(namespace, () -> Ethtool.activeFeatures(LabTerminal.WIRE)));
      features.removeIf(name -> !name.startsWith("tx-checksum-") && !name.endsWith("segmentation"));
      assertEquals(Set.of(), features);
    }
  }
}
