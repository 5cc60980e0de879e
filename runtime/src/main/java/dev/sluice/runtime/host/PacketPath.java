package dev.sluice.runtime.host;

import dev.sluice.kernel.FrameDevice;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.XdpOptions;
import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.plugin.FlowHash;
import dev.sluice.plugin.FourTupleXor;
import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.RoundRobin;
import dev.sluice.plugin.TwoTupleXor;
import dev.sluice.runtime.config.Affinity;
import dev.sluice.runtime.config.FramePolicy;
import dev.sluice.runtime.config.GatewaySettings;
import dev.sluice.runtime.config.HashStrategy;
import dev.sluice.runtime.config.IdleStrategy;
import dev.sluice.runtime.config.PortName;
import dev.sluice.runtime.pipeline.Backends;
import dev.sluice.runtime.pipeline.DeviceSettings;
import dev.sluice.runtime.pipeline.Idle;
import dev.sluice.runtime.pipeline.Pipeline;
import dev.sluice.runtime.pipeline.PipelineSettings;
import dev.sluice.runtime.pipeline.Port;
import dev.sluice.runtime.pipeline.PortChoice;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Makes a pipeline from the operator's settings: pool, devices, hash function.
final class PacketPath {
  /// One of each for the whole life of a gateway: a flow must not change its WorkThread because a
  /// bundle was replaced.
  private final Map<HashStrategy, HashFunction> hashes = new EnumMap<>(HashStrategy.class);

  private final EventLog events;
  private final List<String> opened = new ArrayList<>();

  /// @param events hears how each port was opened
  PacketPath(EventLog events) {
    this.events = events;
  }

  /// The function of a strategy, the same object each time.
  HashFunction hash(HashStrategy strategy) {
    return hashes.computeIfAbsent(
        strategy,
        wanted ->
            switch (wanted) {
              case FLOW -> new FlowHash();
              case FOUR_TUPLE_XOR -> new FourTupleXor();
              case TWO_TUPLE_XOR -> new TwoTupleXor();
              case ROUND_ROBIN -> new RoundRobin();
            });
  }

  /// Opens everything; no frame comes in yet.
  ///
  /// @throws KernelException with a sentence for the operator; nothing is left open then
  Pipeline open(GatewaySettings settings) throws KernelException {
    XdpOptions xdp = settings.xdp();
    DeviceSettings rings =
        new DeviceSettings(
            DeviceSettings.packetRings(settings.cut().ringFrames(), xdp.transmit()), xdp);
    List<String> names = settings.ports().stream().map(PortName::toString).toList();
    List<PortChoice> choices = Backends.choose(names, rings);
    PipelineSettings cut = cut(settings, choices);
    FramePool pool = FramePool.create(cut.poolFrames() + cut.dataFrames());
    List<Port> ports = List.of();
    try {
      ports = Port.over(Backends.open(choices, rings, pool, this::tell));
      Backends.checkPairs(ports);
      return new Pipeline(cut, pool, ports, hash(settings.policy().hash()));
    } catch (KernelException e) {
      ports.forEach(port -> port.device().close());
      pool.close();
      throw e;
    }
  }

  private void tell(FrameDevice device, String reason, boolean surprise) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("port", device.name());
    if (!device.method().isEmpty()) {
      fields.put("method", device.method());
    }
    if (!reason.isEmpty()) {
      fields.put("reason", reason);
    }
    events.report(surprise ? Severity.WARNING : Severity.INFO, "port-opened", fields);
    String how =
        Stream.of(device.method(), reason)
            .filter(Predicate.not(String::isEmpty))
            .collect(Collectors.joining("; "));
    opened.add(device.name() + (how.isEmpty() ? "" : " (" + how + ")"));
  }

  /// The ports for the operator, in order: what each was opened by, how it works, and why.
  List<String> opened() {
    return List.copyOf(opened);
  }

  private static PipelineSettings cut(GatewaySettings settings, List<PortChoice> choices) {
    GatewaySettings.Cut cut = settings.cut();
    int queues = choices.stream().mapToInt(PortChoice::receiveQueues).sum();
    Set<PipelineSettings.Passed> passed = EnumSet.noneOf(PipelineSettings.Passed.class);
    if (settings.policy().fragments() == FramePolicy.PASS) {
      passed.add(PipelineSettings.Passed.FRAGMENTS);
    }
    if (settings.policy().malformed() == FramePolicy.PASS) {
      passed.add(PipelineSettings.Passed.MALFORMED);
    }
    return new PipelineSettings(
        cut.workThreads(),
        cut.poolFrames(queues - choices.size(), deeper(settings, choices)),
        cut.dataFrames(),
        cut.recvQueue(),
        cut.sendQueue(),
        cut.batch(),
        idle(cut.idle()),
        affinity(cut.affinity()),
        cut.affinity().cores(),
        passed,
        settings.deploy().handlerBudget());
  }

  private static int deeper(GatewaySettings settings, List<PortChoice> choices) {
    int by = Math.max(0, settings.xdp().ringFrames() - settings.cut().ringFrames());
    return by * (int) choices.stream().filter(PortChoice::isXdp).count();
  }

  private static Idle.Kind idle(IdleStrategy strategy) {
    return switch (strategy) {
      case SPIN -> Idle.Kind.SPIN;
      case YIELD -> Idle.Kind.YIELD;
      case POLL -> Idle.Kind.POLL;
    };
  }

  private static PipelineSettings.Affinity affinity(Affinity affinity) {
    return switch (affinity.kind()) {
      case AUTO -> PipelineSettings.Affinity.AUTO;
      case OFF -> PipelineSettings.Affinity.OFF;
      case LISTED -> PipelineSettings.Affinity.LISTED;
    };
  }
}
