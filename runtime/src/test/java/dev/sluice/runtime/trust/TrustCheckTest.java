package dev.sluice.runtime.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.config.TrustSettings;
import dev.sluice.runtime.config.TrustSettings.Grant;
import dev.sluice.runtime.config.TrustSettings.Mode;
import dev.sluice.runtime.config.TrustSettings.Revocation;
import dev.sluice.runtime.config.TrustSettings.SignerName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

/// The whole judgement: names, permissions, headers, versions.
class TrustCheckTest {
  private static final Map<String, Version> OFFERED =
      Map.of("dev.sluice.plugin", Version.parseVersion("1.2.0"));
  private static final String OWN = "dev.sluice.plugins.guard";

  @TempDir Path folder;

  private TestCertificates root;
  private TestCertificates alice;
  private Versions versions;

  @BeforeEach
  void trustOneAuthority() throws Exception {
    root = TestCertificates.root("Root");
    root.trusted(folder.resolve("trust"));
    alice = root.signer("Alice");
    versions = Versions.open(folder);
  }

  private TrustSettings settings(
      List<SignerName> names, List<Grant> grants, Set<String> downgrades) {
    return new TrustSettings(
        Mode.SIGNED, folder.resolve("trust"), Revocation.BEST, names, grants, downgrades);
  }

  private TrustSettings standard() {
    return settings(List.of(), List.of(), Set.of());
  }

  private Approved check(
      TestBundle bundle, String name, TrustSettings settings, TestCertificates... signers)
      throws Exception {
    return check(bundle, name, "1.0", settings, false, signers);
  }

  private Approved check(
      TestBundle bundle,
      String name,
      String version,
      TrustSettings settings,
      boolean downgrade,
      TestCertificates... signers)
      throws Exception {
    Path file = bundle.signed(folder.resolve("b.jar"), signers);
    TrustCheck.Subject subject = new TrustCheck.Subject(file, name, Version.parseVersion(version));
    return new TrustCheck(() -> settings, folder.resolve("distribution"), OFFERED, versions)
        .check(subject, downgrade);
  }

  private void refused(
      String sentence,
      TestBundle bundle,
      String name,
      TrustSettings settings,
      TestCertificates... by) {
    TrustException refused =
        assertThrows(TrustException.class, () -> check(bundle, name, settings, by));
    assertTrue(refused.sentence().contains(sentence), refused.sentence());
    assertFalse(refused.sentence().contains("\n"), refused.sentence());
  }

  private static TestBundle threads() {
    return TestBundle.named(TestBundle.NAME, "1.0")
        .source(
            "guard.G",
            "package guard; public class G { void go() { new Thread(() -> {}).start(); } }");
  }

  @Test
  void signerOfTheTrustFolderMaySignAnyNameButTheDistributions() throws Exception {
    Approved approved = check(TestBundle.harmless(), TestBundle.NAME, standard(), alice);
    assertEquals("CN=Alice", approved.signer().orElseThrow().subject());
    assertEquals(Set.of(), approved.used());
    refused(
        "its signer CN=Alice may not sign " + OWN + "; allowed: the distribution's own signer",
        TestBundle.named(OWN, "1.0"),
        OWN,
        standard(),
        alice);
  }

  @Test
  void namedSignersSignWhatTheyAreNamedForAndNobodyElseDoes() throws Exception {
    TestCertificates bob = root.signer("Bob");
    String fingerprint =
        "sha256:" + Signer.fingerprint(bob.certificate()).toUpperCase(java.util.Locale.ROOT);
    TrustSettings settings =
        settings(
            List.of(new SignerName("Alice", OWN), new SignerName(fingerprint, "org.example.*")),
            List.of(),
            Set.of());
    check(TestBundle.named(OWN, "1.0"), OWN, settings, alice);
    check(TestBundle.harmless(), TestBundle.NAME, settings, bob);
    refused(
        "may not sign " + TestBundle.NAME, TestBundle.harmless(), TestBundle.NAME, settings, alice);
    refused("may not sign " + OWN, TestBundle.named(OWN, "1.0"), OWN, settings, bob);
    refused(
        "may not sign com.other", TestBundle.named("com.other", "1"), "com.other", settings, alice);
    check(TestBundle.named("com.other", "1"), "com.other", settings, root.signer("Carol"));
  }

