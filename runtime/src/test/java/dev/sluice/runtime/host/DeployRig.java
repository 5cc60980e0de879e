package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.runtime.config.GatewaySettings;
import dev.sluice.runtime.pipeline.Chain;
import dev.sluice.runtime.pipeline.ChainTarget;
import dev.sluice.runtime.pipeline.Guard;
import dev.sluice.runtime.pipeline.Incidents;
import dev.sluice.runtime.pipeline.Judgement;
import dev.sluice.runtime.pipeline.LivePath;
import dev.sluice.runtime.pipeline.PipelineCounters;
import dev.sluice.runtime.pipeline.Stuck;
import dev.sluice.runtime.pki.Authority;
import dev.sluice.runtime.pki.CertificateKind;
import dev.sluice.runtime.pki.CertificateRequest;
import dev.sluice.runtime.trust.JarSigning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A gateway that deploys and has no packets: a test says what the handlers in its chain did. It
/// can be started again over the same folders.
final class DeployRig implements AutoCloseable {
  /// Packets after which a trial may be passed.
  static final int PACKETS = 10;

  /// Longer than several looks of the deploying thread.
  static final long SOME_LOOKS_MS = 500;

  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final long WAIT_NANOS = 10_000_000_000L;

  final Path folder;
  final Path bundles;
  final Path config;
  final Path state;
  final RecordedEvents events = new RecordedEvents();
  final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
  final Told told;

  private final HashFunction hash;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private @Nullable Bundles watching;
  private @Nullable UnaryOperator<Path> signing;

  /// A pipeline of two WorkThreads that keeps what is published, and reports what it is told to; or
  /// one that hands all of it on to a real one.
  static final class Told implements ChainTarget {
    final List<Chain> all = new CopyOnWriteArrayList<>();
    volatile List<PipelineCounters.Handler> rows = List.of();
    volatile boolean receives = true;
    private final List<PacketHandler> stuck = new CopyOnWriteArrayList<>();
    private final Optional<ChainTarget> real;
    private volatile @Nullable Incidents incidents;

    Told(Optional<ChainTarget> real) {
      this.real = real;
    }

    @Override
    public int workThreads() {
      return real.map(ChainTarget::workThreads).orElse(2);
    }

    @Override
    public boolean publish(Chain chain, Duration patience) throws InterruptedException {
      boolean left = real.isEmpty() || real.get().publish(chain, patience);
      all.add(chain);
      return left;
    }

    @Override
    public long generation() {
      return all.size();
    }

    @Override
    public boolean receives() {
      return real.map(ChainTarget::receives).orElse(receives);
    }

    @Override
    public void report(Incidents to) {
      incidents = to;
      real.ifPresent(each -> each.report(to));
    }

    @Override
    public boolean isStuck(PacketHandler handler) {
      return stuck.stream().anyMatch(each -> each == handler)
          || real.filter(each -> each.isStuck(handler)).isPresent();
    }

    @Override
    public List<PipelineCounters.Handler> handlerRows() {
      return real.map(ChainTarget::handlerRows).orElse(rows);
    }

    private Incidents incidents() {
      return Objects.requireNonNull(incidents);
    }
  }

  /// Folders, and no gateway yet.
  ///
  /// @param canaryPackets 0 for no trials
  DeployRig(Path folder, int canaryPackets) throws IOException {
    this(folder, canaryPackets, new Told(Optional.empty()), packet -> 0);
  }

  /// Over a packet path with packets, all of which a version on trial is given, so that a test can
  /// count them.
  DeployRig(Path folder, int canaryPackets, LivePath path) throws IOException {
    this(folder, canaryPackets, new Told(Optional.of(path.target())), path.hash());
    Files.writeString(
        config.resolve(GatewaySettings.FILE_NAME), "hand-over-ms = 0\n", StandardOpenOption.APPEND);
  }

  private DeployRig(Path folder, int canaryPackets, Told told, HashFunction hash)
      throws IOException {
    this.told = told;
    this.hash = hash;
    this.folder = folder;
    this.bundles = Files.createDirectories(folder.resolve("bundles"));
    this.config = Files.createDirectories(folder.resolve("config"));
    this.state = folder.resolve("state");
    Files.writeString(
        config.resolve(GatewaySettings.FILE_NAME),
        "ports = memory:a memory:b\nwork-threads = 2\nbundle-trust = development\n"
            + "rehearsal-ms = 0\ncanary-ms = 100\ncanary-budget-ms = 1000\n"
            + "required-bundles = none\ncanary-packets = "
            + canaryPackets
            + "\n");
  }

  DeployRig start() throws Exception {
    Host host = Host.boot(Distribution.find(), config, state, events);
    opened.add(host);
    watching =
        new Bundles(
            host,
            new Bundles.Folders(bundles, config, state),
            new Bundles.Limits(Duration.ofMillis(400), Duration.ofSeconds(2)),
            GatewaySettings.read(config),
            new ChainSwitch(told, strategy -> hash, events),
            events,
            outcomes::add);
    opened.add(watching);
    watching.start();
    return this;
  }

  /// Ends the gateway, and begins another over the same folders that has seen no packet.
  DeployRig restart() throws Exception {
    stop();
    return start();
  }

  /// Ends the gateway, and forgets what it did.
  void stop() throws Exception {
    close();
    told.all.clear();
    told.rows = List.of();
    outcomes.clear();
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
    opened.clear();
  }

  Bundles watching() {
    return Objects.requireNonNull(watching);
  }

