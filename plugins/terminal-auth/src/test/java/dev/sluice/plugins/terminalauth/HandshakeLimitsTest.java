package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Floods, garbage and handshakes that stop half-way.
class HandshakeLimitsTest {
  private static final String ADDRESS = "10.0.0.11";
  private static final long HARDWARE = 0x02_00_00_00_00_11L;
  private static final String SUBJECT = "CN=DTU-0001,O=Example";
  private static final int HELLO_AND_COOKIE = 2;

  private final AuthSite site = new AuthSite().list("DTU-0001", SUBJECT, ADDRESS);
  private final TestAuthority.Identity identity = site.authority.terminal(SUBJECT);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void close() {
    threads.shutdownNow();
    site.close();
  }

  @Test
  void thousandHalfOpenHandshakesOfManySourcesLeaveRoom() throws Exception {
    for (int i = 0; i < 1000; i++) {
      site.list("T" + i, "CN=T" + i, address(i));
    }
    site.set("max-handshakes", 64).start();
    for (int i = 0; i < 1000; i++) {
      stopHalfWay(address(i), HARDWARE + 100 + i);
    }
    site.events.await("limit-hit", Map.of("cause", "busy"));
    assertHonestGetsIn();
  }

  @Test
  void halfOpenHandshakesOfOneSourceLeaveRoomForOthers() throws Exception {
    site.list("T0", "CN=T0", address(0)).set("max-handshakes", 8).start();
    for (int i = 0; i < 1000; i++) {
      stopHalfWay(address(0), HARDWARE + 1);
    }
    site.events.await("limit-hit", Map.of("cause", "rate", "terminal", "T0"));
    assertHonestGetsIn();
  }

  @Test
  void oldestHalfOpenHandshakeOfASourceGivesWay() throws Exception {
    site.set("handshakes-per-minute", 100).start();
    for (int i = 0; i < 10; i++) {
      stopHalfWay(ADDRESS, HARDWARE);
    }
    assertHonestGetsIn();
    site.events.await("limit-hit", Map.of("cause", "busy", "terminal", "DTU-0001"));
  }

  @Test
  void impostorsRateDoesNotUseUpTheTerminals() throws Exception {
    site.start();
    assertHonestGetsIn();
    Session session = site.live(ADDRESS);
    for (int i = 0; i < 50; i++) {
      stopHalfWay(ADDRESS, HARDWARE + 7);
    }
    site.events.await("limit-hit", Map.of("cause", "rate"));
    assertHonestGetsIn();
    assertSame(session, site.live(ADDRESS));
  }

  @Test
  void floodWithoutCookiesHoldsNothing() throws Exception {
    site.start();
    byte[] hello = firstDatagramOf(new DtlsTerminal(site, ADDRESS, HARDWARE));
    for (int i = 0; i < 20_000; i++) {
      new DtlsTerminal(site, ADDRESS, HARDWARE, 1 + i, 0).sendRaw(hello);
    }
    assertHonestGetsIn();
    assertEquals(0, site.events.count("limit-hit", Map.of()));
  }

