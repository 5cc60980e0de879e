package dev.sluice.runtime.bench;

import dev.sluice.kernel.FramePattern;
import dev.sluice.kernel.VersionSink;
import dev.sluice.kernel.XdpForwarder;
import dev.sluice.runtime.bench.swap.BundleForge;
import dev.sluice.runtime.pki.PkiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;

/// A gateway that is killed and started again, in a world of its own, with traffic that never ends.
final class KillLane implements AutoCloseable {
  private static final String FILE = "marking.jar";
  private static final double ENDLESS_SECONDS = 1e6;

  /// How the next life begins.
  enum Start {
    /// A fresh process, with no supervisor.
    COLD,

    /// A process that stood by, under the supervisor.
    STANDBY
  }

  private final Bed bed;
  private final Path folder;
  private final BundleForge forge;
  private final VersionSink sink;
  private final Deque<Runnable> endings = new ArrayDeque<>(); // of what was opened last first
  private final Victim gateway;

  private KillLane(Bed bed, BenchSystem system, Path folder, Start start, int versions)
      throws BenchException, IOException, PkiException {
    this.bed = bed;
    this.folder = folder;
    this.forge = BundleForge.open(folder.resolve("workshop"));
    Files.createDirectories(folder.resolve("bundles"));
    place(1);
    String ports = GatewayForwarder.settings(system, bed.cpus(), BundleForge.symbolicName());
    GatewayFolder.configure(folder, ports + forge.settings());
    try {
      pass(World.GENERATOR);
      if (system.receivesBehindXdp()) {
        pass(World.FIRST);
        pass(World.SECOND);
      }
      FramePattern pattern = UdpFrames.versioned(UdpFrames.LEAST);
      this.sink =
          bed.world()
              .inside(
                  "putting a program on " + World.SINK,
                  () -> VersionSink.open(World.SINK, pattern, UdpFrames.FORBIDDEN_FLOW, versions));
      endings.push(sink::close);
      this.gateway =
          start == Start.COLD
              ? new ColdVictim(bed.world(), bed.home(), folder)
              : new SupervisedVictim(bed.world(), bed.home(), folder);
      endings.push(gateway::close);
    } catch (BenchException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /// Starts a gateway with version 1 in its folder; it may not be ready yet.
  static KillLane open(Bed bed, BenchSystem system, Path folder, Start start, int versions)
      throws BenchException {
    try {
      return new KillLane(bed, system, folder, start, versions);
    } catch (IOException | PkiException e) {
      throw new BenchException("a gateway's bundles cannot be made: " + e.getMessage(), e);
    }
  }

  /// A virtual wire takes redirected frames only if XDP is switched on at its other end.
  private void pass(String end) throws BenchException {
    XdpForwarder program =
        bed.world().inside("putting a program on " + end, () -> XdpForwarder.pass(end));
    endings.push(program::close);
  }

  /// Has frames sent until this is closed.
  void send(double mpps) {
    int cpu = bed.cpus().generator();
    FramePattern pattern = UdpFrames.versioned(UdpFrames.LEAST);
    Traffic traffic = Traffic.paced(bed.world(), cpu, pattern, mpps, ENDLESS_SECONDS);
    endings.push(traffic::close);
  }

  /// Moves a version over the one that is there.
  void place(int version) throws BenchException {
    try {
      Files.move(
          forge.good(version),
          folder.resolve("bundles").resolve(FILE),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new BenchException("version " + version + " cannot be put in its place: " + e, e);
    }
  }

  /// What is killed.
  Victim gateway() {
    return gateway;
  }

  VersionSink sink() {
    return sink;
  }

  @Override
  public void close() {
    while (!endings.isEmpty()) {
      endings.pop().run();
    }
  }
}
