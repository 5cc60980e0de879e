package dev.sluice.runtime.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.pki.Authority;
import dev.sluice.runtime.pki.CertificateKind;
import dev.sluice.runtime.pki.CertificateRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The agent against another implementation of DTLS, `openssl s_server`.
@Timeout(60)
class AuthenticationAgentTest {
  private static final int HANDSHAKE_MILLIS = 5_000;

  @TempDir private static Path folder;

  private final BlockingQueue<AgentEvent> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final List<Process> servers = new ArrayList<>();
  private final List<AuthenticationAgent> agents = new ArrayList<>();

  @BeforeAll
  static void issue() throws Exception {
    Authority good = Authority.create(folder.resolve("good"), "Test CA");
    good.issue(CertificateRequest.of(CertificateKind.GATEWAY, "gateway", 1));
    good.issue(CertificateRequest.of(CertificateKind.TERMINAL, "t1", 1));
    Authority rogue = Authority.create(folder.resolve("rogue"), "Test CA");
    rogue.issue(CertificateRequest.of(CertificateKind.GATEWAY, "gateway", 1));
    rogue.issue(CertificateRequest.of(CertificateKind.TERMINAL, "t1", 1));
  }

  @AfterEach
  void stop() {
    agents.forEach(AuthenticationAgent::close);
    servers.forEach(Process::destroyForcibly);
  }

  @Test
  void acceptedTerminalKeepsTheSessionAliveAndTakesItsLeave() throws Exception {
    InetSocketAddress gateway = startServer("good/gateway");
    startAgent(gateway, "good/t1", "good/ca.crt");
    say("SLUICE/1 OK lease=60 keep-alive=1");
    assertEquals(new AgentEvent.Accepted(60, 1), events.poll(20, TimeUnit.SECONDS));
    awaitHeard("PING");
    awaitHeard("PING");
    agents.getFirst().close();
    awaitHeard("BYE");
    assertEquals(new AgentEvent.Ended("closed by the terminal"), events.poll(5, TimeUnit.SECONDS));
  }

  @Test
  void otherOpeningThanOkIsAFailure() throws Exception {
    InetSocketAddress gateway = startServer("good/gateway");
    startAgent(gateway, "good/t1", "good/ca.crt");
    say("SLUICE/9 WELCOME");
    AgentEvent.Failed failed =
        assertInstanceOf(AgentEvent.Failed.class, events.poll(20, TimeUnit.SECONDS));
    assertEquals("the gateway opened with 'SLUICE/9 WELCOME'", failed.cause());
  }

  @Test
  void certificateFromAnUnknownAuthorityIsRefusedByName() throws Exception {
    InetSocketAddress gateway = startServer("good/gateway");
    startAgent(gateway, "rogue/t1", "good/ca.crt");
    AgentEvent.Refused refused =
        assertInstanceOf(AgentEvent.Refused.class, events.poll(20, TimeUnit.SECONDS));
    assertTrue(
        List.of("unknown_ca", "decrypt_error", "bad_certificate").contains(refused.alert()),
        refused.alert());
  }

  @Test
  void gatewayFromAnUnknownAuthorityIsNotTrusted() throws Exception {
    InetSocketAddress gateway = startServer("rogue/gateway");
    startAgent(gateway, "good/t1", "good/ca.crt");
    AgentEvent.Failed failed =
        assertInstanceOf(AgentEvent.Failed.class, events.poll(20, TimeUnit.SECONDS));
    assertTrue(failed.cause().contains("the gateway's certificate"), failed.cause());
  }

  @Test
  void terminalThatPlaysTheGatewayIsNotTrusted() throws Exception {
    InetSocketAddress gateway = startServer("good/t1");
    startAgent(gateway, "good/t1", "good/ca.crt");
    AgentEvent.Failed failed =
        assertInstanceOf(AgentEvent.Failed.class, events.poll(20, TimeUnit.SECONDS));
    assertTrue(failed.cause().contains("serverAuth"), failed.cause());
  }