  @Test
  void garbageDoesNotKeepTerminalsOut() throws Exception {
    site.start();
    DtlsTerminal vandal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    byte[] hello = firstDatagramOf(new DtlsTerminal(site, ADDRESS, HARDWARE));
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      byte[] garbage = hello.clone();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        garbage[random.nextInt(garbage.length)] = (byte) random.nextInt();
      }
      vandal.sendRaw(garbage);
      if (i % 32 == 0) {
        Pause.millis(1);
      }
    }
    for (int length = 0; length < 1472; length += 7) {
      vandal.sendRaw(new byte[length]);
    }
    assertHonestGetsIn();
  }

  @Test
  void silentHandshakeIsTimedOut() throws Exception {
    site.set("handshake-timeout-s", 1).start();
    stopHalfWay(ADDRESS, HARDWARE);
    site.events.await("auth-refused", Map.of("cause", "timeout", "terminal", "DTU-0001"));
    assertNull(site.session(ADDRESS));
  }

  @Test
  void drippedDatagramsDoNotMoveTheDeadline() throws Exception {
    site.set("handshake-timeout-s", 1).start();
    DtlsTerminal slow = new DtlsTerminal(site, ADDRESS, HARDWARE).sends(HELLO_AND_COOKIE);
    threads.execute(() -> fallsSilent(slow));
    byte[] drip = {22, (byte) 254, (byte) 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 7};
    long began = System.nanoTime();
    while (site.events.count("auth-refused", Map.of()) == 0
        && System.nanoTime() - began < 5_000_000_000L) {
      slow.sendRaw(drip);
      Pause.millis(20);
    }
    long millis = (System.nanoTime() - began) / 1_000_000;
    assertTrue(millis < 2500, "took " + millis + " ms");
    assertEquals(1, site.events.count("auth-refused", Map.of()));
  }

  @Test
  void cookieOfTheSecretBeforeIsAcceptedAndAnOlderOneIsNot() {
    site.start();
    DtlsEngine engine = new DtlsEngine();
    Cookies cookies = new Cookies(engine.crypto(), 0);
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    byte[] hello = firstDatagramOf(terminal);
    byte[] withCookie = answerCookie(cookies, terminal, hello);
    assertTrue(verifies(cookies, terminal, withCookie));
    cookies.rotate(10, 10);
    assertTrue(verifies(cookies, terminal, withCookie));
    cookies.rotate(15, 10);
    assertTrue(verifies(cookies, terminal, withCookie));
    cookies.rotate(20, 10);
    assertTrue(!verifies(cookies, terminal, withCookie));
  }

  @Test
  void secretOfLongAgoIsNotTheOneBefore() {
    site.start();
    Cookies cookies = new Cookies(new DtlsEngine().crypto(), 0);
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    byte[] withCookie = answerCookie(cookies, terminal, firstDatagramOf(terminal));
    cookies.rotate(20, 10);
    assertTrue(!verifies(cookies, terminal, withCookie));
  }

  @Test
  void datagramsOfStrangersAreNotCopied() {
    site.start();
    AuthFrame packet = new DtlsTerminal(site, "10.9.9.9", HARDWARE).packet(new byte[1400]);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int datagrams = 10_000;
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < datagrams; i++) {
      assertEquals("drop auth-unlisted", site.admission().authenticate(packet).toString());
    }
    long each = (threads.getCurrentThreadAllocatedBytes() - before) / datagrams;
    assertTrue(each < 700, each + " bytes for each");
  }

  @Test
  void cookieIsBoundToTheWholePeer() {
    site.start();
    DtlsEngine engine = new DtlsEngine();
    Cookies cookies = new Cookies(engine.crypto(), 0);
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE, 4000, 0xc02b);
    byte[] withCookie = answerCookie(cookies, terminal, firstDatagramOf(terminal));
    assertTrue(verifies(cookies, terminal, withCookie));
    for (DtlsTerminal other :
        List.of(
            new DtlsTerminal(site, "10.0.0.12", HARDWARE, 4000, 0xc02b),
            new DtlsTerminal(site, ADDRESS, HARDWARE + 1, 4000, 0xc02b),
            new DtlsTerminal(site, ADDRESS, HARDWARE, 4001, 0xc02b))) {
      assertTrue(!verifies(cookies, other, withCookie));
    }
  }

  @Test
  void simultaneousHandshakesOfOneTerminalLeaveOneSession() throws Exception {
    site.set("handshakes-per-minute", 100).set("max-handshakes-per-source", 8).start();
    List<Callable<String>> both = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
      both.add(() -> terminal.authenticate(identity));
    }
    for (Future<String> done : threads.invokeAll(both)) {
      assertTrue(done.get().startsWith("SLUICE/1 OK"), done.get());
    }
    site.live(ADDRESS);
    assertEquals(1, site.events.count("auth-accepted", Map.of("renewed", false)));
    assertEquals(5, site.events.count("auth-accepted", Map.of("renewed", true)));
  }

  @Test
  void hundredTerminalsGetInAtOnce() throws Exception {
    List<Callable<String>> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      String address = address(i);
      site.list("T" + i, "CN=T" + i, address);
      DtlsTerminal terminal = new DtlsTerminal(site, address, HARDWARE + 100 + i);
      TestAuthority.Identity own = site.authority.terminal("CN=T" + i);
      all.add(() -> terminal.authenticate(own));
    }
    site.start();
    for (Future<String> done : threads.invokeAll(all)) {
      assertTrue(done.get().startsWith("SLUICE/1 OK"));
    }
    assertEquals(100, site.events.count("auth-accepted", Map.of()));
  }

  private void assertHonestGetsIn() throws IOException {
    DtlsTerminal honest = new DtlsTerminal(site, ADDRESS, HARDWARE);
    assertTrue(honest.authenticate(identity).startsWith("SLUICE/1 OK"));
    site.live(ADDRESS);
  }

  /// Sends a ClientHello, and the same with the cookie, and then nothing more.
  private void stopHalfWay(String address, long hardware) {
    DtlsTerminal terminal = new DtlsTerminal(site, address, hardware).sends(HELLO_AND_COOKIE);
    threads.execute(() -> fallsSilent(terminal));
    Pause.until("the cookie is sent back", () -> terminal.sendsLeft() <= 0);
  }

  /// A handshake that cannot end well: its terminal falls silent.
  private void fallsSilent(DtlsTerminal terminal) {
    assertThrows(IOException.class, () -> terminal.authenticate(identity));
  }

  private byte[] firstDatagramOf(DtlsTerminal terminal) {
    DtlsTerminal.Capture capture = new DtlsTerminal.Capture();
    assertThrows(IOException.class, () -> terminal.connectOver(capture));
    return capture.first();
  }

  private byte[] answerCookie(Cookies cookies, DtlsTerminal terminal, byte[] hello) {
    assertTrue(!verifies(cookies, terminal, hello));
    byte[] answer =
        site.mailbox(new AuthSite.Endpoint(terminal.address(), terminal.port())).remove();
    // HelloVerifyRequest: two headers, version, then the cookie with its length (RFC 6347, 4.2.1).
    int cookieBytes = answer[13 + 12 + 2];
    return DtlsTerminal.withCookie(hello, answer, 13 + 12 + 3, cookieBytes);
  }

  private boolean verifies(Cookies cookies, DtlsTerminal terminal, byte[] payload) {
    AuthFrame packet = terminal.packet(payload);
    Datagram datagram = Datagram.copyOf(packet, Datagram.peerOf(packet));
    return cookies.verify(datagram, new AnswerPath(datagram, site)) != null;
  }

  private static String address(int i) {
    return "10.1." + i / 250 + "." + (1 + i % 250);
  }
}
