package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.config.GatewaySettings;
import dev.sluice.runtime.config.TrustSettings;
import dev.sluice.runtime.pki.Authority;
import dev.sluice.runtime.pki.CertificateKind;
import dev.sluice.runtime.pki.CertificateRequest;
import dev.sluice.runtime.trust.JarSigning;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/// A gateway that trusts one signer, and what gets into its framework.
class BundleGateTest {
  private static final String PLAIN = "public Guard(Map<String, Object> p) {}";

  @TempDir Path folder;

  private final RecordedEvents events = new RecordedEvents();
  private final RecordedChains chains = new RecordedChains();
  private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
  private Path bundles;
  private Path config;
  private Authority authority;
  private JarSigning signing;

  @BeforeEach
  void trustOneSigner() throws Exception {
    bundles = Files.createDirectories(folder.resolve("bundles"));
    config = Files.createDirectories(folder.resolve("config"));
    authority = Authority.create(folder.resolve("pki"), "Gate CA");
    authority.issue(CertificateRequest.of(CertificateKind.SIGNER, "signer", 1));
    signing = JarSigning.read(authority.keyFile("signer"), authority.certificateFile("signer"));
    Path trust = Files.createDirectories(config.resolve("trust"));
    Files.copy(authority.certificateFile("ca"), trust.resolve("ca.crt"));
    settings("");
  }

  private void settings(String more) throws Exception {
    Files.writeString(
        config.resolve(GatewaySettings.FILE_NAME),
        "ports = memory:a memory:b\nrequired-bundles = none\ncanary-packets = 0\n" + more);
  }

  private Path signed(Jars jar, Path into, String name) throws Exception {
    Path file = jar.into(folder, "unsigned.jar");
    signing.sign(file, into.resolve(name));
    return into.resolve(name);
  }

  private Bundles start(Host host) throws Exception {
    Bundles watching =
        new Bundles(
            host,
            new Bundles.Folders(bundles, config, folder.resolve("state")),
            new Bundles.Limits(Duration.ofSeconds(2), Duration.ofSeconds(20)),
            GatewaySettings.read(config),
            new ChainSwitch(chains, strategy -> packet -> 0, events),
            events,
            outcomes::add);
    watching.start();
    return watching;
  }

  private Host boot() throws Exception {
    return Host.boot(Distribution.find(), config, folder.resolve("state"), events);
  }

  private String refusal() {
    List<Outcome.Refused> refused =
        outcomes.stream()
            .filter(Outcome.Refused.class::isInstance)
            .map(Outcome.Refused.class::cast)
            .toList();
    assertEquals(1, refused.size(), outcomes.toString());
    return refused.getFirst().cause();
  }

  private <T extends Outcome> T await(Class<T> kind) throws InterruptedException {
    for (int looks = 0; looks < 2000; looks++) {
      for (Outcome outcome : outcomes) {
        if (kind.isInstance(outcome)) {
          return kind.cast(outcome);
        }
      }
      Thread.sleep(10);
    }
    throw new AssertionError("no " + kind + " in " + outcomes);
  }

  @Test
  void signedBundleRunsAndItsSignerIsTold() throws Exception {
    signed(Jars.guard(folder, "a", "1.0", PLAIN), bundles, "a.jar");
    try (Host host = boot();
        Bundles watching = start(host)) {
      assertEquals(List.of("a/1.0.0"), watching.chain(), events.all::toString);
      String told = String.valueOf(events.named("bundle-trusted").getFirst().fields());
      assertTrue(told.contains("CN=signer") && told.contains("CN=Gate CA"), told);
      assertTrue(!watching.acceptsUnsigned());
    }
    assertTrue(Files.readString(folder.resolve("state/versions")).startsWith("a 1.0.0\n"));
  }

  @Test
  void unsignedBundleDoesNot() throws Exception {
    Jars.guard(folder, "a", "1.0", PLAIN).into(bundles, "a.jar");
    try (Host host = boot();
        Bundles watching = start(host)) {
      assertEquals(List.of(), watching.chain());
      assertTrue(refusal().startsWith("it is not signed (unsigned entry "), refusal());
    }
  }

  @Test
  void developmentIsShoutedOut() throws Exception {
    settings("bundle-trust = development\n");
    Jars.guard(folder, "a", "1.0", PLAIN).into(bundles, "a.jar");
    try (Host host = boot();
        Bundles watching = start(host)) {
      assertEquals(List.of("a/1.0.0"), watching.chain(), events.all::toString);
      assertTrue(watching.acceptsUnsigned());
      assertEquals(1, events.named("bundles-not-verified").size());
    }
  }

  @Test
  void bundleIsTakenOnceTheTrustFolderHasItsAuthority() throws Exception {
    Path anchor = config.resolve("trust/ca.crt");
    byte[] certificate = Files.readAllBytes(anchor);
    Files.delete(anchor);
    signed(Jars.guard(folder, "a", "1.0", PLAIN), bundles, "a.jar");
    try (Host host = boot();
        Bundles watching = start(host)) {
      assertTrue(refusal().contains("is not known"), refusal());
      Files.write(anchor, certificate);
      assertEquals("a/1.0.0", await(Outcome.Active.class).bundle());
      assertEquals(List.of("a/1.0.0"), watching.chain());
    }
  }

