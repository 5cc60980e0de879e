package dev.sluice.runtime.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// DPDK's testpmd, which forwards every frame without looking at it (`--forward-mode=io`), on one
/// core, by AF_XDP or AF_PACKET. It needs no reserved huge pages here.
final class TestpmdForwarder implements Forwarder {
  static final String PROGRAM = "dpdk-testpmd";

  private static final String MEMORY_MIB = "512";

  private final Background process;

  private TestpmdForwarder(Background process) {
    this.process = process;
  }

  static TestpmdForwarder start(World world, Cpus cpus, BenchSystem system) throws BenchException {
    return new TestpmdForwarder(
        world.start(system.label(), command(world, cpus, system), Map.of()));
  }

  /// Its standard input must stay open, since it ends with it.
  static List<String> command(World world, Cpus cpus, BenchSystem system) {
    String driver = system == BenchSystem.TESTPMD_XDP ? "net_af_xdp" : "net_af_packet";
    List<String> command = new ArrayList<>(List.of(PROGRAM));
    command.addAll(List.of("-l", cpus.generator() + "," + cpus.forwarder()));
    command.addAll(List.of("--main-lcore", String.valueOf(cpus.generator())));
    command.addAll(List.of("--no-pci", "--no-huge", "-m", MEMORY_MIB, "--no-telemetry"));
    command.addAll(List.of("--file-prefix", world.name()));
    command.addAll(List.of("--vdev", driver + "0,iface=" + World.FIRST));
    command.addAll(List.of("--vdev", driver + "1,iface=" + World.SECOND));
    command.addAll(List.of("--", "--forward-mode=io", "--auto-start", "--nb-cores=1"));
    command.addAll(List.of("--no-flush-rx", "--total-num-mbufs=16384"));
    return command;
  }

  /// It keeps its last words in a buffer when nobody sits at a terminal.
  @Override
  public boolean isReady() {
    return process.hasSaid("Checking link statuses");
  }

  @Override
  public boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public double cpuSeconds() {
    return OtherLoad.secondsOf(Path.of("/proc"), process.pid());
  }

  @Override
  public String cpuOf() {
    return "process";
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