  @Test
  void silentGatewayIsAFailureWithinTheTimeout() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      AuthenticationAgent once =
          agent((InetSocketAddress) silent.getLocalSocketAddress(), "good/t1", "good/ca.crt", 600);
      long before = System.nanoTime();
      assertInstanceOf(AgentEvent.Failed.class, once.attempt());
      assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(5));
    }
  }

  @Test
  void filesThatHoldNothingUsableAreNamed() throws Exception {
    Path empty = Files.createFile(folder.resolve("empty.pem"));
    Path certificate = folder.resolve("good/t1.crt");
    Path key = folder.resolve("good/t1.key");
    Path missing = folder.resolve("missing.pem");
    for (List<Path> pair :
        List.of(
            List.of(empty, key),
            List.of(certificate, empty),
            List.of(missing, key),
            List.of(certificate, missing),
            List.of(key, key),
            List.of(certificate, certificate))) {
      CredentialException refused =
          assertThrows(
              CredentialException.class, () -> Credentials.read(pair.getFirst(), pair.getLast()));
      String message = String.valueOf(refused.getMessage());
      assertTrue(
          message.contains(pair.getFirst().toString())
              || message.contains(pair.getLast().toString()),
          message);
    }
    assertThrows(CredentialException.class, () -> GatewayTrust.read(empty));
    assertThrows(CredentialException.class, () -> GatewayTrust.read(missing));
  }

  private void startAgent(InetSocketAddress gateway, String credentials, String ca)
      throws CredentialException {
    AuthenticationAgent agent = agent(gateway, credentials, ca, HANDSHAKE_MILLIS);
    agents.add(agent);
    Thread.ofPlatform().daemon().start(agent::attempt);
  }

  private AuthenticationAgent agent(
      InetSocketAddress gateway, String credentials, String ca, int handshakeMillis)
      throws CredentialException {
    return new AuthenticationAgent(
        gateway,
        Credentials.read(
            folder.resolve(credentials + ".crt"), folder.resolve(credentials + ".key")),
        GatewayTrust.read(folder.resolve(ca)),
        handshakeMillis,
        events::add);
  }

  private InetSocketAddress startServer(String credentials) throws Exception {
    Assumptions.assumeTrue(
        new ProcessBuilder("sh", "-c", "command -v openssl").start().waitFor() == 0,
        "skipped: openssl is not installed");
    int port;
    try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    List<String> command = new ArrayList<>(List.of("openssl", "s_server", "-dtls1_2", "-quiet"));
    command.addAll(List.of("-accept", "127.0.0.1:" + port, "-Verify", "2"));
    command.addAll(List.of("-verify_return_error"));
    command.addAll(List.of("-cert", folder.resolve(credentials + ".crt").toString()));
    command.addAll(List.of("-key", folder.resolve(credentials + ".key").toString()));
    command.addAll(List.of("-CAfile", folder.resolve("good/ca.crt").toString()));
    Process server = new ProcessBuilder(command).redirectErrorStream(true).start();
    servers.add(server);
    Thread.ofVirtual()
        .start(() -> {
          try (BufferedReader reader = server.inputReader()) {
            reader.lines().forEach(heard::add);
          } catch (IOException | UncheckedIOException e) {
            heard.add("end: " + e.getMessage());
          }
        });
    awaitListener(port);
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static void awaitListener(int port) throws Exception {
    String local = "0100007F:%04X".formatted(port);
    while (!Files.readString(Path.of("/proc/net/udp")).contains(local)) {
      Thread.sleep(10);
    }
  }

  private void say(String line) throws IOException {
    OutputStream out = servers.getFirst().getOutputStream();
    out.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private void awaitHeard(String line) throws InterruptedException {
    String next;
    do {
      next = heard.poll(20, TimeUnit.SECONDS);
    } while (next != null && !next.equals(line));
    assertEquals(line, next);
  }
}
