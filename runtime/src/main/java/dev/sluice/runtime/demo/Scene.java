package dev.sluice.runtime.demo;

import dev.sluice.runtime.lab.Lab;
import dev.sluice.runtime.lab.LabException;
import dev.sluice.runtime.lab.LabTerminal;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A lab with a gateway, a master station and terminals in it, each a process, and what the steps
/// of the demo share. Whatever happens, [#close] takes all of it away.
final class Scene implements AutoCloseable {
  private static final String MAIN = "dev.sluice.runtime.command.Main";
  private static final int TCP_PORT = 2404;
  private static final int TCP_READINGS = 50;
  private static final Duration POLL = Duration.ofMillis(40);

  private final Lab lab;
  private final Figures figures = new Figures();
  private final PrintStream out;
  private final long startedNanos = System.nanoTime();
  private final List<Child> children = new ArrayList<>(); // guarded by this
  private final Map<String, Child> terminals = new LinkedHashMap<>();
  private Optional<Child> gateway = Optional.empty();
  private Optional<Child> master = Optional.empty();
  private boolean labIsUp; // guarded by this
  private boolean closed; // guarded by this

  Scene(Lab lab, PrintStream out) {
    this.lab = lab;
    this.out = out;
  }

  Lab lab() {
    return lab;
  }

  Figures figures() {
    return figures;
  }

  /// Tells the newcomer something.
  void say(String text) {
    out.println("   " + text);
    out.flush();
  }

  /// Begins a step.
  void title(int number, String text) {
    out.printf("%n%d. %s%n", number, text);
    out.flush();
  }

  /// Milliseconds since the demo began.
  long elapsedMillis() {
    return (System.nanoTime() - startedNanos) / 1_000_000;
  }

  synchronized void labUp() throws StepException {
    if (closed) {
      throw new StepException("the demo is being ended");
    }
    try {
      labIsUp = true;
      lab.up();
    } catch (LabException e) {
      labIsUp = false; // what was made is removed already
      throw new StepException("the lab cannot be made: " + e.getMessage(), e);
    }
  }

  /// Starts the gateway.
  void startGateway() throws StepException {
    ProcessBuilder builder = new ProcessBuilder(lab.gatewayCommand());
    builder.environment().put("SLUICE_NO_BUILD", "1");
    gateway = Optional.of(start("gateway", builder));
  }

  /// Starts the master station.
  void startMaster() throws StepException {
    List<String> endpoints = lab.terminals().stream().map(Scene::endpoint).toList();
    master =
        Optional.of(
            start(
                "master station",
                station(
                    lab.masterNamespace(), "master", "--terminals", String.join(",", endpoints))));
  }

  /// Starts a terminal, which does not authenticate yet.
  void startTerminal(LabTerminal terminal) throws StepException {
    terminals.put(
        terminal.name(),
        start(
            "terminal " + terminal.name(),
            station(
                terminal.namespace(),
                "terminal",
                "--listen",
                endpoint(terminal),
                "--gateway",
                Lab.MASTER_ADDRESS + ":" + Lab.AUTH_PORT,
                "--ca",
                lab.pki().resolve("ca.crt").toString())));
  }

