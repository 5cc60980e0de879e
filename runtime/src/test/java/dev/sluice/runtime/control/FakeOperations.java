package dev.sluice.runtime.control;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// A gateway that only remembers what it was asked, with one row of everything.
class FakeOperations implements Operations {
  static final String SHA256 = "0123456789abcdef".repeat(4);

  final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  final CountDownLatch interrupted = new CountDownLatch(1);

  @Override
  public List<BundleRow> bundles() {
    asked.add("bundles");
    return List.of(
        new BundleRow(
            "dev.sluice.plugins.terminal-auth",
            "1.0.0",
            SHA256,
            "terminal-auth.jar",
            "ACCESS",
            10,
            BundleRow.State.ACTIVE,
            "",
            "CN=\u001b[31mPlant",
            List.of("events", "send"),
            3,
            "0.9.0",
            3725,
            1),
        new BundleRow(
            "bad",
            "2.0.0",
            SHA256,
            "bad.jar",
            "FILTER",
            0,
            BundleRow.State.QUARANTINED,
            "it threw 100 times",
            "",
            List.of(),
            -1,
            "",
            -1,
            0));
  }

  @Override
  public Answer deploy(Path file, boolean downgrade) throws ControlException {
    asked.add("deploy " + file + " " + downgrade);
    if (file.endsWith("refused.jar")) {
      return new Answer(Answer.Outcome.REFUSED, "it has no manifest", 3, 12);
    }
    if (file.endsWith("impossible.jar")) {
      throw new ControlException("the folder is full");
    }
    if (file.endsWith("fault.jar")) {
      throw new IllegalStateException("a fault");
    }
    return new Answer(Answer.Outcome.ACTIVE, "x/1.0.0 is active", 4, 12);
  }

  @Override
  public Answer undeploy(String name) {
    asked.add("undeploy " + name);
    return new Answer(Answer.Outcome.REMOVED, name + " has left the chain", 5, 7);
  }

  @Override
  public Answer rollback(String name) {
    asked.add("rollback " + name);
    return new Answer(Answer.Outcome.ROLLED_BACK, name + " is the one before", 6, 7);
  }

  @Override
  public Answer release(String name) {
    asked.add("release " + name);
    return new Answer(Answer.Outcome.TIMEOUT, name + " is not decided", 6, 5000);
  }

  @Override
  public List<GenerationRow> generations() {
    asked.add("generations");
    return List.of(
        new GenerationRow(
            2, Instant.parse("2026-01-02T03:04:05Z"), List.of("a/1", "b/2"), "b/2 came", 12, 345),
        new GenerationRow(1, Instant.EPOCH, List.of(), "start", 9, -1));
  }

  @Override
  public PipelineView pipeline() {
    asked.add("pipeline");
    return new PipelineView(
        List.of(
            new PipelineView.Role("ReadThread", 1000, -1, -1, -1),
            new PipelineView.Role("RecvQueue 0", 1000, 3, 4096, 77)),
        List.of(
            new PipelineView.Step(
                "dev.sluice.plugins.terminal-auth/1.0.0",
                "ACCESS",
                1_000_000_000L,
                999_999_000L,
                10,
                0,
                990,
                0,
                0,
                Map.of("no-session", 980L, "bad-checksum", 10L),
                120,
                900,
                15_000)),
        new PipelineView.Totals(
            1_000_000_000L, 999_999_000L, 10, 990, 0, 0, Map.of("no-session", 990L), true));
  }

  /// Waits as long as it may if the filter is `vlan 1`.
  @Override
  public List<TraceRow> trace(int count, TraceFilter filter, Duration patience)
      throws InterruptedException {
    asked.add("trace " + count + " [" + filter + "] " + patience);
    if (filter.toString().equals("vlan 1")) {
      try {
        Thread.sleep(patience);
      } catch (InterruptedException e) {
        interrupted.countDown();
        throw e;
      }
    }
    return List.of(
        new TraceRow(
            Instant.parse("2026-01-02T03:04:05.123456Z"),
            "xdp:eth1",
            "xdp:eth2",
            60,
            "tcp 10.0.0.1:1 > 10.0.0.2:2404 S",
            List.of(
                new TraceRow.Step("a/1.0.0", "PASS", "", 850),
                new TraceRow.Step("b/1.0.0", "DROP", "no-session", 90)),
            "dropped: no-session"));
  }

  @Override
  public StatusView status() {
    asked.add("status");
    return new StatusView(
        "1.0.0",
        4711,
        90_061,
        4,
        List.of("a/1.0.0"),
        "a required bundle is missing",
        true,
        "any signature",
        List.of(new StatusView.Port("xdp:eth1", "native XDP", "UP", 5, 6)),
        "/var/lib/sluice",
        2,
        "signal 9 (SIGKILL)");
  }
}
