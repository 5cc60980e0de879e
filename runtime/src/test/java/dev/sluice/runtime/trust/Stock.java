package dev.sluice.runtime.trust;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;

/// The JDK's own `jarsigner`, as a program.
final class Stock {
  private static final String PASSWORD = "changeit";

  private Stock() {}

  /// Writes a key store that it can read.
  static void store(Path file, TestCertificates signer) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    List<Certificate> chain = new ArrayList<>(List.of(signer.certificate()));
    chain.addAll(signer.issuers());
    store.setKeyEntry(
        "signer",
        signer.keys().getPrivate(),
        PASSWORD.toCharArray(),
        chain.toArray(Certificate[]::new));
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, PASSWORD.toCharArray());
    }
  }

  /// Signs in place.
  static void jarsigner(Path keys, Path jar, String... options)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(options));
    words.addAll(
        List.of("-keystore", keys.toString(), "-storepass", PASSWORD, jar.toString(), "signer"));
    run(words);
  }

  /// Verifies strictly, and gives back what it says.
  static String verified(Path trusted, Path jar) throws IOException, InterruptedException {
    return run(
        List.of(
            "-verify",
            "-strict",
            "-keystore",
            trusted.toString(),
            "-storepass",
            PASSWORD,
            jar.toString()));
  }

  private static String run(List<String> words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "jarsigner").toString());
    command.addAll(words);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      throw new IOException(command + ": " + code + ": " + said);
    }
    return said;
  }
}
