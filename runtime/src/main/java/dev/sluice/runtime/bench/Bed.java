package dev.sluice.runtime.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Where systems are measured one after another: a world, its CPUs, a folder, and how each of the
/// kernel's forwarders does best here.
final class Bed implements AutoCloseable {
  private static final double CALIBRATION_SECONDS = 1;
  private static final int CALIBRATION_BYTES = 124;

  private final World world;
  private final Cpus cpus;
  private final Path home;
  private final Path scratch;
  private final Map<BenchSystem, Boolean> threaded = new EnumMap<>(BenchSystem.class);
  private Optional<RealChain> sessions = Optional.empty();
  private String moreSettings = "";
  private int sessionCount = RealChain.SESSIONS;

  private Bed(World world, Cpus cpus, Path home, Path scratch) {
    this.world = world;
    this.cpus = cpus;
    this.home = home;
    this.scratch = scratch;
  }

  static Bed open() throws BenchException {
    Cpus cpus = Cpus.choose();
    World world = World.open(cpus);
    try {
      Path home = Path.of(System.getProperty("sluice.home", "")).toAbsolutePath();
      Path scratch = Files.createTempDirectory("sluice-bench-");
      world.afterwards(() -> delete(scratch));
      return new Bed(world, cpus, home, scratch);
    } catch (IOException e) {
      world.close();
      throw new BenchException("no folder for a gateway's files can be made: " + e, e);
    }
  }

  /// Finds out for each of the kernel's forwarders where it forwards more.
  void calibrate(List<BenchSystem> systems, Report report) throws BenchException {
    for (BenchSystem system : systems) {
      if (system.kind() == BenchSystem.Kind.KERNEL) {
        double inline = saturated(system, false);
        double thread = saturated(system, true);
        threaded.put(system, inline < thread);
        report.note(
            "%s: %.3f Mpps in the generator's context on CPU %d, %.3f in a NAPI thread on CPU %d;"
                    .formatted(system.label(), inline, cpus.generator(), thread, cpus.forwarder())
                + " measured as the better of both");
      }
    }
  }

  private double saturated(BenchSystem system, boolean thread) throws BenchException {
    threaded.put(system, thread);
    try (Lane lane = Lane.open(this, system, BenchChain.NONE, Lane.Ends.ONE_WAY)) {
      return lane.saturate(CALIBRATION_BYTES, CALIBRATION_SECONDS).deliveredMpps();
    }
  }

  World world() {
    return world;
  }

  Cpus cpus() {
    return cpus;
  }

  /// Where the command `sluice` is.
  Path home() {
    return home;
  }

  /// The folder of a gateway that lets everything pass.
  Path gatewayFolder() throws BenchException {
    Path folder = scratch.resolve("empty");
    GatewayFolder.fillEmpty(home, folder);
    return folder;
  }

  /// A folder for the files of one gateway; not there yet.
  Path folder(String name) {
    return scratch.resolve(name);
  }

  /// Gives gateways more lines of `sluice.cfg` than [GatewayForwarder#settings] has.
  void moreSettings(String lines) {
    moreSettings = lines;
  }

  String moreSettings() {
    return moreSettings;
  }

  /// Has another number of sessions prepared, 1..10000; before they are.
  void sessionCount(int count) {
    sessionCount = count;
  }

  /// The gateway with its sessions, prepared when it is needed first.
  RealChain sessions() throws BenchException {
    if (sessions.isEmpty()) {
      sessions = Optional.of(RealChain.prepare(scratch.resolve("real"), sessionCount));
    }
    return sessions.get();
  }

  /// Whether one of the kernel's forwarders gets a NAPI thread of its own.
  boolean isThreaded(BenchSystem system) {
    return threaded.getOrDefault(system, false);
  }

  @Override
  public void close() {
    world.close();
  }

  /// Removes a folder with all that is in it.
  static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return; // deleted before, by the same hands
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println("sluice bench: " + folder + " cannot be removed: " + e.getMessage());
    }
  }
}
