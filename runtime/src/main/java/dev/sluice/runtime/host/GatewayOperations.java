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
import dev.sluice.runtime.pipeline.TraceRecord;
import dev.sluice.runtime.supervisor.Supervision;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// What an operator may ask of a running gateway.
final class GatewayOperations implements Operations {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final Pipeline pipeline;
  private final Bundles bundles;
  private final BundleOrders orders;
  private final Path state;
  private final Supervision supervision;
  private final long started = System.nanoTime();

  GatewayOperations(Pipeline pipeline, Bundles bundles, Path state, Supervision supervision) {
    this.pipeline = pipeline;
    this.bundles = bundles;
    this.orders = bundles.orders();
    this.state = state;
    this.supervision = supervision;
  }

  @Override
  public List<BundleRow> bundles() throws ControlException, InterruptedException {
    return bundles.rows(ANSWER);
  }

  @Override
  public Answer deploy(Path file, boolean downgrade) throws ControlException, InterruptedException {
    return orders.deploy(file, downgrade);
  }

  @Override
  public Answer undeploy(String name) throws ControlException, InterruptedException {
    return orders.undeploy(name);
  }

  @Override
  public Answer rollback(String name) throws ControlException, InterruptedException {
    return orders.rollback(name);
  }

  @Override
  public Answer release(String name) throws ControlException, InterruptedException {
    return orders.release(name);
  }

  @Override
  public List<GenerationRow> generations() {
    return bundles.switches().stream()
        .map(made ->
            new GenerationRow(
                made.generation(),
                made.at(),
                made.chain(),
                made.cause(),
                made.switchMicros(),
                made.graceMicros()))
        .toList();
  }

  @Override
  public List<TraceRow> trace(int count, TraceFilter filter, Duration patience)
      throws ControlException, InterruptedException {
    try {
      return pipeline.trace(count, filter::matches, patience).stream()
          .map(GatewayOperations::row)
          .toList();
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new ControlException(String.valueOf(e.getMessage()), e);
    }
  }

  private static TraceRow row(TraceRecord traced) {
    List<TraceRow.Step> steps = new ArrayList<>();
    for (TraceRecord.Step step : traced.steps()) {
      String[] words = step.verdict().split(" ", 2);
      steps.add(
          new TraceRow.Step(
              step.bundle(),
              words[0].toUpperCase(java.util.Locale.ROOT),
              words.length > 1 ? words[1] : "",
              step.nanos()));
    }
    boolean leaves = traced.end().startsWith("to ");
    return new TraceRow(
        Instant.ofEpochSecond(0, traced.arrivalNanos()),
        traced.ingress(),
        leaves ? traced.end().substring(3) : "",
        traced.length(),
        traced.flow(),
        steps,
        leaves ? "forwarded" : traced.end());
  }

  @Override
  public PipelineView pipeline() {
    return PipelineViews.of(pipeline.counters(), pipeline.depths(), bundles.stages());
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
        bundles.acceptsUnsigned(),
        bundles.acceptsUnsigned() ? "development: any bundle runs, unsigned ones too" : "signed",
        pipeline.counters().devices().stream().map(GatewayOperations::port).toList(),
        state.toString(),
        supervision.restarts(),
        supervision.lastCause());
  }

  private static StatusView.Port port(PipelineCounters.Port port) {
    return new StatusView.Port(
        port.name(), port.method(), port.link(), port.received(), port.sent());
  }
}
