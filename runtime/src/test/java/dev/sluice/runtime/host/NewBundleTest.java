package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.FramePacket;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import dev.sluice.runtime.bundle.BundleCommand;
import dev.sluice.runtime.config.GatewaySettings;
import dev.sluice.runtime.pki.Authority;
import dev.sluice.runtime.pki.CertificateKind;
import dev.sluice.runtime.pki.CertificateRequest;
import dev.sluice.wire.Frames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The way of an author: two commands and one copy, then an edit and one command more.
class NewBundleTest {
  @TempDir Path folder;

  private final RecordedEvents events = new RecordedEvents();
  private final RecordedChains chains = new RecordedChains();

  private void bundle(String... words) {
    assertEquals(0, BundleCommand.run(List.of(words)));
  }

  /// An authority with a signer, whom a gateway with these settings trusts.
  private Authority trusted(Path config) throws Exception {
    Authority authority = Authority.create(folder.resolve("signers"), "Signing CA");
    authority.issue(CertificateRequest.of(CertificateKind.SIGNER, "alice", 7));
    Path trust = Files.createDirectories(config.resolve("trust"));
    Files.copy(authority.certificateFile("ca"), trust.resolve("ca.crt"));
    return authority;
  }

  private void build(Path project, Authority signers, Path out) {
    bundle(
        "build",
        project.toString(),
        "--key",
        signers.keyFile("alice").toString(),
        "--cert",
        signers.certificateFile("alice").toString(),
        "--out",
        out.toString());
  }

  private static FramePacket udp(int port) {
    return new FramePacket(Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1000, port));
  }

  private PacketHandler handler() {
    assertEquals(1, chains.last().links().size(), events.all::toString);
    return chains.last().links().getFirst().handlers().getFirst();
  }

  private void awaitChains(int more, int before) throws InterruptedException {
    for (int looks = 0; chains.all.size() < before + more && looks < 1000; looks++) {
      Thread.sleep(10);
    }
    assertTrue(chains.all.size() >= before + more, events.all::toString);
  }

  /// The guide names what there is.
  @Test
  void guideShowsTheFilesThatAreWritten() throws Exception {
    Path project = folder.resolve("udp-guard");
    bundle("new", project.toString());
    String guide = Files.readString(Path.of("..", "docs", "writing-a-bundle.md"));
    try (Stream<Path> files = Files.walk(project)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertTrue(guide.contains("| `" + project.relativize(file) + "` |"), file.toString());
      }
    }
    String code = Files.readString(project.resolve("src/udpguard/UdpGuardRule.java"));
    List<String> shown =
        guide
            .substring(guide.indexOf("```java"), guide.indexOf("**Where it stands.**"))
            .lines()
            .filter(line -> line.length() > 3 && !line.startsWith("```"))
            .map(line -> line.replace("{ ... }", "{"))
            .toList();
    assertTrue(shown.size() > 8, shown.toString());
    for (String line : shown) {
      assertTrue(code.contains(line), line);
    }
  }

  @Test
  void newBundleRunsDropsAndIsReplacedByItsNextBuild() throws Exception {
    Path bundles = Files.createDirectories(folder.resolve("bundles"));
    Path config = Files.createDirectories(folder.resolve("config"));
    Path project = folder.resolve("udp-guard");
    Files.writeString(
        config.resolve(GatewaySettings.FILE_NAME),
        "ports=memory:a memory:b\nrequired-bundles=none\ncanary-packets=0\n");
    bundle("new", project.toString());
    Authority signers = trusted(config);
    build(project, signers, bundles.resolve("udp-guard.jar"));
    try (Host host = Host.boot(Distribution.find(), config, folder.resolve("state"), events);
        Bundles watching =
            new Bundles(
                host,
                new Bundles.Folders(bundles, config, folder.resolve("state")),
                Bundles.Limits.standard(),
                GatewaySettings.read(config),
                new ChainSwitch(chains, strategy -> packet -> 0, events),
                events,
                outcome -> {})) {
      watching.start();
      assertEquals("drop udp-guard-blocked", handler().receive(udp(69)).toString());
      assertEquals(Verdict.PASS, handler().receive(udp(70)));
      int before = chains.all.size();
      Path source = project.resolve("src/udpguard/UdpGuardRule.java");
      Files.writeString(source, Files.readString(source).replace("\"69\"", "\"70\""));
      Files.delete(project.resolve("udp.guard.cfg"));
      build(project, signers, bundles.resolve("udp-guard.jar"));
      awaitChains(1, before);
      assertEquals(Verdict.PASS, handler().receive(udp(69)));
      assertEquals("drop udp-guard-blocked", handler().receive(udp(70)).toString());
      before = chains.all.size();
      Files.writeString(config.resolve("udp.guard.cfg"), "ports =\n");
      awaitChains(1, before);
      assertEquals(Verdict.PASS, handler().receive(udp(70)));
    }
    assertEquals(List.of(), events.named("bundle-refused"));
  }
}
