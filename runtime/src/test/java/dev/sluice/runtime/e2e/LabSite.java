package dev.sluice.runtime.e2e;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.sluice.kernel.NetworkNamespace;
import dev.sluice.kernel.XdpSupport;
import dev.sluice.runtime.lab.Lab;
import dev.sluice.runtime.lab.LabBackend;
import dev.sluice.runtime.lab.LabException;
import dev.sluice.runtime.lab.LabTerminal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// A lab of one test class, with a gateway process that is started by the lab's own command. It
/// goes away with the test class, or with this JVM.
final class LabSite implements AutoCloseable {
  /// How long anything may take that takes milliseconds on an idle machine.
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /// The kernel reckons the age of a process in steps of 10 ms.
  private static final long CLOCK_STEPS_MILLIS = 20;

  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final String MAIN = "dev.sluice.runtime.command.Main";
  private static final Path BUNDLE =
      Path.of("..", "plugins", "terminal-auth", "target", "terminal-auth-1.0.0.jar");

  private final Lab lab;
  private final Path home;
  private final Thread atExit = new Thread(this::removeQuietly, "remove lab");
  private Optional<Spawned> gateway = Optional.empty();

  private LabSite(Lab lab, Path home) {
    this.lab = lab;
    this.home = home;
  }

  /// Makes a lab; the gateway does not run yet. Skips the caller, and says so, where there can be
  /// none.
  ///
  /// @param programs that the test runs, besides ip(8)
  static LabSite open(int terminals, String... programs) throws Exception {
    return open(LabBackend.BEST, terminals, programs);
  }

  /// The same with a gateway whose ports are opened by this back-end. Skips the caller where it is
  /// AF_XDP and this user, or this kernel, cannot have that.
  static LabSite open(LabBackend backend, int terminals, String... programs) throws Exception {
    require(programs);
    if (backend == LabBackend.XDP) {
      requireXdp();
    }
    Path home = Files.createTempDirectory("sluice-e2e");
    String name = "e2e-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    LabSite site = new LabSite(new Lab(name, home.resolve("lab"), terminals, false, backend), home);
    Runtime.getRuntime().addShutdownHook(site.atExit);
    try {
      site.up();
      return site;
    } catch (Exception e) {
      site.close();
      throw e;
    }
  }

  private static void require(String... programs) throws IOException, InterruptedException {
    List<List<String>> trials = new ArrayList<>();
    String probe = "e2e-" + ProcessHandle.current().pid() + "-probe";
    trials.add(List.of("ip", "netns", "add", probe));
    trials.add(List.of("ip", "netns", "delete", probe));
    for (String program : programs) {
      trials.add(List.of(program, program.equals("openssl") ? "version" : "--version"));
    }
    for (List<String> trial : trials) {
      try (Spawned run = Spawned.of(trial)) {
        if (run.awaitEnd(PATIENCE) != 0) {
          skip(String.join(" ", run.lines()));
        }
      } catch (IOException e) {
        skip(String.valueOf(e.getMessage()));
      }
    }
    // user_namespaces(7): root of such a namespace may not set groups, on which tcpdump insists.
    if (List.of(programs).contains("tcpdump")
        && Files.readString(Path.of("/proc/self/setgroups")).startsWith("deny")) {
      skip("tcpdump captures nothing in a user namespace");
    }
  }

  private static void mustRun(String... words) throws IOException, InterruptedException {
    try (Spawned run = Spawned.of(List.of(words))) {
      if (run.awaitEnd(PATIENCE) != 0) {
        throw new IOException(List.of(words) + ": " + run.lines());
      }
    }
  }

  /// Tries it on a wire of its own.
  private static void requireXdp() throws Exception {
    String probe = "e2e-" + ProcessHandle.current().pid() + "-xdp";
    mustRun("ip", "netns", "add", probe);
    try {
      ip(probe, "link add w0 up type veth peer name w1");
      XdpSupport support = NetworkNamespace.call(probe, () -> XdpSupport.of("w0"));
      if (!support.nativeXdp()) {
        skip("no AF_XDP: " + support.refusals());
      }
    } finally {
      mustRun("ip", "netns", "delete", probe);
    }
  }

  private static void skip(String lack) {
    System.out.println("SKIPPED: an end-to-end test cannot run here: " + lack);
    abort(lack);
  }

  /// The bundle is that of this build, not one that lies in the distribution from an older one.
  private void up() throws IOException, LabException {
    Path plugins = Files.createDirectories(home.resolve("runtime/target/dist/plugins"));
    Files.copy(BUNDLE, plugins.resolve("terminal-auth.jar"));
    String before = System.getProperty("sluice.home", "");
    System.setProperty("sluice.home", home.toString());
    try {
      lab.up();
    } finally {
      System.setProperty("sluice.home", before);
    }
  }

  Lab lab() {
    return lab;
  }

  /// A terminal, counted from 1.
  LabTerminal terminal(int number) {
    return lab.terminals().get(number - 1);
  }

  EventLines events() {
    return new EventLines(lab.events());
  }

