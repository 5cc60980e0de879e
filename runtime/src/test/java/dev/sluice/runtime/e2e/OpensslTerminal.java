package dev.sluice.runtime.e2e;

import dev.sluice.runtime.lab.Lab;
import dev.sluice.runtime.lab.LabTerminal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// `openssl s_client -dtls1_2` in a terminal's namespace.
final class OpensslTerminal implements AutoCloseable {
  private final Spawned client;

  private OpensslTerminal(Spawned client) {
    this.client = client;
  }

  /// Begins a handshake with the terminal's own certificate.
  static OpensslTerminal of(LabSite site, LabTerminal terminal) throws IOException {
    return with(site, terminal, terminal.certificate(), terminal.key());
  }

  /// Begins a handshake with any certificate.
  static OpensslTerminal with(
      LabSite site, LabTerminal terminal, Path certificate, Path key, String... options)
      throws IOException {
    List<String> more = new ArrayList<>(Arrays.asList(options));
    more.addAll(List.of("-cert", certificate.toString(), "-key", key.toString()));
    return start(site, terminal, more);
  }

  /// Begins a handshake without a certificate.
  static OpensslTerminal withoutCertificate(LabSite site, LabTerminal terminal) throws IOException {
    return start(site, terminal, List.of());
  }

  private static OpensslTerminal start(LabSite site, LabTerminal terminal, List<String> options)
      throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                "openssl",
                "s_client",
                "-dtls1_2",
                "-connect",
                Lab.MASTER_ADDRESS + ":" + Lab.AUTH_PORT,
                "-CAfile",
                site.lab().pki().resolve("ca.crt").toString()));
    words.addAll(options);
    return new OpensslTerminal(Spawned.in(terminal.namespace(), words.toArray(String[]::new)));
  }

  /// Authenticates, and returns when the gateway has said that the session lives.
  static OpensslTerminal accepted(LabSite site, LabTerminal terminal)
      throws IOException, InterruptedException {
    OpensslTerminal made = of(site, terminal);
    made.awaitLine("SLUICE/1 OK");
    return made;
  }

  /// Waits for what the gateway or openssl says.
  String awaitLine(String part) throws InterruptedException {
    return client.await(part);
  }

  /// Whether it has said that by now.
  boolean hasSaid(String part) {
    return count(part) > 0;
  }

  private long count(String part) {
    return client.lines().stream().filter(line -> line.contains(part)).count();
  }

  /// Shows that the association lives: asks the gateway and waits for the answer.
  void ping() throws IOException, InterruptedException {
    long before = count("PONG lease=");
    client.type("PING");
    Await.until(() -> before < count("PONG lease="), () -> "PONG in " + client.lines());
  }

  /// Sends a line to the gateway.
  void say(String line) throws IOException {
    client.type(line);
  }

  /// Says good-bye by close_notify: a line that begins with Q makes s_client do so.
  void closeNotify() throws IOException {
    client.type("Q");
  }

  boolean isAlive() {
    return client.isAlive();
  }

  /// Waits until openssl has given up.
  void awaitEnd() throws InterruptedException {
    client.awaitEnd(LabSite.PATIENCE);
  }

  /// SIGKILL: no good-bye is said.
  @Override
  public void close() throws InterruptedException {
    client.close();
  }
}