  /// Puts a bundle that passes every packet into the file `NAME.jar`.
  Path put(String name, String version) throws IOException {
    return put(name, version, "public Guard(Map<String, Object> p) {}");
  }

  /// Puts a bundle with this constructor, and what else there is, into the file `NAME.jar`.
  Path put(String name, String version, String members) throws IOException {
    return put(Jars.guard(folder, name, version, members), name + ".jar");
  }

  /// Puts a bundle into this file, which at no time is missing.
  Path put(Jars jar, String file) throws IOException {
    Path made = signed(jar.into(folder, "made.jar"));
    return Files.move(made, bundles.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path signed(Path jar) throws IOException {
    return signing == null ? jar : signing.apply(jar);
  }

  /// A bundle as [#put] makes it, in no folder that is looked at.
  Path makeSigned(String name, String version) throws IOException {
    Jars jar = Jars.guard(folder, name, version, "public Guard(Map<String, Object> p) {}");
    return Files.move(signed(jar.into(folder, "made.jar")), folder.resolve("kept.jar"));
  }

  /// Has the gateway run only what is signed from its start on, and signs what is put in.
  void requireSignatures() throws Exception {
    Path settings = config.resolve(GatewaySettings.FILE_NAME);
    Files.writeString(
        settings, Files.readString(settings).replace("bundle-trust = development\n", ""));
    Authority authority = Authority.create(folder.resolve("signers"), "Signing CA");
    authority.issue(CertificateRequest.of(CertificateKind.SIGNER, "alice", 7));
    Path trust = Files.createDirectories(config.resolve("trust"));
    Files.copy(authority.certificateFile("ca"), trust.resolve("ca.crt"));
    JarSigning alice =
        JarSigning.read(authority.keyFile("alice"), authority.certificateFile("alice"));
    Path out = folder.resolve("signed.jar");
    signing =
        jar -> {
          try {
            alice.sign(jar, out);
            return out;
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        };
  }

  /// Puts a version in that passes its trial, whatever came before it.
  void putGood(String name, String version) throws Exception {
    putGood(name, version, "public Guard(Map<String, Object> p) {}");
  }

  void putGood(String name, String version, String members) throws Exception {
    outcomes.clear();
    put(name, version, members);
    String title = title(name, version);
    await(() -> chain().contains(title));
    proves(title);
  }

  /// The bundle passes its trial, guarded or not.
  void proves(String title) throws Exception {
    if (guard(title).isPresent()) {
      Judgement.well(guard(title).get(), PACKETS);
    } else {
      counts(title, 5 * PACKETS, 0);
    }
    await(() -> isActive(title));
  }

  static String title(String name, String version) {
    return name + "/" + version + ".0";
  }

  boolean isActive(String title) {
    return outcomes.stream()
        .anyMatch(each -> each instanceof Outcome.Active at && at.bundle().equals(title));
  }

  /// The only counters there are from now on.
  void counts(String title, long passed, long failed) {
    String failure = failed == 0 ? "" : "java.lang.IllegalStateException: poison";
    told.rows = List.of(new PipelineCounters.Handler(title, 0, passed, 0, 0, 0, failed, failure));
  }

  /// The bundles of the chain in force.
  List<String> chain() {
    return told.all.isEmpty()
        ? List.of()
        : told.all.getLast().links().stream().map(Chain.Link::bundle).toList();
  }

  Chain.Link link(String title) {
    return told.all.getLast().links().stream()
        .filter(each -> each.bundle().equals(title))
        .findFirst()
        .orElseThrow(() -> new AssertionError(title + " is not in " + chain()));
  }

  Optional<Guard> guard(String title) {
    return Optional.ofNullable(link(title).guard());
  }

  /// The handler of the first WorkThread.
  PacketHandler handler(String title) {
    return link(title).handlers().getFirst();
  }

  /// A thread does not come back from this handler, and stays there.
  void stick(String title, PacketHandler handler) {
    told.stuck.add(handler);
    told.incidents()
        .stuck(
            new Stuck(
                title,
                Optional.of(handler),
                Stuck.Call.RECEIVE,
                0,
                "work-0",
                "guard.Guard.receive(Guard.java:9)",
                false,
                Duration.ofMillis(5),
                told.generation(),
                "a packet",
                Thread.currentThread()));
  }

  /// Threads get stuck in a bundle as often as it takes.
  void quarantine(String title) throws InterruptedException {
    for (int times = 0; times < Strikes.MOST; times++) {
      int before = told.all.size();
      stick(title, handler(title));
      await(() -> told.all.size() > before);
    }
    await(() -> events.named("bundle-quarantined").size() > 0);
  }

  <T> T ask(Orders.Order<T> question) throws Exception {
    return watching().ask(question, PATIENCE);
  }

  String outcomeFile(String jar) throws IOException {
    return Files.readString(bundles.resolve(jar + ".outcome"));
  }

  void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + WAIT_NANOS;
    while (!condition.getAsBoolean()) {
      assertTrue(
          System.nanoTime() < deadline,
          () -> "waited for ten seconds; chain " + chain() + ", events " + events.all);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  void awaitChain(String... titles) throws InterruptedException {
    await(() -> chain().equals(List.of(titles)));
  }

  /// Waits until the deploying thread has looked several times and a new bundle has come in.
  void lookOn() throws Exception {
    put("other", "1.0");
    await(() -> chain().contains("other/1.0.0"));
    TimeUnit.MILLISECONDS.sleep(SOME_LOOKS_MS);
  }
}
