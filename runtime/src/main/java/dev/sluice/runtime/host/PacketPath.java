package dev.sluice.runtime.host;

import dev.sluice.kernel.FrameDevice;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
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
import dev.sluice.runtime.pipeline.Idle;
import dev.sluice.runtime.pipeline.Pipeline;
import dev.sluice.runtime.pipeline.PipelineSettings;
import dev.sluice.runtime.pipeline.Port;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Makes a pipeline from the operator's settings: pool, devices, hash function.
final class PacketPath {
  /// One of each for the whole life of a gateway: a flow must not change its WorkThread because a
  /// bundle was replaced.
  private final Map<HashStrategy, HashFunction> hashes = new EnumMap<>(HashStrategy.class);

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
    PipelineSettings cut = cut(settings);
    FramePool pool = FramePool.create(cut.poolFrames() + cut.dataFrames());
    List<Port> ports = new ArrayList<>();
    try {
      for (PortName name : settings.ports()) {
        ports.add(new Port(ports.size(), open(name, pool)));
      }
      Port.pair(ports);
      Backends.checkPairs(ports);
      return new Pipeline(cut, pool, ports, hash(settings.policy().hash()));
    } catch (KernelException e) {
      ports.forEach(port -> port.device().close());
      pool.close();
      throw e;
    }
  }

  private static FrameDevice open(PortName name, FramePool pool) throws KernelException {
    try {
      return Backends.open(name.toString(), pool);
    } catch (KernelException e) {
      throw new KernelException("ports: " + name + ": " + e.getMessage(), e.errno());
    }
  }

  private static PipelineSettings cut(GatewaySettings settings) {
    GatewaySettings.Cut cut = settings.cut();
    Set<PipelineSettings.Passed> passed = EnumSet.noneOf(PipelineSettings.Passed.class);
    if (settings.policy().fragments() == FramePolicy.PASS) {
      passed.add(PipelineSettings.Passed.FRAGMENTS);
    }
    if (settings.policy().malformed() == FramePolicy.PASS) {
      passed.add(PipelineSettings.Passed.MALFORMED);
    }
    return new PipelineSettings(
        cut.workThreads(),
        cut.poolFrames(),
        cut.dataFrames(),
        cut.recvQueue(),
        cut.sendQueue(),
        cut.batch(),
        idle(cut.idle()),
        affinity(cut.affinity()),
        cut.affinity().cores(),
        passed);
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
