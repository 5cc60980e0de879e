package dev.sluice.runtime.probe;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.PortChecks;
import dev.sluice.kernel.XdpOptions;
import dev.sluice.kernel.XdpSupport;
import dev.sluice.runtime.pipeline.Backends;
import dev.sluice.runtime.pipeline.DeviceSettings;
import dev.sluice.runtime.pipeline.PipelineSettings;
import dev.sluice.runtime.pipeline.PortChoice;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// Looks at interfaces. A seam for tests lies between it and the kernel.
final class Probe {
  private static final long HUGE_PAGE_BYTES = 2 << 20;

  private final Machine machine;
  private final Kernel kernel;

  /// What a probe asks of the kernel.
  interface Kernel {
    /// That of this machine.
    Kernel REAL =
        new Kernel() {
          @Override
          public void requireFit(String interfaceName) throws KernelException {
            PortChecks.require(interfaceName);
          }

          @Override
          public XdpSupport support(String interfaceName) throws KernelException {
            return XdpSupport.of(interfaceName);
          }
        };

    /// Refuses what cannot be a port.
    void requireFit(String interfaceName) throws KernelException;

    /// Finds out by trying.
    XdpSupport support(String interfaceName) throws KernelException;
  }

  Probe(Machine machine, Kernel kernel) {
    this.machine = machine;
    this.kernel = kernel;
  }

  /// Looks at all of them, as the ports of one gateway.
  ///
  /// @param tryAll whether interfaces are tried that the host uses
  /// @throws KernelException if there is no such interface
  ProbeReport look(List<String> names, boolean tryAll) throws KernelException {
    List<Finding> findings = new ArrayList<>();
    for (String name : names) {
      findings.add(look(name, tryAll));
    }
    List<XdpSupport> known =
        findings.stream().filter(Finding::tried).flatMap(f -> f.support().stream()).toList();
    Iterator<PortChoice> choices = Backends.chooseAmong(known, DeviceSettings.STANDARD).iterator();
    List<Finding> chosen = findings.stream().map(f -> f.tried() ? chosen(f, choices) : f).toList();
    return new ProbeReport(machine, chosen, hugePages(chosen));
  }

  private Finding look(String name, boolean tryAll) throws KernelException {
    String unfit = "";
    try {
      kernel.requireFit(name);
    } catch (KernelException e) {
      if (e.errno() != 0) { // it is not there, or the kernel refuses: no matter of fitness
        throw e;
      }
      unfit = String.valueOf(e.getMessage());
    }
    if (!unfit.isEmpty() && !tryAll) {
      String told = unfit + " Nothing was tried on it; --try does, and may interrupt its traffic.";
      return new Finding(name, told, Optional.empty(), false, Optional.empty());
    }
    Optional<XdpSupport> support = Optional.of(kernel.support(name));
    return new Finding(name, unfit, support, machine.canTry(), Optional.empty());
  }

  private static Finding chosen(Finding finding, Iterator<PortChoice> choices) {
    return new Finding(
        finding.name(), finding.unfit(), finding.support(), true, Optional.of(choices.next()));
  }

  /// What a gateway's pool takes by default, with one WorkThread.
  private static long hugePages(List<Finding> findings) {
    long queues =
        findings.stream().mapToLong(f -> f.choice().map(PortChoice::receiveQueues).orElse(1)).sum();
    long ports = Math.max(2, findings.size());
    long more = Math.max(0, queues - findings.size());
    long xdp =
        findings.stream().flatMap(f -> f.choice().stream()).filter(PortChoice::isXdp).count();
    long other = xdp > 0 ? ports - findings.size() : 0; // taken to be of the same kind
    long deeper = (xdp + other) * (XdpOptions.DEFAULT.ringFrames() - PipelineSettings.RING_FRAMES);
    long frames = PipelineSettings.RING_FRAMES * (2 + 2 * ports + 1 + 1 + more) + 2 * deeper;
    return (frames * FramePool.CHUNK_BYTES + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES;
  }
}