  @Test
  void distributionSignsItsOwnNamesAlone() throws Exception {
    Path plugins = Files.createDirectories(folder.resolve("distribution/plugins"));
    TestBundle.named(OWN, "1.0")
        .header("Sluice-Permissions", "files")
        .at(plugins.resolve("own.jar"));
    TestBundle.harmless().at(plugins.resolve("other.jar"));
    DistributionSigner.seal(folder.resolve("distribution"));
    try (var kept = Files.list(folder.resolve("distribution/trust"))) {
      assertEquals(1, kept.count());
    }
    TrustCheck check =
        new TrustCheck(this::standard, folder.resolve("distribution/trust"), OFFERED, versions);
    Version version = Version.parseVersion("1.0");
    Approved approved =
        check.check(new TrustCheck.Subject(plugins.resolve("own.jar"), OWN, version), false);
    assertTrue(approved.signer().orElseThrow().ofDistribution());
    assertEquals(Set.of(Permission.FILES), approved.declared());
    TrustException refused =
        assertThrows(
            TrustException.class,
            () ->
                check.check(
                    new TrustCheck.Subject(plugins.resolve("other.jar"), TestBundle.NAME, version),
                    false));
    assertTrue(
        refused.sentence().contains("allowed: bundles called dev.sluice.plugins.*"),
        refused.sentence());
    DistributionSigner.seal(folder.resolve("distribution")); // once more, with another key
    check.check(new TrustCheck.Subject(plugins.resolve("own.jar"), OWN, version), false);
  }

  @Test
  void developmentTakesUnsignedBundlesAndSaysSo() throws Exception {
    TrustSettings development = standard().withMode(Mode.DEVELOPMENT);
    Approved approved = check(TestBundle.harmless(), TestBundle.NAME, development);
    assertEquals(Optional.empty(), approved.signer());
    assertTrue(approved.remarks().getFirst().contains("although it is not signed"));
    check(threads().header("Sluice-Permissions", "threads"), TestBundle.NAME, development);
    refused("do not declare", threads(), TestBundle.NAME, development);
    refused(
        "(permission exit) in guard.E.f, which no bundle may",
        TestBundle.named("a", "1")
            .source("guard.E", "package guard; public class E { void f() { System.exit(1); } }"),
        "a",
        development);
  }

  @Test
  void permissionThatIsNotDeclaredIsRefusedByName() {
    refused(
        "it uses java.lang.Thread.<init> (permission threads) in guard.G.go, which its"
            + " Sluice-Permissions do not declare",
        threads(),
        TestBundle.NAME,
        standard(),
        alice);
    refused(
        "(permission threads)",
        threads().header("Sluice-Permissions", "files, network"),
        TestBundle.NAME,
        standard(),
        alice);
  }

  @Test
  void permissionMustBeGranted() throws Exception {
    refused(
        "it declares the permission threads, which is not granted; grants = org.example.guard:threads",
        threads().header("Sluice-Permissions", "threads"),
        TestBundle.NAME,
        standard(),
        alice);
    TrustSettings granted =
        settings(List.of(), List.of(new Grant("org.example.*", Set.of("threads"))), Set.of());
    Approved approved =
        check(threads().header("Sluice-Permissions", "threads"), TestBundle.NAME, granted, alice);
    assertEquals(Set.of(Permission.THREADS), approved.used());
    refused(
        "it declares the permission files, which is not granted",
        threads().header("Sluice-Permissions", "threads, files"),
        TestBundle.NAME,
        granted,
        alice);
  }

  @Test
  void whatNobodyGetsCannotBeDeclaredNorGranted() {
    refused(
        "it declares the permission exit, which no bundle gets",
        TestBundle.harmless().header("Sluice-Permissions", "exit"),
        TestBundle.NAME,
        standard(),
        alice);
    refused(
        "its Sluice-Permissions has 'everything'; allowed: threads, files",
        TestBundle.harmless().header("Sluice-Permissions", "everything"),
        TestBundle.NAME,
        standard(),
        alice);
    for (String word : List.of("native", "exit", "all")) {
      refused(
          "grants = a:" + word + ": allowed: threads",
          TestBundle.harmless(),
          TestBundle.NAME,
          settings(List.of(), List.of(new Grant("a", Set.of(word))), Set.of()),
          alice);
    }
  }

