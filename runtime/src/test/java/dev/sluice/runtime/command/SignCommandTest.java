package dev.sluice.runtime.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.pki.Authority;
import dev.sluice.runtime.pki.CertificateKind;
import dev.sluice.runtime.pki.CertificateRequest;
import dev.sluice.runtime.pki.RevocationReason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands `sign` and `verify`, against each other and against the JDK's own tools.
class SignCommandTest {
  private static final String PASSWORD = "changeit";

  @TempDir Path folder;

  private Authority authority;
  private Path trust;
  private Path jar;

  @BeforeEach
  void authorityAndBundle() throws Exception {
    authority = Authority.create(folder.resolve("pki"), "Signing CA");
    issue("alice", CertificateKind.SIGNER);
    trust = Files.createDirectory(folder.resolve("trust"));
    Files.copy(authority.certificateFile("ca"), trust.resolve("ca.crt"));
    jar = bundle("");
  }

  private void issue(String name, CertificateKind kind) throws Exception {
    authority.issue(CertificateRequest.of(kind, name, 400));
  }

  private Path bundle(String headers) throws IOException {
    Manifest manifest = new Manifest();
    for (String line :
        ("Manifest-Version: 1.0\nBundle-SymbolicName: org.example.a\nBundle-Version: 1.0\n"
                + headers)
            .lines()
            .toList()) {
      String[] parts = line.split(": ", 2);
      manifest.getMainAttributes().putValue(parts[0], parts[1]);
    }
    Path file = folder.resolve("a.jar");
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream made = new JarOutputStream(out, manifest)) {
      made.putNextEntry(new JarEntry("about.txt"));
      made.write(1);
    }
    return file;
  }

  /// What a command said and answered.
  private record Answer(int code, String out, String err) {}

  private static Answer command(List<String> words) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
      int code = Main.run(words);
      return new Answer(
          code, said.toString(StandardCharsets.UTF_8), complained.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private Answer sign(String name) {
    return command(
        List.of(
            "sign",
            jar.toString(),
            "--key",
            authority.keyFile(name).toString(),
            "--cert",
            authority.certificateFile(name).toString()));
  }

  private Answer verify() {
    return command(List.of("verify", jar.toString(), "--trust", trust.toString()));
  }

  private void tool(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(words));
    command.set(0, Path.of(System.getProperty("java.home"), "bin", words[0]).toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
  }

  @Test
  void whatIsSignedIsVerified() throws Exception {
    assertEquals(1, verify().code());
    Answer signed = sign("alice");
    assertEquals(0, signed.code(), signed.err());
    Answer verified = verify();
    assertEquals(0, verified.code(), verified.out());
    for (String part :
        List.of(
            "signer     CN=alice (sha256:",
            "vouched for by CN=Signing CA",
            "uses       nothing that wants a permission",
            "verdict    accepted")) {
      assertTrue(verified.out().contains(part), verified.out());
    }
    assertEquals(0, sign("alice").code());
    assertEquals(0, verify().code());
  }

  @Test
  void stockJarsignerAcceptsIt() throws Exception {
    assertEquals(0, sign("alice").code());
    Path keys = folder.resolve("trusted.p12");
    for (String name : List.of("ca", "alice")) {
      tool(
          "keytool",
          "-importcert",
          "-noprompt",
          "-alias",
          name,
          "-file",
          authority.certificateFile(name).toString(),
          "-keystore",
          keys.toString(),
          "-storepass",
          PASSWORD);
    }
    tool(
        "jarsigner",
        "-verify",
        "-strict",
        "-keystore",
        keys.toString(),
        "-storepass",
        PASSWORD,
        jar.toString());
  }

  @Test
  void whatStockJarsignerSignsIsAccepted() throws Exception {
    Path keys = folder.resolve("alice.p12");
    Process openssl =
        new ProcessBuilder(
                "openssl",
                "pkcs12",
                "-export",
                "-inkey",
                authority.keyFile("alice").toString(),
                "-in",
                authority.certificateFile("alice").toString(),
                "-name",
                "alice",
                "-passout",
                "pass:" + PASSWORD,
                "-out",
                keys.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, openssl.waitFor(), said);
    tool(
        "jarsigner", "-keystore", keys.toString(), "-storepass", PASSWORD, jar.toString(), "alice");
    assertEquals(0, verify().code(), verify().out());
  }

  @Test
  void signedCopyGoesWhereItIsWanted() throws Exception {
    byte[] before = Files.readAllBytes(jar);
    Path out = folder.resolve("signed.jar");
    Answer signed =
        command(
            List.of(
                "sign",
                jar.toString(),
                "--key",
                authority.keyFile("alice").toString(),
                "--cert",
                authority.certificateFile("alice").toString(),
                "--out",
                out.toString()));
    assertEquals(0, signed.code(), signed.err());
    assertTrue(java.util.Arrays.equals(before, Files.readAllBytes(jar)));
    jar = out;
    assertEquals(0, verify().code());
  }

  @Test
  void whatEveryGatewayRefusesIsNotSigned() throws Exception {
    for (String header :
        List.of(
            "DynamicImport-Package: *",
            "Bundle-NativeCode: x.so",
            "Export-Package: a",
            "Require-Bundle: b")) {
      jar = bundle(header);
      byte[] before = Files.readAllBytes(jar);
      Answer refused = sign("alice");
      assertEquals(1, refused.code());
      assertTrue(
          refused.err().contains("its manifest has " + header.replace(": ", " = ")), refused.err());
      assertTrue(java.util.Arrays.equals(before, Files.readAllBytes(jar)));
    }
    jar = bundle("Sluice-Permissions: exit");
    assertTrue(sign("alice").err().contains("it declares the permission exit"));
    Files.writeString(jar, "rubbish");
    assertTrue(sign("alice").err().contains("it is not a whole JAR file"));
  }

  @Test
  void wrongKeysAreRefusedInOneSentence() throws Exception {
    issue("bob", CertificateKind.SIGNER);
    issue("t1", CertificateKind.TERMINAL);
    assertTrue(sign("t1").err().contains("CN=t1 is not for code signing"), sign("t1").err());
    Answer mixed =
        command(
            List.of(
                "sign",
                jar.toString(),
                "--key",
                authority.keyFile("bob").toString(),
                "--cert",
                authority.certificateFile("alice").toString()));
    assertEquals(1, mixed.code());
    assertTrue(mixed.err().contains("is not the key of the first certificate of"), mixed.err());
    Path empty = Files.writeString(folder.resolve("empty.pem"), "");
    for (Path file : List.of(empty, folder.resolve("missing"), jar)) {
      Answer refused =
          command(
              List.of(
                  "sign",
                  jar.toString(),
                  "--key",
                  file.toString(),
                  "--cert",
                  authority.certificateFile("alice").toString()));
      assertEquals(1, refused.code());
      assertEquals(1, refused.err().lines().count(), refused.err());
    }
    assertEquals(2, command(List.of("sign", jar.toString())).code());
    assertEquals(2, command(List.of("sign")).code());
    assertEquals(2, command(List.of("verify", jar.toString())).code());
    assertEquals(2, command(List.of("verify", "nowhere.jar", "--trust", "x")).code());
    assertEquals(0, command(List.of("sign", "--help")).code());
    assertEquals(0, command(List.of("verify", "--help")).code());
  }

  @Test
  void revokedSignerIsRefused() throws Exception {
    assertEquals(0, sign("alice").code());
    authority.revoke("alice", RevocationReason.KEY_COMPROMISE);
    Files.copy(authority.revocationListFile(), trust.resolve("ca.crl"));
    Answer refused = verify();
    assertEquals(1, refused.code());
    assertTrue(
        refused.out().contains("verdict    refused: the certificate CN=alice was revoked"),
        refused.out());
    assertFalse(refused.out().contains("accepted"));
  }
}
