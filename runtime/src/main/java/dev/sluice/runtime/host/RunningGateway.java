package dev.sluice.runtime.host;

import dev.sluice.kernel.KernelException;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.plugin.SettingsException;
import dev.sluice.runtime.config.GatewaySettings;
import dev.sluice.runtime.control.Operations;
import dev.sluice.runtime.events.Counters;
import dev.sluice.runtime.events.CountersFile;
import dev.sluice.runtime.events.EventWriter;
import dev.sluice.runtime.pipeline.Pipeline;
import dev.sluice.runtime.pipeline.PipelineCounters;
import dev.sluice.runtime.pipeline.WarmUp;
import dev.sluice.runtime.supervisor.Culprit;
import dev.sluice.runtime.supervisor.Supervision;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;

/// A whole gateway in operation: pipeline, framework, bundles, event log, counters.
final class RunningGateway implements AutoCloseable {
  private static final long START_PATIENCE_MS = 60_000;

  /// How long ports wait for the end of the warm-up when all else is ready. It then ends beside the
  /// first packets: a machine that has had no time for it so far has other things to do.
  private static final long WARM_UP_PATIENCE_MS = 50;

  /// What the ports were opened by, in pairs.
  private final List<String> opened;

  private final Pipeline pipeline;
  private final Bundles bundles;
  private final EventWriter events;
  private final PortWatch ports;
  private final Host host;
  private final Start by;

  /// What is open, the last opened first.
  private final Deque<AutoCloseable> open;

  private volatile boolean closed;

  private RunningGateway(
      List<String> opened,
      Pipeline pipeline,
      Bundles bundles,
      EventWriter events,
      Host host,
      Start by,
      Deque<AutoCloseable> open) {
    this.opened = opened;
    this.pipeline = pipeline;
    this.bundles = bundles;
    this.events = events;
    this.ports = new PortWatch(events);
    this.host = host;
    this.by = by;
    this.open = open;
  }

  /// Where to start from.
  ///
  /// @param state in place of the settings' own, or null
  record Place(Path config, Path bundles, @Nullable Path state) {}

  /// What a start goes by.
  ///
  /// @param supervision who starts this process again if it dies
  private record Start(Place place, GatewaySettings settings, Supervision supervision) {
    Path state() {
      return settings.files().state();
    }
  }

  /// Starts a gateway; when this returns its ports receive.
  ///
  /// @param supervision who starts this process again if it dies
  /// @throws SettingsException before anything is opened
  /// @throws HostException with nothing left open
  static RunningGateway start(Place place, Supervision supervision, PrintStream terminal)
      throws SettingsException, HostException, InterruptedException {
    GatewaySettings read = GatewaySettings.read(place.config());
    Path state = place.state();
    GatewaySettings settings = state == null ? read : read.withState(state);
    if (!Files.isDirectory(place.bundles())) {
      throw new HostException(
          place.bundles() + ": no such folder: give that of the bundles with --bundles DIR");
    }
    refuseUnwritable(place, settings, "event-log", settings.files().eventLog());
    refuseUnwritable(place, settings, "counters-file", settings.files().counters());
    Deque<AutoCloseable> open = new ArrayDeque<>();
    try {
      return start(new Start(place, settings, supervision), terminal, open);
    } catch (KernelException e) {
      closeAll(open, terminal);
      throw new HostException(settingsFile(place) + ": " + e.getMessage(), e);
    } catch (HostException | InterruptedException | RuntimeException e) {
      closeAll(open, terminal);
      throw e;
    }
  }

  private static Path settingsFile(Place place) {
    return place.config().resolve(GatewaySettings.FILE_NAME);
  }

  /// A gateway whose security events go nowhere must not start as if nothing were wrong.
  private static void refuseUnwritable(Place place, GatewaySettings settings, String key, Path file)
      throws SettingsException {
    Path folder = file.toAbsolutePath().getParent();
    String allowed = "a file in a folder that this user may write, or make";
    if (folder != null) {
      try {
        if (folder.equals(settings.files().state().toAbsolutePath())) {
          PrivateFolder.makeState(folder);
        }
        Files.createDirectories(folder);
        if (!Files.isDirectory(file)
            && Files.isWritable(folder)
            && (!Files.exists(file) || Files.isWritable(file))) {
          return;
        }
      } catch (IOException e) {
        allowed += "; " + folder + " cannot be made: " + e;
      }
    }
    throw new SettingsException(
        settingsFile(place) + ": " + key + " = " + file + ": allowed: " + allowed);
  }

  private static RunningGateway start(Start by, PrintStream terminal, Deque<AutoCloseable> open)
      throws HostException, KernelException, InterruptedException {
    Place place = by.place();
    GatewaySettings settings = by.settings();
    Path state = by.state();
    open.push(StateLock.take(state));
    EventWriter events = EventWriter.start(settings.files().eventLog(), terminal);
    open.push(events);
    // Closed after the pipeline is: its last reading is of a path in which nothing moves any more.
    LaterCloseable counters = new LaterCloseable();
    open.push(counters);
    Distribution distribution = Distribution.find();
    FutureTask<Host> boot =
        new FutureTask<>(() -> Host.boot(distribution, place.config(), state, events));
    // The framework starts while the pool is mapped and the ports are opened.
    Thread.ofPlatform().name("framework").daemon().start(boot);
    CountDownLatch warm = warmUp(events);
    PacketPath path = new PacketPath(events);
    Pipeline pipeline;
    try {
      pipeline = path.open(settings);
    } catch (KernelException e) {
      open.push(booted(boot));
      throw e;
    }
    open.push(pipeline);
    Host host = booted(boot);
    // Stopped before the pipeline is: bundles still see ports while they say good-bye.
    open.push(host);
    host.offer(pipeline);
    Bundles bundles =
        new Bundles(
            host,
            new Bundles.Folders(place.bundles(), place.config(), state),
            Bundles.Limits.standard(),
            settings,
            new ChainSwitch(pipeline, path::hash, events),
            events,
            outcome -> {});
    open.push(bundles);
    bundles.start();
    warm.await(WARM_UP_PATIENCE_MS, TimeUnit.MILLISECONDS);
    pipeline.start();
    // First of all at the end: what is in flight leaves while every handler is still there.
    open.push(pipeline::stopReceiving);
    RunningGateway gateway =
        new RunningGateway(path.opened(), pipeline, bundles, events, host, by, open);
    Operations operations = new GatewayOperations(pipeline, bundles, state, by.supervision());
    open.push(ControlPort.open(settings.files().controlSocket(), operations, events));
    counters.is(CountersFile.start(settings.files().counters(), gateway::counters, events));
    return gateway;
  }