  /// The counters as the gateway wrote them last.
  String counters() {
    try {
      return Files.readString(lab.events().resolveSibling("counters.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Starts the gateway and waits until it is ready.
  ///
  /// @return milliseconds from the start of the process to the line that says so
  long startGateway() throws Exception {
    long before = System.nanoTime();
    Spawned started = Spawned.of(gatewayCommand());
    gateway = Optional.of(started);
    String ready = started.await("sluice: ready in ");
    long millis = (System.nanoTime() - before) / 1_000_000;
    long said = Long.parseLong(ready.replaceAll(".*ready in (\\d+) ms.*", "$1"));
    if (millis + CLOCK_STEPS_MILLIS < said) {
      throw new AssertionError("said after " + millis + " ms: " + ready);
    }
    if (ready.contains("NOTHING PASSES")) {
      throw new AssertionError(ready);
    }
    return millis;
  }

  /// The lab's command, with the classes under test in the place of the script: the script runs
  /// what was packaged last.
  private List<String> gatewayCommand() {
    List<String> command = new ArrayList<>();
    for (String word : lab.gatewayCommand()) {
      if (!word.endsWith("/sluice")) {
        command.add(word);
        continue;
      }
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("-XX:+UseZGC");
      command.add("-XX:+DisableAttachMechanism");
      command.addAll(List.of("--module-path", System.getProperty("jdk.module.path", "")));
      command.addAll(List.of("--add-modules", "dev.sluice.kernel"));
      command.add("--enable-native-access=dev.sluice.kernel");
      command.add("--illegal-native-access=deny");
      command.add("--sun-misc-unsafe-memory-access=deny");
      command.add("-Dsluice.dist=" + Path.of("target", "dist").toAbsolutePath());
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
    }
    return command;
  }

  /// Milliseconds that the gateway itself says it took from its process's start to its ports' being
  /// open and its chain in force.
  long saidMillis() {
    String ready =
        gateway().lines().stream()
            .filter(line -> line.contains("sluice: ready in "))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(ready.replaceAll(".*ready in (\\d+) ms.*", "$1"));
  }

  /// What ip(8) says of an XDP program on one of the gateway's ports: a line each, or nothing.
  List<String> programs() throws IOException, InterruptedException {
    List<String> found = new ArrayList<>();
    for (String port : List.of(Lab.TERMINAL_PORT, Lab.MASTER_PORT)) {
      List<String> command =
          List.of("ip", "-n", lab.gatewayNamespace(), "-details", "link", "show", "dev", port);
      try (Spawned run = Spawned.of(command)) {
        if (run.awaitEnd(PATIENCE) != 0) {
          throw new IOException(command + ": " + run.lines());
        }
        run.lines().stream().filter(line -> line.contains("xdp")).forEach(found::add);
      }
    }
    return found;
  }

  Spawned gateway() {
    return gateway.orElseThrow();
  }

  /// SIGKILL; returns when the process is gone.
  void killGateway() throws InterruptedException {
    gateway().close();
    gateway = Optional.empty();
  }

  /// Changes a file of the configuration's folder.
  void configure(String file, String content) throws IOException {
    replace(lab.config().resolve(file), content);
  }

  /// Changes a file as an operator should: written beside it and renamed.
  void replace(Path file, String content) throws IOException {
    Path made = Files.writeString(home.resolve("new"), content);
    Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  String configuration(String file) throws IOException {
    return Files.readString(lab.config().resolve(file));
  }

  /// Runs ip(8) on a namespace.
  static void ip(String namespace, String words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip", "-n", namespace));
    command.addAll(List.of(words.split(" ")));
    try (Spawned run = Spawned.of(command)) {
      if (run.awaitEnd(PATIENCE) != 0) {
        throw new IOException("'ip " + words + "' in " + namespace + ": " + run.lines());
      }
    }
  }

  /// Tells a terminal the master's hardware address, so that it need not ask: whoever attacks knows
  /// it.
  static void knowMaster(LabTerminal terminal, String interfaceName) throws Exception {
    for (String address : List.of(Lab.MASTER_ADDRESS, Lab.MASTER_ADDRESS6)) {
      ip(
          terminal.namespace(),
          "neighbour replace %s lladdr %s nud permanent dev %s"
              .formatted(address, Lab.MASTER_HARDWARE_ADDRESS, interfaceName));
    }
  }

  /// Tells the master a terminal's hardware address, so that a connection it opens is not stopped
  /// by an unanswered question already.
  void masterKnows(LabTerminal terminal) throws Exception {
    ip(
        lab.masterNamespace(),
        "neighbour replace %s lladdr %s nud permanent dev %s"
            .formatted(terminal.address(), terminal.hardwareAddress(), LabTerminal.WIRE));
  }

  void masterForgets(LabTerminal terminal) throws Exception {
    ip(
        lab.masterNamespace(),
        "neighbour delete %s dev %s".formatted(terminal.address(), LabTerminal.WIRE));
  }

  /// What [#events] and the gateway said last, for whoever looks for a fault.
  Map<String, Object> lastWords() {
    List<Map<String, String>> all = events().since(0);
    return Map.of(
        "events", all.subList(Math.max(0, all.size() - 20), all.size()),
        "gateway", gateway.map(Spawned::lines).orElse(List.of()));
  }

  private void removeQuietly() {
    try {
      remove();
    } catch (Exception e) {
      System.err.println("the lab " + lab.name() + " cannot be removed: " + e);
    }
  }

  private synchronized void remove() throws Exception {
    if (gateway.isPresent()) {
      killGateway();
    }
    lab.down();
    if (Files.exists(home)) {
      try (Stream<Path> files = Files.walk(home)) {
        for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Override
  public void close() throws Exception {
    remove();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }
}
