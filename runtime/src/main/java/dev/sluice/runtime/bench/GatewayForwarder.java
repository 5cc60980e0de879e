package dev.sluice.runtime.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The product itself, started as an operator does: `sluice run`, in folders of its own.
final class GatewayForwarder implements Forwarder {
  private static final Path PROC = Path.of("/proc");
  private static final String PAUSES = "safepoints.log";
  private static final String COLLECTIONS = "collections.log";

  private final Background process;
  private final Path state;
  private final Path pauses;
  private final Path collections;

  private GatewayForwarder(Background process, Path state, Path folder) {
    this.process = process;
    this.state = state;
    this.pauses = folder.resolve(PAUSES);
    this.collections = folder.resolve(COLLECTIONS);
  }

  /// Starts one whose bundles, and their settings, lie in `folder` already.
  ///
  /// @param home where the command `sluice` is
  /// @param folder with `config` and `bundles`
  static GatewayForwarder start(World world, Path home, Path folder) throws BenchException {
    return start(world, home, folder, "");
  }

  /// The same with more options for the gateway's JVM.
  static GatewayForwarder start(World world, Path home, Path folder, String options)
      throws BenchException {
    return start(world, home, folder, options, false);
  }

  /// One with its supervisor, whose process this then is, and with a second process that stands by.
  static GatewayForwarder startSupervised(World world, Path home, Path folder)
      throws BenchException {
    return start(world, home, folder, "", true);
  }

  private static GatewayForwarder start(
      World world, Path home, Path folder, String options, boolean supervised)
      throws BenchException {
    Path state = folder.resolve("state");
    List<String> command =
        List.of(
            home.resolve("sluice").toString(),
            "run",
            "--config",
            folder.resolve("config").toString(),
            "--bundles",
            folder.resolve("bundles").toString(),
            "--state",
            state.toString());
    String given = Objects.requireNonNullElse(System.getenv("SLUICE_JAVA_OPTS"), "");
    // A process that stands by would write over those of the gateway.
    String logs =
        supervised
            ? ""
            : " -Xlog:safepoint:file=%s -Xlog:gc,gc+heap:file=%s:timemillis"
                .formatted(folder.resolve(PAUSES), folder.resolve(COLLECTIONS));
    Map<String, String> environment =
        Map.of(
            "SLUICE_NO_BUILD",
            "1",
            "SLUICE_NO_SUPERVISOR",
            supervised ? "" : "1",
            "SLUICE_JAVA_OPTS",
            given + logs + " " + options);
    Background process = world.start("sluice", command, environment);
    return new GatewayForwarder(process, state, folder);
  }

  /// Its `sluice.cfg`.
  ///
  /// @param required what stands under `required-bundles`
  static String settings(BenchSystem system, Cpus cpus, String required) {
    String backend = system == BenchSystem.SLUICE_PACKET ? "packet" : "xdp";
    boolean pipelined = system == BenchSystem.SLUICE_XDP_PIPELINED;
    String cores = pipelined ? cpus.pipelined(3) : String.valueOf(cpus.forwarder());
    return """
    ports = %s:%s %s:%s
    required-bundles = %s
    work-threads = %d
    affinity = %s
    """
        .formatted(backend, World.FIRST, backend, World.SECOND, required, pipelined ? 1 : 0, cores);
  }

  @Override
  public boolean isReady() {
    return process.hasSaid("sluice: ready");
  }

  @Override
  public boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public double cpuSeconds() {
    return OtherLoad.secondsOf(PROC, process.pid());
  }

  @Override
  public String cpuOf() {
    return "process";
  }

  /// Bytes that its packet threads have allocated so far, -1 if it does not say; up to 200 ms old.
  long allocatedBytes() {
    return JvmFigures.member(counters(), "packetThreadsAllocatedBytes");
  }

  /// Its counters as JSON, up to 200 ms old; empty if it has written none.
  String counters() {
    try {
      return Files.readString(state.resolve("counters.json"));
    } catch (IOException e) {
      return "";
    }
  }

  /// The file of its event log.
  Path events() {
    return state.resolve("events.jsonl");
  }

  /// Lines about pauses that its JVM has written so far; nothing if it writes none.
  Optional<List<String>> pauses() {
    try {
      return Optional.of(Files.readAllLines(pauses));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /// Lines about garbage collections that its JVM has written so far.
  List<String> collections() {
    try {
      return Files.readAllLines(collections);
    } catch (IOException e) {
      return List.of();
    }
  }

  @Override
  public List<String> lastWords() {
    return process.lines();
  }

  /// Its process, which under a supervisor is the shell's.
  long pid() {
    return process.pid();
  }

  /// Its folder for what it keeps.
  Path state() {
    return state;
  }

  /// SIGKILL, and waits for its end.
  void kill() throws BenchException {
    process.kill();
  }

  @Override
  public void close() {
    process.close();
  }
}