  /// Has the packet path compiled while the framework starts, which mostly takes longer: the first
  /// packets would be lost to the interpreter.
  ///
  /// @return open when most of it is done; the rest goes on beside
  private static CountDownLatch warmUp(EventWriter events) {
    return WarmUp.begin(failure ->
        events.report(
            Severity.WARNING,
            "no-warm-up",
            Map.of(
                "cause",
                String.valueOf(failure.getMessage()),
                "effect",
                "the first packets are handled more slowly")));
  }

  /// A place in the order of closing for what cannot be made yet.
  private static final class LaterCloseable implements AutoCloseable {
    private @Nullable AutoCloseable made;

    void is(AutoCloseable closeable) {
      made = closeable;
    }

    @Override
    public void close() throws Exception {
      if (made != null) {
        made.close();
      }
    }
  }

  private static Host booted(FutureTask<Host> boot) throws HostException, InterruptedException {
    try {
      return boot.get(START_PATIENCE_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof HostException refused) {
        throw refused;
      }
      throw new HostException("the bundle framework does not start: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new HostException("the bundle framework did not start within a minute", e);
    }
  }

  /// One line for the operator: ports, chain, generation.
  String description() {
    List<String> pairs = new ArrayList<>();
    for (int at = 0; at < opened.size(); at += 2) {
      pairs.add(opened.get(at) + " <-> " + opened.get(at + 1));
    }
    return "ports "
        + String.join(", ", pairs)
        + "; chain "
        + (bundles.chain().isEmpty() ? "(empty)" : String.join(" ", bundles.chain()))
        + "; generation "
        + pipeline.generation();
  }

  /// The framework's own context.
  BundleContext context() {
    return host.context();
  }

  /// Why nothing passes now, or an empty text if packets may pass.
  String closedBecause() {
    return bundles.closedBecause();
  }

  /// Looks after the running gateway; to be called several times a second.
  ///
  /// @return whether there is nothing left to do: replayed files have ended, or a thread of the
  ///   packet path has
  boolean lookAfter() {
    ports.look(pipeline.counters());
    Throwable failure = pipeline.failure();
    if (failure != null) {
      events.report(
          Severity.ALARM,
          "pipeline-failed",
          Map.of("cause", failure.toString(), "effect", "the gateway stops, and nothing passes"));
      return true;
    }
    return pipeline.ended();
  }

  /// Tells that this is not the first life of the gateway, and how long nothing passed.
  void tellRestarted() {
    Supervision supervision = by.supervision();
    if (supervision.isRestart()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("cause", supervision.lastCause());
      fields.put("restarts", supervision.restarts());
      fields.put("downMillis", System.currentTimeMillis() - supervision.endedMillis());
      events.report(Severity.ALARM, "gateway-restarted", fields);
    }
  }

  /// Tells that a bundle ends the process, and leaves it to the next start which one.
  void tellExit(ExitCaller caller) {
    Optional<Culprit> culprit = caller.culprit(host.context());
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("by", caller.method());
    culprit.ifPresent(found -> {
      fields.put("bundle", found.bundle());
      fields.put("sha256", found.sha256());
    });
    fields.put("effect", "the gateway stops, and nothing passes");
    events.report(Severity.ALARM, "exit-called", fields);
    try {
      if (culprit.isPresent()) {
        culprit.get().write(by.state());
      }
    } catch (IOException e) {
      events.report(Severity.WARNING, "culprit-not-written", Map.of("cause", e.toString()));
    }
  }

  /// Whether the packet path is whole.
  boolean isSound() {
    return pipeline.failure() == null;
  }

  private Counters counters() {
    PipelineCounters now = pipeline.counters();
    return new Counters(
        now.received(),
        now.forwarded(),
        now.answered(),
        now.held(),
        now.dataSent(),
        now.dropped(),
        now.allocatedBytes(),
        now.generation(),
        bundles.chain(),
        now.devices().stream().map(RunningGateway::device).toList());
  }

  private static Map<String, Object> device(PipelineCounters.Port port) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("name", port.name());
    members.put("link", port.link());
    members.put("received", port.received());
    members.put("kernelDropped", port.kernelDropped());
    members.put("tooLong", port.tooLong());
    members.put("sent", port.sent());
    members.put("sendFailed", port.sendFailed());
    members.put("method", port.method());
    members.put("statistics", port.statistics());
    return members;
  }

  /// Stops in the reverse order of starting. Idempotent.
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    closeAll(open, System.err);
  }

  private static void closeAll(Deque<AutoCloseable> open, PrintStream terminal) {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        // The others must be closed all the same.
        terminal.println("sluice: while stopping: " + e);
      }
    }
  }
}
