package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The stock client `openssl s_client -dtls1_2`, over a UDP socket on the loopback whose datagrams
/// are put into frames.
class OpensslClientTest {
  private static final String ADDRESS = "10.0.0.11";
  private static final long HARDWARE = 0x02_00_00_00_00_11L;
  private static final String SUBJECT = "C=CN,O=Example,CN=DTU-0001";

  private final AuthSite site =
      new AuthSite().list("DTU-0001", "CN=DTU-0001,O=Example,C=CN", ADDRESS);
  private final DatagramSocket socket = socket();

  private static DatagramSocket socket() {
    try {
      return new DatagramSocket(0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void needsOpenssl() throws InterruptedException {
    try {
      Process version = new ProcessBuilder("openssl", "version").start();
      assertEquals(0, version.waitFor());
    } catch (IOException e) {
      Assumptions.abort("openssl is not installed: the stock client is not tried");
    }
  }

  @AfterEach
  void close() {
    socket.close();
    site.close();
  }

  @Test
  void listedCertificateHoldsASessionByLines() throws Exception {
    site.start();
    Process client = client(site.authority.terminal(SUBJECT));
    try (BufferedReader lines = reader(client)) {
      assertTrue(find(lines, "SLUICE/1 OK lease=3600 keep-alive=30"));
      site.live(ADDRESS);
      OutputStream typed = client.getOutputStream();
      typed.write("PING\n".getBytes(StandardCharsets.US_ASCII));
      typed.flush();
      assertTrue(find(lines, "PONG lease=3"));
      // The end of what is typed makes the client send close_notify.
      typed.close();
      site.events.await("session-ended", Map.of("cause", "closed-by-terminal"));
    } finally {
      client.destroy();
    }
  }

  @Test
  void unknownAuthoritysCertificateIsRefused() throws Exception {
    site.start();
    Process client = client(TestAuthority.root("CN=Site CA,O=Example").terminal(SUBJECT));
    try (BufferedReader lines = reader(client)) {
      assertTrue(find(lines, "alert unknown ca"));
      assertNull(site.session(ADDRESS));
    } finally {
      client.destroy();
    }
  }

  private Process client(TestAuthority.Identity identity) throws IOException {
    site.write("terminal.crt", TestAuthority.pem(identity.certificate()));
    site.write("terminal.key", TestAuthority.pem(identity.keys().getPrivate()));
    Thread.ofPlatform().daemon().start(this::carry);
    return new ProcessBuilder(
            "openssl",
            "s_client",
            "-dtls1_2",
            "-connect",
            "127.0.0.1:" + socket.getLocalPort(),
            "-cert",
            "terminal.crt",
            "-key",
            "terminal.key",
            "-CAfile",
            "ca.crt")
        .directory(site.folder.toFile())
        .redirectErrorStream(true)
        .start();
  }

  /// Puts the client's datagrams into frames, and the gateway's answers back.
  private void carry() {
    byte[] buffer = new byte[2048];
    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
    DtlsTerminal terminal = null;
    try {
      while (!socket.isClosed()) {
        socket.receive(packet);
        if (terminal == null) {
          terminal = new DtlsTerminal(site, ADDRESS, HARDWARE, packet.getPort(), 0);
          SocketAddress client = new InetSocketAddress(packet.getAddress(), packet.getPort());
          BlockingQueue<byte[]> answers =
              site.mailbox(new AuthSite.Endpoint(ADDRESS, packet.getPort()));
          Thread.ofPlatform().daemon().start(() -> carryBack(answers, client));
        }
        terminal.sendRaw(Arrays.copyOf(buffer, packet.getLength()));
      }
    } catch (IOException e) {
      assertTrue(socket.isClosed(), "the line ends with the test");
    }
  }

  private void carryBack(BlockingQueue<byte[]> answers, SocketAddress client) {
    try {
      while (!socket.isClosed()) {
        byte[] answer = answers.poll(50, TimeUnit.MILLISECONDS);
        if (answer != null) {
          socket.send(new DatagramPacket(answer, answer.length, client));
        }
      }
    } catch (IOException e) {
      assertTrue(socket.isClosed(), "the line ends with the test");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static BufferedReader reader(Process client) {
    InputStream output = client.getInputStream();
    return new BufferedReader(new InputStreamReader(output, StandardCharsets.US_ASCII));
  }

  private static boolean find(BufferedReader lines, String text) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.contains(text)) {
        return true;
      }
    }
    return false;
  }
}