  @Test
  void headersThatNoBundleGetsAreRefused() {
    Map<String, String> rows =
        Map.of(
            "DynamicImport-Package", "org.other.*",
            "Bundle-NativeCode", "lib/x.so; osname=Linux",
            "Fragment-Host", "system.bundle; extension:=framework",
            "Require-Bundle", "org.other",
            "Export-Package", "dev.sluice.plugin",
            "ExtensionBundle-Activator", "x.Y");
    rows.forEach((header, value) ->
        refused(
            "its manifest has " + header + " = " + value,
            TestBundle.harmless().header(header, value),
            TestBundle.NAME,
            standard(),
            alice));
  }

  @Test
  void otherApiIsRefused() throws Exception {
    for (String range : List.of("[2,3)", "[1.3,2)", "[1,1.2)", "1.3")) {
      refused(
          "it was written for dev.sluice.plugin " + range + ", and this gateway has 1.2.0",
          TestBundle.harmless()
              .header("Import-Package", "a.b, dev.sluice.plugin;version=\"" + range + "\""),
          TestBundle.NAME,
          standard(),
          alice);
    }
    refused(
        "its Import-Package has the version new",
        TestBundle.harmless().header("Import-Package", "dev.sluice.plugin;version=new"),
        TestBundle.NAME,
        standard(),
        alice);
    check(
        TestBundle.harmless()
            .header("Import-Package", "dev.sluice.plugin;version=\"[1,2)\",x;a=\"1,2\""),
        TestBundle.NAME,
        standard(),
        alice);
  }

  @Test
  void olderVersionThanWhatHasRunIsRefusedUnlessTheOperatorSaysSo() throws Exception {
    versions.active(TestBundle.NAME, Version.parseVersion("2.0"));
    versions = Versions.open(folder); // as after a restart
    TestBundle bundle = TestBundle.harmless();
    refused(
        "its version 1.0.0 is older than 2.0.0, which has run here",
        bundle,
        TestBundle.NAME,
        standard(),
        alice);
    check(bundle, TestBundle.NAME, "1.0", standard(), true, alice);
    check(bundle, TestBundle.NAME, "2.0", standard(), false, alice);
    check(bundle, TestBundle.NAME, settings(List.of(), List.of(), Set.of(TestBundle.NAME)), alice);
    check(
        bundle,
        TestBundle.NAME,
        settings(List.of(), List.of(), Set.of(TestBundle.NAME + "/1.0.0")),
        alice);
    refused(
        "is older than",
        bundle,
        TestBundle.NAME,
        settings(List.of(), List.of(), Set.of(TestBundle.NAME + "/1.1.0")),
        alice);
    check(bundle, "org.other", standard(), alice);
  }

  @Test
  void damagedMemoryOfVersionsRefusesEverything() throws Exception {
    versions.active(TestBundle.NAME, Version.parseVersion("2.0"));
    Path file = folder.resolve(Versions.FILE_NAME);
    String whole = Files.readString(file);
    List<String> damages = new java.util.ArrayList<>();
    for (int length = 0; length < whole.length(); length++) {
      damages.add(whole.substring(0, length));
    }
    damages.add(whole.replace("2.0.0", "1.0.0"));
    damages.add(whole + "x");
    for (String damaged : damages) {
      Files.writeString(file, damaged);
      versions = Versions.open(folder);
      refused("is damaged", TestBundle.harmless(), TestBundle.NAME, standard(), alice);
      versions.active(TestBundle.NAME, Version.parseVersion("9.0"));
      assertEquals(damaged, Files.readString(file), "a damaged file is not written over");
    }
    Files.writeString(file, whole);
    assertEquals(
        Optional.of(Version.parseVersion("2.0")),
        Versions.open(folder).newestEverActive(TestBundle.NAME));
  }

  @Test
  void versionsOnlyGrow() throws Exception {
    for (String version : List.of("1.0", "3.0", "2.0")) {
      versions.active("a", Version.parseVersion(version));
    }
    versions.active("b", Version.parseVersion("1.0"));
    Versions read = Versions.open(folder);
    assertEquals(Optional.of(Version.parseVersion("3.0")), read.newestEverActive("a"));
    assertEquals(Optional.of(Version.parseVersion("1.0")), read.newestEverActive("b"));
    assertEquals(Optional.empty(), read.newestEverActive("c"));
  }

  @Test
  void otherCertificatesMeanAnotherState() throws Exception {
    TrustCheck check =
        new TrustCheck(this::standard, folder.resolve("distribution"), OFFERED, versions);
    String before = check.state();
    assertEquals(before, check.state());
    TestCertificates.root("More").trusted(folder.resolve("trust"));
    assertFalse(before.equals(check.state()));
  }
}
