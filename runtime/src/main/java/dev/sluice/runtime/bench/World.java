package dev.sluice.runtime.bench;

import dev.sluice.kernel.Ethtool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.NetworkNamespace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A network namespace with two wires, in which everything is measured:
///
/// ```
/// gen0 ==== gw0  [forwarder]  gw1 ==== snk0
/// ```
///
/// It is gone after [#close], also when this process is ended by a signal, and with it whatever was
/// started in it.
final class World implements AutoCloseable {
  static final String GENERATOR = "gen0";
  static final String FIRST = "gw0";
  static final String SECOND = "gw1";
  static final String SINK = "snk0";

  static final String GENERATOR_MAC = "02:00:00:00:01:00";
  static final String SINK_MAC = "02:00:00:00:02:00";

  private static final List<String> ENDS = List.of(GENERATOR, FIRST, SECOND, SINK);
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String name =
      "sluice-bench-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
  private final Thread cleaner = Thread.ofPlatform().unstarted(this::remove);
  private final Set<Background> programs = ConcurrentHashMap.newKeySet();

  private volatile Runnable afterwards = () -> {};

  /// Guarded by this: what is started when all has been ended would stay for ever.
  private boolean over;

  private final OwnCpus cpus;

  private World(OwnCpus cpus) {
    this.cpus = cpus;
  }

  /// Makes one, and keeps this process off the forwarder's CPU until it is closed.
  ///
  /// @throws BenchException if this user may not, or a program is missing
  static World open(Cpus cpus) throws BenchException {
    if (!ExternalProgram.isInstalled("ip")) {
      throw new BenchException("ip is not installed (Debian: apt-get install iproute2)");
    }
    World world = new World(OwnCpus.without(cpus.forwarder()));
    Runtime.getRuntime().addShutdownHook(world.cleaner);
    try {
      world.build();
      return world;
    } catch (BenchException e) {
      world.close();
      throw new BenchException(
          "a network namespace to measure in cannot be made, which needs root: " + e.getMessage(),
          e);
    }
  }

  private void build() throws BenchException {
    ExternalProgram.run(List.of("ip", "netns", "add", name), "");
    run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1");
    run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
    run("ip", "link", "set", "lo", "up");
    wire(GENERATOR, GENERATOR_MAC, FIRST, "02:00:00:00:01:01");
    wire(SINK, SINK_MAC, SECOND, "02:00:00:00:02:01");
    for (String end : ENDS) {
      inside("switching offloads off at " + end, () -> Ethtool.disableTransmitOffloads(end).size());
      run("ip", "link", "set", end, "up", "promisc", "on");
    }
  }

  /// One queue each, so that one NAPI context receives whatever the generator sends.
  private void wire(String one, String oneMac, String other, String otherMac)
      throws BenchException {
    List<String> words = new ArrayList<>(List.of("ip", "link", "add", one));
    words.addAll(List.of("numtxqueues", "1", "numrxqueues", "1", "address", oneMac));
    words.addAll(List.of("type", "veth", "peer", "name", other));
    words.addAll(List.of("numtxqueues", "1", "numrxqueues", "1", "address", otherMac));
    run(words.toArray(String[]::new));
  }

  /// Has something done when all programs inside have ended, whatever ends them.
  void afterwards(Runnable task) {
    afterwards = task;
  }

  /// Lets this process run on the forwarder's CPU too, from now on: where nothing is measured that
  /// it could disturb, or all that runs is its own.
  void giveBackCpus() {
    cpus.close();
  }

  /// The namespace's name, for ip-netns(8).
  String name() {
    return name;
  }

  /// Runs a program inside to its end and gives back what it printed.
  String run(String... words) throws BenchException {
    return feed("", words);
  }

  /// Runs a program inside to its end with something on its standard input.
  String feed(String input, String... words) throws BenchException {
    return ExternalProgram.run(inNamespace(Arrays.asList(words)), input);
  }

  /// Starts a program inside, which [#close] ends if nobody did before.
  ///
  /// @throws BenchException if it cannot be started, or this world is closed
  synchronized Background start(
      String program, List<String> command, Map<String, String> environment) throws BenchException {
    if (over) {
      throw new BenchException(program + " is not started: the benchmark is being ended");
    }
    Background started = Background.start(program, inNamespace(command), environment, cpus);
    programs.add(started);
    return started;
  }

  /// ip(8) becomes the program, so that signals reach it.
  private List<String> inNamespace(List<String> words) {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", name));
    command.addAll(words);
    return command;
  }

  /// Runs something inside, on a thread of its own.
  ///
  /// @param what it does, for the message
  <T> T inside(String what, Callable<T> task) throws BenchException {
    try {
      return NetworkNamespace.call(name, task);
    } catch (KernelException e) {
      throw new BenchException(what + ": " + e.getMessage(), e);
    } catch (BenchException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException(what + ": interrupted", e);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) { // the call passes on whatever its task throws
      throw new BenchException(what + ": " + e, e);
    }
  }

  @Override
  public void close() {
    remove();
    cpus.close();
    try {
      Runtime.getRuntime().removeShutdownHook(cleaner);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook runs, or has run, and finds nothing left to do.
      return;
    }
  }

  private synchronized void remove() {
    over = true;
    programs.forEach(Background::close);
    programs.clear();
    afterwards.run();
    try {
      // Each line is a name, followed by its id if it has one.
      String namespaces = ExternalProgram.run(List.of("ip", "netns", "list"), "");
      if (namespaces.lines().anyMatch(line -> line.split(" ", 2)[0].equals(name))) {
        ExternalProgram.run(List.of("ip", "netns", "del", name), "");
      }
    } catch (BenchException e) {
      System.err.println("sluice bench: the namespace cannot be removed: " + e.getMessage());
    }
  }
}
