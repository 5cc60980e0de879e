package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.config.GatewaySettings;
import dev.sluice.runtime.pki.Authority;
import dev.sluice.runtime.pki.CertificateKind;
import dev.sluice.runtime.pki.CertificateRequest;
import dev.sluice.runtime.trust.JarSigning;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The by-hand way of the guide for authors is followed to the letter; `NewBundleTest` goes the
/// other.
class WritingABundleTest {
  private static final Pattern FILE =
      Pattern.compile("^`(src/\\S+)`.*?^```\\w+\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

  @TempDir Path folder;

  private void tool(String name, String... arguments) {
    int result = ToolProvider.findFirst(name).orElseThrow().run(System.out, System.err, arguments);
    assertEquals(0, result, name);
  }

  /// An authority with a signer, whom a gateway with these settings trusts.
  private Authority trusted(Path config) throws Exception {
    Authority authority = Authority.create(folder.resolve("signers"), "Signing CA");
    authority.issue(CertificateRequest.of(CertificateKind.SIGNER, "alice", 7));
    Path trust = Files.createDirectories(config.resolve("trust"));
    Files.copy(authority.certificateFile("ca"), trust.resolve("ca.crt"));
    return authority;
  }

  private Path build() throws Exception {
    String guide = Files.readString(Path.of("..", "docs", "writing-a-bundle.md"));
    Matcher file = FILE.matcher(guide);
    int files = 0;
    while (file.find()) {
      Path written = folder.resolve(file.group(1));
      Files.createDirectories(written.getParent());
      Files.writeString(written, file.group(2));
      files++;
    }
    assertEquals(4, files);
    Path src = folder.resolve("src");
    Path out = folder.resolve("out");
    Path jar = folder.resolve("portguard.jar");
    tool(
        "javac",
        "-d",
        out.toString(),
        "-cp",
        System.getProperty("java.class.path"),
        "-proc:none",
        src.resolve("org/example/portguard/PortGuard.java").toString(),
        src.resolve("org/example/portguard/SourceCount.java").toString());
    tool(
        "jar",
        "--create",
        "--file",
        jar.toString(),
        "--manifest",
        src.resolve("manifest.txt").toString(),
        "-C",
        out.toString(),
        ".",
        "-C",
        src.toString(),
        "OSGI-INF");
    return jar;
  }

  @Test
  void bundleOfTheGuideRunsAndTakesItsConfiguration() throws Exception {
    RecordedEvents events = new RecordedEvents();
    RecordedChains chains = new RecordedChains();
    Path bundles = Files.createDirectories(folder.resolve("bundles"));
    Path config = Files.createDirectories(folder.resolve("config"));
    Files.writeString(
        config.resolve(GatewaySettings.FILE_NAME),
        """
        ports = memory:a memory:b
        canary-packets = 0
        required-bundles = none
        """);
    Files.writeString(config.resolve("portguard.cfg"), "blocked-ports = 53, 69\n");
    Authority signers = trusted(config);
    JarSigning.read(signers.keyFile("alice"), signers.certificateFile("alice"))
        .sign(build(), bundles.resolve("portguard.jar"));
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
      assertEquals(List.of("org.example.portguard/1.0.0"), chains.bundles(), events.all::toString);
      Files.writeString(config.resolve("portguard.cfg"), "blocked-ports = 70000\n");
      for (int looks = 0;
          events.named("configuration-refused").isEmpty() && looks < 1000;
          looks++) {
        Thread.sleep(10);
      }
      String told = String.valueOf(events.named("configuration-refused").getFirst().fields());
      assertTrue(told.contains("portguard.cfg: blocked-ports = 70000: allowed: UDP ports"), told);
    }
  }
}
