package dev.sluice.runtime.host;

import dev.sluice.runtime.control.Answer;
import dev.sluice.runtime.control.BundleRow;
import dev.sluice.runtime.control.ControlException;
import dev.sluice.runtime.control.GenerationRow;
import dev.sluice.runtime.control.Operations;
import dev.sluice.runtime.control.PipelineView;
import dev.sluice.runtime.control.StatusView;
import dev.sluice.runtime.control.TraceFilter;
import dev.sluice.runtime.control.TraceRow;
import dev.sluice.runtime.pipeline.Pipeline;
import dev.sluice.runtime.pipeline.PipelineCounters;
import dev.sluice.runtime.supervisor.Supervision;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// What an operator may ask of a running gateway.
final class GatewayOperations implements Operations {
  private final Pipeline pipeline;
  private final Bundles bundles;
  private final Path state;
  private final Supervision supervision;
  private final long started = System.nanoTime();

  GatewayOperations(Pipeline pipeline, Bundles bundles, Path state, Supervision supervision) {
    this.pipeline = pipeline;
    this.bundles = bundles;
    this.state = state;
    this.supervision = supervision;
  }

  @Override
  public List<BundleRow> bundles() {
    return bundles.chain().stream().map(GatewayOperations::row).toList();
  }

  private static BundleRow row(String title) {
    int slash = title.lastIndexOf('/');
    return new BundleRow(
        title.substring(0, slash),
        title.substring(slash + 1),
        "",
        "",
        "",
        -1,
        BundleRow.State.ACTIVE,
        "",
        "",
        List.of(),
        -1,
        "",
        -1,
        -1);
  }

  @Override
  public Answer deploy(Path file, boolean downgrade) throws ControlException {
    throw notAvailable();
  }

  @Override
  public Answer undeploy(String name) throws ControlException {
    throw notAvailable();
  }

  @Override
  public Answer rollback(String name) throws ControlException {
    throw notAvailable();
  }

  @Override
  public Answer release(String name) throws ControlException {
    throw notAvailable();
  }

  @Override
  public List<GenerationRow> generations() throws ControlException {
    throw notAvailable();
  }

  @Override
  public List<TraceRow> trace(int count, TraceFilter filter, Duration patience)
      throws ControlException {
    throw notAvailable();
  }

  private static ControlException notAvailable() {
    return new ControlException("this gateway does not offer that yet");
  }

  @Override
  public PipelineView pipeline() {
    PipelineCounters now = pipeline.counters();
    long dropped = now.dropped().values().stream().mapToLong(Long::longValue).sum();
    long inFlight = now.received() - now.forwarded() - now.answered() - dropped - now.held();
    return new PipelineView(
        List.of(),
        List.of(),
        new PipelineView.Totals(
            now.received(),
            now.forwarded(),
            now.answered(),
            dropped,
            now.held(),
            inFlight,
            now.dropped(),
            inFlight >= 0));
  }

  @Override
  public StatusView status() {
    return new StatusView(
        Objects.requireNonNullElse(
            GatewayOperations.class.getPackage().getImplementationVersion(), "(not packaged)"),
        ProcessHandle.current().pid(),
        (System.nanoTime() - started) / 1_000_000_000,
        pipeline.generation(),
        bundles.chain(),
        bundles.closedBecause(),
        false,
        "",
        pipeline.counters().devices().stream().map(GatewayOperations::port).toList(),
        state.toString(),
        supervision.restarts(),
        supervision.lastCause());
  }

  private static StatusView.Port port(PipelineCounters.Port port) {
    return new StatusView.Port(
        port.name(), port.method(), port.link().toString(), port.received(), port.sent());
  }
}
