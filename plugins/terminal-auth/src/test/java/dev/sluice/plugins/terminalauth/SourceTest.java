package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sluice.plugin.MemoryTables;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// How a version of the bundle sees the session that another has begun.
class SourceTest {
  private static final IpAddress ADDRESS = IpAddress.parse("10.0.0.11");
  private static final int THREADS = 4;

  private final TestDevice field = new TestDevice("field", 0, 0x0200_0000_0002L);
  private final Terminal terminal =
      new Terminal(
          "DTU-1",
          new Terminal.CertificateRule("CN=DTU-1", ""),
          ADDRESS,
          "field",
          0,
          OptionalLong.empty(),
          List.of(IpAddress.parse("10.0.0.1")),
          List.of(2404),
          Terminal.Direction.TERMINAL_LISTENS,
          1);
  private final AdmissionState state;
  private final Source source;

  SourceTest() {
    RecordingSender sender = new RecordingSender();
    sender.devices = List.of(field);
    state = new AdmissionState(new MemoryTables(), sender, new BouncyCastleProvider());
    source = new Source(new Source.Entry(terminal), state);
  }

  /// As another version does.
  private void begin(long id) {
    TerminalRecord record = state.record(state.entry(ADDRESS));
    record.setDigest(terminal.digest());
    record.begin(id, new Binding(field, 0, 0x0200_0000_0001L, ADDRESS), System.nanoTime());
  }

  private static <T> T onAThread(Callable<T> what) throws Exception {
    FutureTask<T> task = new FutureTask<>(what);
    Thread.ofPlatform().daemon().start(task);
    return task.get(20, TimeUnit.SECONDS);
  }

  /// A thread that looks at all sessions may hold it, and have no processor.
  @Test
  void viewIsMadeWhileSomebodyHoldsTheMonitor() throws Exception {
    begin(7);
    synchronized (source) {
      assertNotNull(onAThread(source::session));
    }
  }

  @Test
  void allThreadsHaveTheSameView() throws Exception {
    for (long id = 1; id <= 200; id++) {
      begin(id);
      Set<@Nullable Session> seen = new HashSet<>();
      CountDownLatch begun = new CountDownLatch(THREADS);
      try (ExecutorService executor = Executors.newFixedThreadPool(THREADS)) {
        Callable<@Nullable Session> look =
            () -> {
              begun.countDown();
              begun.await();
              return source.session();
            };
        for (Future<@Nullable Session> each :
            executor.invokeAll(Collections.nCopies(THREADS, look))) {
          seen.add(each.get());
        }
      }
      assertEquals(1, seen.size(), seen::toString);
      Session view = source.session();
      assertNotNull(view);
      assertSame(view, seen.iterator().next());
      assertEquals(id, view.id());
      view.end();
    }
  }

  @Test
  void sessionThatHasEndedHasNoView() {
    begin(7);
    Session seen = source.session();
    assertNotNull(seen);
    seen.end();
    assertNull(source.session());
  }

  @Test
  void sessionOfAnotherEntryHasNoView() {
    begin(7);
    state.record(state.entry(ADDRESS)).setDigest(new byte[32]);
    assertNull(source.session());
  }
}