  @Test
  void olderVersionDoesNotComeBackAfterARestart() throws Exception {
    signed(Jars.guard(folder, "a", "2.0", PLAIN), bundles, "a.jar");
    try (Host host = boot();
        Bundles watching = start(host)) {
      assertEquals(List.of("a/2.0.0"), watching.chain());
    }
    outcomes.clear();
    signed(Jars.guard(folder, "a", "1.0", PLAIN), bundles, "a.jar");
    try (Host host = boot();
        Bundles watching = start(host)) {
      assertEquals(List.of("a/2.0.0"), watching.chain(), "what ran well last goes on");
      assertTrue(refusal().startsWith("its version 1.0.0 is older than 2.0.0"), refusal());
    }
    settings("allow-downgrade = a/1.0.0\n");
    try (Host host = boot();
        Bundles watching = start(host)) {
      assertEquals(List.of("a/1.0.0"), watching.chain());
    }
  }

  @Test
  void whatSomebodyElseInstallsNeverResolves() throws Exception {
    Path good = signed(Jars.guard(folder, "a", "1.0", PLAIN), folder, "good.jar");
    try (Host host = boot()) {
      Bundle installed;
      try (InputStream in = Files.newInputStream(good)) {
        installed = host.context().installBundle("file:elsewhere", in);
      }
      assertThrows(BundleException.class, installed::start);
      assertEquals(Bundle.INSTALLED, installed.getState());
      host.gate().letIn(installed);
      installed.start();
      assertEquals(Bundle.ACTIVE, installed.getState());
      // An update is another content, which nobody has judged.
      try (InputStream in = Files.newInputStream(good)) {
        installed.update(in);
      } catch (BundleException e) {
        assertTrue(String.valueOf(e.getMessage()).contains("resolve"), e::toString);
      }
      assertThrows(BundleException.class, installed::start);
    }
  }

  /// Starts a bundle of its own, and stops whom it can.
  private Jars intruder(Path stowaway) throws Exception {
    return Jars.bundle(folder, "bad", "1.0")
        .header("Bundle-Activator", "bad.Start")
        .header("Import-Package", "org.osgi.framework")
        .header("Sluice-Permissions", "framework, files")
        .source(
            "bad.Start",
            """
            package bad;
            import org.osgi.framework.*;
            public class Start implements BundleActivator {
              public void start(BundleContext c) throws Exception {
                for (Bundle b : c.getBundles()) if (b != c.getBundle()) b.stop();
                try (var in = java.nio.file.Files.newInputStream(java.nio.file.Path.of("%s"))) {
                  c.installBundle("%s", in).start();
                }
              }
              public void stop(BundleContext c) {}
            }
            """
                .formatted(stowaway, "sluice:bad/1.0.0/00"));
  }

  @Test
  void bundleThatInstallsAnotherBundleGetsItNowhere() throws Exception {
    Path stowaway =
        Jars.bundle(folder, "stowaway", "1.0").without("Import-Package").into(folder, "stow.jar");
    settings("grants = bad:framework+files\n");
    signed(intruder(stowaway), bundles, "bad.jar");
    try (Host host = boot();
        Bundles watching = start(host)) {
      assertEquals(List.of(), watching.chain());
      assertTrue(refusal().startsWith("it does not resolve: Resolver hook prevented"), refusal());
      for (Bundle each : host.context().getBundles()) {
        assertEquals(
            each.getLocation().startsWith("sluice:bad") ? Bundle.INSTALLED : Bundle.ACTIVE,
            each.getState(),
            each.toString());
      }
    }
  }

  @Test
  void copyThatWasChangedAfterTheCheckIsNotInstalled() throws Exception {
    Path file = signed(Jars.guard(folder, "a", "1.0", PLAIN), folder, "a.jar");
    try (Host host = boot()) {
      TrustSettings trusted = GatewaySettings.read(config).trust();
      List<DeployStep> steps =
          new InstallSteps(
                  host.context(),
                  BundleTrust.of(host.distribution(), () -> trusted, folder, events),
                  host.gate(),
                  new ComponentFailures(host.context()),
                  1,
                  host.state(),
                  Duration.ofSeconds(2))
              .inOrder();
      StoredBundle stored = new BundleStore(folder.resolve("other")).take(file);
      Candidate candidate = new Candidate(stored, false);
      steps.get(0).perform(candidate);
      signed(Jars.guard(folder, "a", "1.0", PLAIN + " int more;"), folder, "b.jar");
      Files.copy(
          folder.resolve("b.jar"),
          stored.copy(),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      RefusedException refused =
          assertThrows(RefusedException.class, () -> steps.get(1).perform(candidate));
      assertEquals("its private copy was changed after it was checked", refused.sentence());
      assertTrue(!candidate.isInstalled());
    }
  }
}
