package dev.sluice.runtime.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;
import dev.sluice.runtime.config.TrustSettings.Grant;
import dev.sluice.runtime.config.TrustSettings.SignerName;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrustSettingsTest {
  private static final Path FOLDER = Path.of("/etc/sluice/config");

  private static TrustSettings read(Map<String, String> values) throws SettingsException {
    return TrustSettings.read(Settings.of("sluice.cfg", values), FOLDER);
  }

  @Test
  void nothingSaidMeansSignedBundlesAndNoGrants() throws Exception {
    TrustSettings standard = read(Map.of());
    assertEquals(TrustSettings.standard(FOLDER), standard);
    assertEquals(TrustSettings.Mode.SIGNED, standard.mode());
    assertEquals(FOLDER.resolve("trust"), standard.store());
    assertEquals(List.of(), standard.grants());
  }

  @Test
  void everyKeyIsRead() throws Exception {
    String fingerprint = "sha256:" + "aB".repeat(32);
    TrustSettings read =
        read(
            Map.of(
                "bundle-trust", "development",
                "trust-store", "../signers",
                "revocation", "required",
                "signer-names", "Alice of Grid: org.a.*, " + fingerprint + ":*",
                "grants", "org.a.*: threads + files, b:network",
                "allow-downgrade", "org.a, b/1.0.0"));
    assertEquals(TrustSettings.Mode.DEVELOPMENT, read.mode());
    assertEquals(Path.of("/etc/sluice/signers"), read.store());
    assertEquals(TrustSettings.Revocation.REQUIRED, read.revocation());
    assertEquals(
        List.of(new SignerName("Alice of Grid", "org.a.*"), new SignerName(fingerprint, "*")),
        read.signerNames());
    assertEquals(
        List.of(
            new Grant("org.a.*", Set.of("threads", "files")), new Grant("b", Set.of("network"))),
        read.grants());
    assertEquals(Set.of("org.a", "b/1.0.0"), read.downgrades());
  }

  @Test
  void whatIsMisspeltIsRefusedWithItsKeyAndValue() {
    for (List<String> row :
        List.of(
            List.of("bundle-trust", "off"),
            List.of("bundle-trust", "unsigned"),
            List.of("revocation", "none"),
            List.of("trust-store", "a\0b"),
            List.of("signer-names", "Alice"),
            List.of("signer-names", ":org.a"),
            List.of("signer-names", "Alice:"),
            List.of("signer-names", "Alice:org a"),
            List.of("signer-names", "sha256:ab:org.a"),
            List.of("grants", "org.a"),
            List.of("grants", "org.a:"),
            List.of("grants", ":threads"),
            List.of("grants", "org.a:threads+"),
            List.of("grants", "org.a:threads files"),
            List.of("allow-downgrade", "a/1/2"),
            List.of("allow-downgrade", "a b"))) {
      SettingsException refused =
          assertThrows(
              SettingsException.class,
              () -> read(Map.of(row.getFirst(), row.getLast())),
              row::toString);
      String sentence = String.valueOf(refused.getMessage());
      assertTrue(
          sentence.startsWith("sluice.cfg: " + row.getFirst() + " = " + row.getLast() + ": "),
          sentence);
      assertTrue(sentence.contains("allowed: "), sentence);
    }
  }
}
