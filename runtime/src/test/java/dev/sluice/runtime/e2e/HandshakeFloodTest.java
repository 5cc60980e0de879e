package dev.sluice.runtime.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.lab.Lab;
import dev.sluice.runtime.lab.LabTerminal;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A flood of handshakes that are begun and left, and of garbage, from a listed address and from
/// many that are not: an honest terminal gets in while it lasts.
@Tag("privileged")
@Timeout(300)
final class HandshakeFloodTest {
  private static final int HALF_OPEN = 1000;
  private static final int UNLISTED = 50;
  private static final long FEW_SECONDS_MILLIS = 10_000;

  /// What a flood may leave in the event log, whatever its size; it lasts less than a minute.
  private static final int EVENTS = 300;

  private static LabSite site;

  private final AtomicInteger halfOpen = new AtomicInteger();
  private final AtomicInteger garbage = new AtomicInteger();
  private volatile boolean enough;

  @BeforeAll
  static void start() throws Exception {
    site = LabSite.open(2, "openssl");
    site.startGateway();
  }

  @AfterAll
  static void end() throws Exception {
    if (site != null) {
      site.close();
    }
  }

  @Test
  void honestTerminalGetsInDuringAFlood() throws Exception {
    LabTerminal hostile = site.terminal(2);
    LabSite.knowMaster(hostile, LabTerminal.WIRE);
    int mark = site.events().mark();
    try (ExecutorService flood = Executors.newFixedThreadPool(2)) {
      Future<?> handshakes = flood.submit(() -> abandonHandshakes(hostile));
      Future<?> noise = flood.submit(() -> sendGarbage(hostile));
      try {
        Await.until(() -> HALF_OPEN / 5 < halfOpen.get() || handshakes.isDone(), () -> "a flood");
        assertGetsIn(() -> !handshakes.isDone() && !noise.isDone());
        Await.until(() -> HALF_OPEN <= halfOpen.get() || handshakes.isDone(), this::figures);
      } finally {
        enough = true;
      }
      handshakes.get(LabSite.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      noise.get(LabSite.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }
    System.out.println(figures() + "; events: " + (site.events().mark() - mark));
    assertTrue(HALF_OPEN <= halfOpen.get(), this::figures);
    site.events().await(mark, "limit-hit", Map.of("terminal", "t2", "cause", "rate"));
    assertTrue(site.events().mark() - mark < EVENTS, () -> "events: " + site.events().mark());
    assertTrue(site.gateway().isAlive());
  }

  private String figures() {
    return halfOpen + " handshakes left half open, " + garbage + " datagrams of garbage";
  }

  private void assertGetsIn(Await.Condition floodLasts) throws Exception {
    int before = halfOpen.get();
    long began = System.nanoTime();
    try (OpensslTerminal client = OpensslTerminal.accepted(site, site.terminal(1))) {
      long millis = (System.nanoTime() - began) / 1_000_000;
      assertTrue(floodLasts.holds(), "the flood had ended");
      System.out.println(
          "honest terminal in after " + millis + " ms, after " + before + " half-open handshakes");
      assertTrue(millis < FEW_SECONDS_MILLIS, "the honest terminal took " + millis + " ms");
      try (TcpListener listener = TcpListener.of(site, site.terminal(1));
          TcpPair connection = listener.connect()) {
        connection.exchange(100_000);
      }
    }
  }

  private Object abandonHandshakes(LabTerminal from) throws Exception {
    for (int i = 0; !enough; i++) {
      HalfOpenHandshake.leave(from, 10_000 + i % 20_000);
      halfOpen.incrementAndGet();
    }
    return halfOpen;
  }

  private Object sendGarbage(LabTerminal from) throws Exception {
    List<DatagramSocket> sources = new ArrayList<>();
    try {
      sources.add(open(from, from.address()));
      for (int i = 0; i < UNLISTED; i++) {
        String unlisted = "10.104.0." + (150 + i);
        LabSite.ip(from.namespace(), "address add " + unlisted + "/32 dev " + LabTerminal.WIRE);
        sources.add(open(from, unlisted));
      }
      Random random = new Random(104);
      while (!enough) {
        for (DatagramSocket source : sources) {
          byte[] datagram = garbage(random);
          source.send(new DatagramPacket(datagram, datagram.length));
          garbage.incrementAndGet();
        }
        Thread.sleep(2); // the machine is to be flooded, not stopped
      }
      return garbage;
    } finally {
      sources.forEach(DatagramSocket::close);
    }
  }

  private static DatagramSocket open(LabTerminal from, String address) throws Exception {
    return Datagrams.open(from.namespace(), address, 0, Lab.MASTER_ADDRESS, Lab.AUTH_PORT);
  }

  /// Noise, a hello without a cookie, one with a made-up cookie, one that is cut off, or one with a
  /// byte changed.
  private static byte[] garbage(Random random) {
    byte[] noise = new byte[random.nextInt(1473)];
    random.nextBytes(noise);
    byte[] hello = HalfOpenHandshake.hello(0, random.nextBoolean() ? new byte[0] : new byte[32]);
    return switch (random.nextInt(4)) {
      case 0 -> noise;
      case 1 -> hello;
      case 2 -> Arrays.copyOf(hello, random.nextInt(hello.length));
      default -> {
        hello[random.nextInt(hello.length)] ^= (byte) (1 << random.nextInt(8));
        yield hello;
      }
    };
  }
}