  private static ProcessBuilder station(String namespace, String... words) {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Small and quick to start: a dozen of them may share two cores.
    command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("--module-path", System.getProperty("jdk.module.path", "")));
    command.addAll(List.of("--add-modules", "dev.sluice.kernel"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN, "sim"));
    command.addAll(List.of(words));
    return new ProcessBuilder(command);
  }

  private synchronized Child start(String name, ProcessBuilder builder) throws StepException {
    if (closed) {
      throw new StepException("the demo is being ended");
    }
    Child child = Child.start(name, builder);
    children.add(child);
    return child;
  }

  Child gateway() {
    return gateway.orElseThrow();
  }

  Child master() {
    return master.orElseThrow();
  }

  Child terminal(LabTerminal terminal) {
    Child child = terminals.get(terminal.name());
    if (child == null) {
      throw new IllegalStateException(terminal.name() + " is not started");
    }
    return child;
  }

  /// Where the master station reaches a terminal.
  static String endpoint(LabTerminal terminal) {
    return terminal.address() + ":" + TCP_PORT;
  }

  /// Tells every terminal the same.
  void tellTerminals(String order) throws StepException {
    for (LabTerminal terminal : lab.terminals()) {
      terminal(terminal).tell(order);
    }
  }

  /// What the gateway has counted, up to 200 ms ago.
  GatewayCounters counters() throws StepException {
    return GatewayCounters.read(lab.events().resolveSibling("counters.json"));
  }

  /// What the kernels of the terminals and of the master station have counted, read when no answer
  /// to a segment sent again is on its way: two readings some round trips apart are the same.
  TcpCounters tcpCounters() throws StepException, InterruptedException {
    TcpCounters last = tcpCountersNow();
    for (int reading = 0; reading < TCP_READINGS; reading++) {
      Thread.sleep(POLL);
      TcpCounters next = tcpCountersNow();
      if (next.equals(last)) {
        break;
      }
      last = next;
    }
    return last;
  }

  private TcpCounters tcpCountersNow() throws StepException {
    TcpCounters sum = TcpCounters.read(master().pid());
    for (LabTerminal terminal : lab.terminals()) {
      sum = sum.plus(TcpCounters.read(terminal(terminal).pid()));
    }
    return sum;
  }

  /// The master station's own report.
  StationReport report() throws StepException, InterruptedException {
    int mark = master().mark();
    master().tell("report");
    Line end = master().await(mark, line -> line.is("report"), "its report", Duration.ofSeconds(5));
    return new StationReport(master().seen(mark, line -> line.is("station")), end);
  }

  /// A terminal's own report.
  Line report(LabTerminal terminal) throws StepException, InterruptedException {
    Child child = terminal(terminal);
    int mark = child.mark();
    child.tell("report");
    return child.await(mark, line -> line.is("report"), "its report", Duration.ofSeconds(5));
  }

  /// Something that must become true.
  interface Condition {
    boolean holds() throws StepException, InterruptedException;
  }

  /// Waits until something holds.
  ///
  /// @param what it is, for the message
  void await(Condition condition, String what, Duration limit)
      throws StepException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.holds()) {
      if (deadline < System.nanoTime()) {
        throw new StepException("waited " + limit.toMillis() + " ms in vain for this: " + what);
      }
      if (gateway.isPresent() && !gateway.get().isAlive()) {
        throw new StepException("the gateway ended before " + what);
      }
      Thread.sleep(POLL);
    }
  }

  /// What the gateway and its event log said last, for a person who looks for a fault.
  List<String> gatewayTail() {
    List<String> tail = new ArrayList<>();
    gateway.ifPresent(child -> tail.addAll(child.tail()));
    try {
      List<String> events = Files.readAllLines(lab.events());
      tail.addAll(events.subList(Math.max(0, events.size() - 20), events.size()));
    } catch (IOException e) {
      tail.add("(no event log: " + e.getMessage() + ")");
    }
    return tail;
  }

  /// What stations that have ended said last; a station ends only when it is told to.
  synchronized List<String> lastWordsOfStations() {
    List<String> words = new ArrayList<>();
    for (Child child : children) {
      if (!child.isAlive() && !child.equals(gateway.orElse(null))) {
        words.add(child.name() + " has ended:");
        words.addAll(child.tail());
      }
    }
    return words;
  }

  /// Ends every process and removes the lab. Idempotent; any thread, also while steps run.
  @Override
  public synchronized void close() {
    closed = true;
    children.forEach(Child::kill);
    if (labIsUp) {
      try {
        lab.down();
        labIsUp = false;
      } catch (LabException e) {
        System.err.println("sluice demo: the lab cannot be removed: " + e.getMessage());
      }
    }
  }
}
