package dev.sluice.runtime.bench;

import dev.sluice.kernel.XdpForwarder;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The kernel forwards: by a bridge, with or without rules, or inside the driver.
///
/// It can do so in the generator's own context, as a driver's interrupt would, or in a thread of
/// the first port's NAPI on the forwarder's CPU.
final class KernelForwarder implements Forwarder {
  private static final Path PROC = Path.of("/proc");
  private static final String BRIDGE = "br0";

  private final World world;
  private final int cpu;
  private final List<XdpForwarder> programs = new ArrayList<>();
  private boolean hasBridge;
  private boolean hasRules;

  private KernelForwarder(World world, int cpu) {
    this.world = world;
    this.cpu = cpu;
  }

  /// Starts one.
  ///
  /// @param threaded whether the first port's NAPI has a thread on the forwarder's CPU
  static KernelForwarder start(World world, Cpus cpus, BenchSystem system, boolean threaded)
      throws BenchException {
    KernelForwarder started =
        new KernelForwarder(world, threaded ? cpus.forwarder() : cpus.generator());
    try {
      started.build(system);
      if (threaded) {
        started.giveThread();
      }
      return started;
    } catch (BenchException | RuntimeException e) {
      started.close();
      throw e;
    }
  }

  private void build(BenchSystem system) throws BenchException {
    if (system == BenchSystem.XDP_REDIRECT) {
      redirect(World.FIRST, World.SECOND);
      redirect(World.SECOND, World.FIRST);
      return;
    }
    bridge();
    if (system == BenchSystem.BRIDGE_NFT10) {
      hasRules = true;
      world.feed(NftRules.text(), "nft", "-f", "-");
    }
  }

  private void redirect(String from, String to) throws BenchException {
    programs.add(world.inside("redirecting from " + from, () -> XdpForwarder.redirect(from, to)));
  }

  /// It knows both stations from the start, and waits for nothing.
  private void bridge() throws BenchException {
    hasBridge = true;
    world.run("ip", "link", "add", BRIDGE, "type", "bridge", "stp_state", "0");
    world.run("ip", "link", "set", BRIDGE, "type", "bridge", "mcast_snooping", "0");
    for (String port : List.of(World.FIRST, World.SECOND)) {
      world.run("ip", "link", "set", port, "master", BRIDGE);
    }
    world.run("ip", "link", "set", BRIDGE, "up");
    station(World.GENERATOR_MAC, World.FIRST);
    station(World.SINK_MAC, World.SECOND);
  }

  private void station(String mac, String port) throws BenchException {
    world.run("bridge", "fdb", "replace", mac, "dev", port, "master", "static");
  }

  /// Needs NAPI on the port, which an XDP program has switched on.
  private void giveThread() throws BenchException {
    setThreaded("1");
    for (long thread : napiThreads(PROC, World.FIRST)) {
      world.run("taskset", "-p", "-c", String.valueOf(cpu), String.valueOf(thread));
    }
  }

  /// The setting outlives the NAPI it was made for, and makes the next one ten times too slow.
  private void setThreaded(String value) throws BenchException {
    String file = "/sys/class/net/" + World.FIRST + "/threaded";
    world.run("sh", "-c", "echo " + value + " > " + file);
    String found = world.run("cat", file).strip();
    if (!found.equals(value)) {
      throw new BenchException(file + " is " + found + " although " + value + " was written");
    }
  }

  /// Kernel threads of an interface's NAPI contexts; the kernel names them `napi/IF-ID`.
  static List<Long> napiThreads(Path proc, String interfaceName) throws BenchException {
    List<Long> found = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path folder : folders) {
        if (commandOf(folder).startsWith("napi/" + interfaceName + "-")) {
          found.add(Long.parseLong(folder.getFileName().toString()));
        }
      }
    } catch (IOException e) {
      throw new BenchException("the kernel's threads cannot be listed: " + e, e);
    }
    return found;
  }

  private static String commandOf(Path process) {
    try {
      return Files.readString(process.resolve("comm"));
    } catch (IOException e) {
      return ""; // it has ended meanwhile
    }
  }

  @Override
  public boolean isReady() {
    return true;
  }

  @Override
  public boolean isAlive() {
    return true;
  }

  @Override
  public double cpuSeconds() {
    return OtherLoad.kernelSecondsOf(PROC, cpu);
  }

  @Override
  public String cpuOf() {
    return "cpu" + cpu;
  }

  @Override
  public List<String> lastWords() {
    return List.of();
  }

  @Override
  public void close() {
    try {
      setThreaded("0");
    } catch (BenchException e) {
      tell(e); // it was never set where there is no NAPI
    }
    programs.forEach(XdpForwarder::close);
    programs.clear();
    if (hasRules) {
      quietly("nft", "delete", "table", "bridge", NftRules.TABLE);
    }
    if (hasBridge) {
      quietly("ip", "link", "del", BRIDGE);
    }
  }

  private void quietly(String... words) {
    try {
      world.run(words);
    } catch (BenchException e) {
      tell(e);
    }
  }

  private static void tell(BenchException e) {
    System.err.println("sluice bench: " + e.getMessage());
  }
}
