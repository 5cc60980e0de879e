package dev.sluice.runtime.config;

import dev.sluice.kernel.XdpOptions;
import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What `sluice.cfg` says, checked. `docs/configuration.md` explains each key to the operator.
///
/// @param ports in pairs: the first two are the sides of one wire
/// @param cut how the pipeline is cut
/// @param xdp how ports receive and send that AF_XDP opens; takes effect at the next start
/// @param policy what is let through
/// @param deploy how bundles come into the chain
/// @param files where the gateway writes
/// @param trust whose bundles run, and what they may do
public record GatewaySettings(
    List<PortName> ports,
    Cut cut,
    XdpOptions xdp,
    Policy policy,
    DeploySettings deploy,
    Files files,
    TrustSettings trust) {
  /// The file's name in the folder of settings.
  public static final String FILE_NAME = "sluice.cfg";

  /// Most bytes of a socket's path: `struct sockaddr_un` has 108, of which Java leaves two unused.
  public static final int MOST_SOCKET_BYTES = 106;

  /// The bundle that a gateway must have unless its operator says otherwise.
  public static final String TERMINAL_AUTH = "dev.sluice.plugins.terminal-auth";

  /// Frames of a turn. 128 carried 5 percent more than 64 over virtual wires, since what a burst
  /// costs beside its frames counts for half as much.
  private static final int BATCH = 128;

  /// Threads, queues and frames; takes effect at the next start.
  ///
  /// @param workThreads 0..64, 0 for all stages in one thread
  /// @param poolFrames frames that ports receive into, 64..2097152
  /// @param poolIsDefault whether the operator leaves that to the gateway, which adds to it when it
  ///   knows how many queues the ports have, and how deep
  /// @param dataFrames frames for what bundles send themselves, 64..1048576
  /// @param ringFrames the paper's n: slots of a device's ring, 64..131072; what must be a power of
  ///   two is the next one
  /// @param recvQueue capacity of each RecvQueue in frames, 64..1048576
  /// @param sendQueue capacity of the SendQueue in frames, 64..8388608
  /// @param batch most frames a stage takes in one turn, 1..1024
  public record Cut(
      int workThreads,
      int poolFrames,
      boolean poolIsDefault,
      int dataFrames,
      int ringFrames,
      int recvQueue,
      int sendQueue,
      int batch,
      IdleStrategy idle,
      Affinity affinity) {
    private static final int MOST_POOL = 1 << 21;

    /// Frames that ports receive into, if they have this many queues beyond one each.
    ///
    /// @param deeper by how many slots their rings are deeper than the paper's n, all together
    public int poolFrames(int moreQueues, int deeper) {
      // Twice the slots, since devices are lent half of the pool in advance.
      long more = (long) moreQueues * ringFrames + 2L * deeper;
      return (int) Math.min(MOST_POOL, poolFrames + (poolIsDefault ? more : 0));
    }
  }

  /// What a packet must pass.
  ///
  /// @param hash takes effect at once
  /// @param fragments takes effect at the next start, as does `malformed`
  /// @param requiredBundles symbolic names; while one has no handler in the chain, nothing passes.
  ///   Takes effect at once
  /// @param swapPatience how long a new chain waits for the threads to leave the old one
  public record Policy(
      HashStrategy hash,
      FramePolicy fragments,
      FramePolicy malformed,
      Set<String> requiredBundles,
      Duration swapPatience) {
    public Policy {
      requiredBundles = Set.copyOf(requiredBundles);
    }

    /// Whether the two directions of a connection could meet different WorkThreads although a
    /// bundle that tracks connections is required.
    boolean splitsConnections(int workThreads) {
      return hash == HashStrategy.ROUND_ROBIN
          && workThreads >= 2
          && requiredBundles.contains(TERMINAL_AUTH);
    }
  }

  /// Absolute paths; take effect at the next start.
  ///
  /// @param state folder for what the gateway keeps
  /// @param eventLog JSON lines
  /// @param counters one JSON object
  /// @param controlSocket where the operator's commands come in; null if they may not
  public record Files(Path state, Path eventLog, Path counters, @Nullable Path controlSocket) {}

  public GatewaySettings {
    ports = List.copyOf(ports);
  }

  /// Reads and checks the file in this folder.
  ///
  /// @throws SettingsException for the first thing that is wrong
  public static GatewaySettings read(Path folder) throws SettingsException {
    Path base = folder.toAbsolutePath().normalize();
    return of(SettingsFile.read(base.resolve(FILE_NAME)), base);
  }

  static GatewaySettings of(Settings settings, Path folder) throws SettingsException {
    List<PortName> ports = PortName.list(settings);
    Cut cut = cut(settings, ports.size());
    XdpOptions xdp = XdpSettings.read(settings, cut.ringFrames());
    Policy policy = policy(settings, cut.workThreads());
    DeploySettings deploy = DeploySettings.read(settings);
    Files files = files(settings, folder);
    TrustSettings trust = TrustSettings.read(settings, folder);
    XdpSettings.requireConsistent(settings, xdp);
    settings.refuseUnknown();
    return new GatewaySettings(ports, cut, xdp, policy, deploy, files, trust);
  }

  private static Cut cut(Settings settings, int ports) throws SettingsException {
    int work = settings.integer("work-threads", 0, 64, automaticWorkThreads());
    int workers = Math.max(1, work);
    int ring = settings.integer("ring-frames", 64, 1 << 17, 2048);
    int frames =
        settings.integer(
            "pool-frames", 64, 1 << 21, Math.min(1 << 21, ring * (2 + 2 * ports + workers)));
    int data = settings.integer("data-frames", 64, 1 << 20, ring);
    int recv = settings.integer("recv-queue", 64, 1 << 20, 2 * ring);
    int send = settings.integer("send-queue", 64, 1 << 23, ring * workers);
    int shorter = Math.min(recv, send);
    int batch = settings.integer("batch", 1, 1024, Math.min(BATCH, shorter));
    if (batch > shorter) {
      throw settings.wrong(
          "batch", String.valueOf(batch), "at most recv-queue and send-queue, here " + shorter);
    }
    IdleStrategy idle = settings.choice("idle", IdleStrategy.class, IdleStrategy.POLL);
    return new Cut(
        work,
        frames,
        !settings.has("pool-frames"),
        data,
        ring,
        recv,
        send,
        batch,
        idle,
        Affinity.read(settings, work));
  }

  /// One core each for the system, the ReadThread and the SendThread; below four cores all stages
  /// share a thread, because spinning threads on shared cores collapse.
  private static int automaticWorkThreads() {
    int cores = Runtime.getRuntime().availableProcessors();
    return cores < 4 ? 0 : Math.min(64, cores - 3);
  }

  private static Policy policy(Settings settings, int workThreads) throws SettingsException {
    HashStrategy hash = settings.choice("hash", HashStrategy.class, HashStrategy.FLOW);
    FramePolicy fragments = settings.choice("fragments", FramePolicy.class, FramePolicy.DROP);
    FramePolicy malformed = settings.choice("malformed", FramePolicy.class, FramePolicy.DROP);
    Set<String> required = requiredBundles(settings);
    long patience = settings.number("swap-patience-ms", 10, 60_000, 2000);
    Policy policy = new Policy(hash, fragments, malformed, required, Duration.ofMillis(patience));
    if (policy.splitsConnections(workThreads)) {
      throw settings.wrong(
          "hash",
          "round-robin",
          "flow, four-tuple-xor or two-tuple-xor, because "
              + TERMINAL_AUTH
              + " must see both directions of a connection in one WorkThread; or work-threads = 0"
              + " or 1");
    }
    return policy;
  }

  private static Set<String> requiredBundles(Settings settings) throws SettingsException {
    String key = "required-bundles";
    if (!settings.has(key)) {
      return Set.of(TERMINAL_AUTH);
    }
    Set<String> names = new TreeSet<>(settings.list(key));
    if (names.isEmpty()) {
      throw settings.wrong(
          key, "", "symbolic names of bundles, or none for a gateway that needs no bundle");
    }
    if (names.equals(Set.of("none"))) {
      return Set.of();
    }
    for (String name : names) {
      if (!name.matches("[A-Za-z0-9_.-]+") || name.equals("none")) {
        throw settings.wrong(
            key, settings.text(key, ""), "symbolic names of bundles, parted by commas, or none");
      }
    }
    return names;
  }

  private static Files files(Settings settings, Path folder) throws SettingsException {
    Path state = path(settings, "state-dir", folder, "../state");
    Path events = path(settings, "event-log", folder, state.resolve("events.jsonl").toString());
    Path besides = events.resolveSibling("counters.json");
    Path counters = path(settings, "counters-file", folder, besides.toString());
    return new Files(state, events, counters, controlSocket(settings, folder, state));
  }

  /// A default that is too long is no error of the person's: the gateway tells of it and runs.
  private static @Nullable Path controlSocket(Settings settings, Path folder, Path state)
      throws SettingsException {
    String key = "control-socket";
    if (settings.text(key, "").equals("none")) {
      return null;
    }
    Path socket = path(settings, key, folder, state.resolve("control.sock").toString());
    int bytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
    if (settings.has(key) && bytes > MOST_SOCKET_BYTES) {
      throw settings.wrong(
          key,
          settings.text(key, ""),
          "none, or a path of at most " + MOST_SOCKET_BYTES + " bytes, not " + bytes);
    }
    return socket;
  }

  private static Path path(Settings settings, String key, Path folder, String otherwise)
      throws SettingsException {
    String text = settings.text(key, otherwise);
    try {
      return folder.resolve(text).normalize();
    } catch (InvalidPathException e) {
      throw settings.wrong(key, text, "a path of this system, relative to the file's folder");
    }
  }

  /// The same with another folder for state; files that stood in the old one move along.
  public GatewaySettings withState(Path folder) {
    Path state = folder.toAbsolutePath().normalize();
    Path socket = files.controlSocket();
    return new GatewaySettings(
        ports,
        cut,
        xdp,
        policy,
        deploy,
        new Files(
            state,
            moved(files.eventLog(), state),
            moved(files.counters(), state),
            socket == null ? null : moved(socket, state)),
        trust);
  }

  private Path moved(Path file, Path state) {
    return file.startsWith(files.state()) ? state.resolve(files.state().relativize(file)) : file;
  }
}
