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

  private final Background process;
  private final Path state;
  private final Path pauses;

  private GatewayForwarder(Background process, Path state, Path pauses) {
    this.process = process;
    this.state = state;
    this.pauses = pauses;
  }

  /// Starts one whose bundles, and their settings, lie in `folder` already.
  ///
  /// @param home where the command `sluice` is
  /// @param folder with `config` and `bundles`
  static GatewayForwarder start(World world, Path home, Path folder) throws BenchException {
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
    Path pauses = folder.resolve("safepoints.log");
    String given = Objects.requireNonNullElse(System.getenv("SLUICE_JAVA_OPTS"), "");
    Map<String, String> environment =
        Map.of(
            "SLUICE_NO_BUILD",
            "1",
            "SLUICE_NO_SUPERVISOR",
            "1",
            "SLUICE_JAVA_OPTS",
            given + " -Xlog:safepoint:file=" + pauses);
    Background process = world.start("sluice", command, environment);
    return new GatewayForwarder(process, state, pauses);
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
    try {
      String counters = Files.readString(state.resolve("counters.json"));
      return JvmFigures.member(counters, "packetThreadsAllocatedBytes");
    } catch (IOException e) {
      return -1;
    }
  }

  /// Lines about pauses that its JVM has written so far; nothing if it writes none.
  Optional<List<String>> pauses() {
    try {
      return Optional.of(Files.readAllLines(pauses));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public List<String> lastWords() {
    return process.lines();
  }

  @Override
  public void close() {
    process.close();
  }
}
