package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.Verdict;
import dev.sluice.wire.FrameMutator;
import dev.sluice.wire.FuzzRun;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Datagrams to the authentication port that are mutated from those of an honest handshake: from
/// strangers' ports, in the name of a terminal that is in, and in the midst of handshakes.
@Timeout(600)
class DatagramFuzzTest {
  private static final int DATAGRAMS = 20_000;
  private static final int PORTS = 16;
  private static final int HANDSHAKES = 40;
  private static final long MOST_GROWTH_BYTES = 32L << 20;
  private static final String ADDRESS = "10.0.0.11";
  private static final long HARDWARE = 0x02_00_00_00_00_11L;
  private static final String SUBJECT = "CN=DTU-0001,O=Example";

  private final AuthSite site = new AuthSite().list("DTU-0001", SUBJECT, ADDRESS);
  private final TestAuthority.Identity identity = site.authority.terminal(SUBJECT);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Throwable> escaped = new ConcurrentLinkedQueue<>();

  static LongStream seeds() {
    return FuzzRun.seeds();
  }

  @BeforeEach
  void open() {
    Thread.setDefaultUncaughtExceptionHandler((_, thrown) -> escaped.add(thrown));
    site.set("handshakes-per-minute", 6000)
        .set("max-handshakes-per-source", 100)
        .set("handshake-timeout-s", 2)
        .set("keep-alive-misses", 100)
        .start();
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    site.close();
    Thread.setDefaultUncaughtExceptionHandler(null);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void noDatagramHarmsAdmissionOrEndsASession(long seed) throws Exception {
    DtlsTerminal honest = new DtlsTerminal(site, ADDRESS, HARDWARE);
    assertTrue(honest.authenticate(identity).startsWith("SLUICE/1 OK"));
    Session session = site.live(ADDRESS);
    FrameMutator mutator = new FrameMutator(seed, honest.sent());
    int rounds = FuzzRun.frames(DATAGRAMS);
    flood(mutator, rounds / 10, honest);
    long before = usedBytes();
    flood(mutator, rounds, honest);
    assertTrue(honest.ask("PING").startsWith("PONG"), hint(seed));
    spoilHandshakes(seed);
    assertEquals("", escaped.stream().map(Throwable::toString).findFirst().orElse(""), hint(seed));
    assertEquals(List.of(), failures(), hint(seed));
    assertSame(session, site.live(ADDRESS), hint(seed));
    DtlsTerminal again = new DtlsTerminal(site, ADDRESS, HARDWARE);
    assertTrue(again.authenticate(identity).startsWith("SLUICE/1 OK"), hint(seed));
    long grown = usedBytes() - before;
    assertTrue(grown < MOST_GROWTH_BYTES, hint(seed) + ": grown by " + grown + " bytes");
  }

  private void flood(FrameMutator mutator, int datagrams, DtlsTerminal honest) {
    List<DtlsTerminal> sources = new ArrayList<>(List.of(honest));
    for (int i = 0; i < PORTS; i++) {
      sources.add(new DtlsTerminal(site, ADDRESS, HARDWARE, 40_000 + i, 0xc02b));
    }
    for (int i = 0; i < datagrams; i++) {
      byte[] payload = mutator.next();
      if (i % 4 != 0) {
        withRightLength(payload);
      }
      DtlsTerminal source = sources.get(i % sources.size());
      Verdict verdict = source.sendRaw(payload);
      assertTrue(verdict == Verdict.ANSWERED || verdict.reason() != null, verdict::toString);
      if (i % 32 == 0) {
        // Else the queue is full, and the rest is lost before anybody reads it.
        Pause.millis(1);
        sources.stream().skip(1).forEach(this::forget);
      }
    }
  }

  private void forget(DtlsTerminal terminal) {
    site.mailbox(new AuthSite.Endpoint(terminal.address(), terminal.port())).clear();
  }

  /// Handshakes whose datagrams are changed on their way, so that some break late.
  private void spoilHandshakes(long seed) throws Exception {
    List<Callable<String>> handshakes = new ArrayList<>();
    for (int i = 0; i < HANDSHAKES; i++) {
      FrameMutator mutator = new FrameMutator(seed + i, List.of(new byte[] {0}));
      int honestly = i % 6;
      DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE).sends(12);
      terminal.over(datagram ->
          terminal.sent().size() <= honestly
              ? datagram
              : withRightLength(mutator.mutated(datagram)));
      handshakes.add(() -> outcome(terminal));
    }
    // Longer than the gateway's patience; the client would go on for longer.
    for (Future<String> done : threads.invokeAll(handshakes, 3, TimeUnit.SECONDS)) {
      assertTrue(done.isCancelled() || !done.get().isEmpty());
    }
  }

  /// How a handshake has ended, one way or the other.
  private String outcome(DtlsTerminal terminal) {
    try {
      return "in: " + terminal.authenticate(identity);
    } catch (IOException | RuntimeException e) {
      // The client's own library may break over what the gateway answers to its spoilt words.
      return e.toString();
    }
  }

  /// Writes the length of a datagram's one record, without which it goes no further.
  private static byte[] withRightLength(byte[] datagram) {
    if (datagram.length >= Records.HEADER_BYTES) {
      int bytes = datagram.length - Records.HEADER_BYTES;
      datagram[11] = (byte) (bytes >>> 8);
      datagram[12] = (byte) bytes;
    }
    return datagram;
  }

  private List<EventRecord.Event> failures() {
    return site.events.all().stream().filter(event -> event.name().endsWith("-failed")).toList();
  }

  private static String hint(long seed) {
    return FuzzRun.hint(seed, 0);
  }

  private static long usedBytes() {
    var memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }
}
