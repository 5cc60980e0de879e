package dev.sluice.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.FramePattern;
import dev.sluice.kernel.NetworkNamespace;
import dev.sluice.runtime.TestNamespace;
import dev.sluice.runtime.lab.Ip;
import dev.sluice.wire.Tcp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A gateway process, terminals that really authenticate, and their frames.
@Tag("alone")
class LiveSessionsTest {
  private static final int SESSIONS = 20;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final String MAIN = "dev.sluice.runtime.command.Main";

  private final String namespace = "sluice-live-" + ProcessHandle.current().pid();
  private final List<Process> processes = new ArrayList<>();

  @TempDir private Path temp;

  @BeforeEach
  void wires() throws Exception {
    TestNamespace.require();
    Ip.run("netns", "add", namespace);
    Ip.batch(
        namespace,
        List.of(
            "link add gen0 type veth peer name gw0",
            "link add snk0 type veth peer name gw1",
            "link set gen0 up",
            "link set gw0 up",
            "link set gw1 up",
            "link set snk0 up"));
  }

  @AfterEach
  void remove() throws Exception {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
    Ip.run("netns", "del", namespace);
  }

  private LiveSessions.Prepared prepared(int sessions) throws Exception {
    Path plugins = Files.createDirectories(temp.resolve("plugins"));
    for (String name : List.of("terminal-auth", "rule-firewall")) {
      Path built = Path.of("..", "plugins", name, "target", name + "-1.0.0.jar");
      Files.copy(built, plugins.resolve(name + ".jar"));
    }
    return LiveSessions.prepare(temp.resolve("gateway"), sessions, plugins);
  }

  private void startGateway(LiveSessions.Prepared prepared) throws Exception {
    Files.writeString(
        prepared.config().resolve("sluice.cfg"),
        """
        ports = packet:gw0 packet:gw1
        required-bundles = dev.sluice.plugins.terminal-auth, dev.sluice.plugins.rule-firewall
        work-threads = 0
        bundle-trust = development
        """);
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--module-path", System.getProperty("jdk.module.path", "")));
    command.addAll(List.of("--add-modules", "dev.sluice.kernel"));
    command.addAll(
        List.of("--enable-native-access=dev.sluice.kernel", "--illegal-native-access=deny"));
    command.add("-Dsluice.dist=" + Path.of("target", "dist").toAbsolutePath());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN, "run"));
    command.addAll(List.of("--config", prepared.config().toString()));
    command.addAll(List.of("--bundles", prepared.bundles().toString()));
    command.addAll(List.of("--state", prepared.state().toString()));
    Path said = temp.resolve("gateway.out");
    processes.add(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start());
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!Files.readString(said).contains("sluice: ready")) {
      assertTrue(System.nanoTime() - deadline < 0, Files.readString(said));
      Thread.sleep(20);
    }
    assertTrue(!Files.readString(said).contains("NOTHING PASSES"), Files.readString(said));
  }

  /// Sends frames, and gives back those that came out, by their sequence numbers.
  private Map<Integer, byte[]> through(List<byte[]> frames, int expected) throws Exception {
    return NetworkNamespace.call(
        namespace,
        () -> {
          try (WireEnd gen = WireEnd.open("gen0");
              WireEnd sink = WireEnd.open("snk0")) {
            frames.forEach(gen::send);
            gen.flush();
            Map<Integer, byte[]> came = new TreeMap<>();
            long deadline = System.nanoTime() + PATIENCE_NANOS;
            while (came.size() < expected && System.nanoTime() - deadline < 0) {
              take(sink, came);
              Thread.sleep(1);
            }
            Thread.sleep(100);
            take(sink, came);
            return came;
          }
        });
  }

  private static void take(WireEnd sink, Map<Integer, byte[]> came) {
    for (byte[] frame : sink.receive()) {
      if (SessionFrames.terminal(frame, Tcp.PSH | Tcp.ACK) >= 0) {
        came.put(ByteBuffer.wrap(frame).getInt(54), frame);
      }
    }
  }

  @Test
  void framesOfLiveSessionsPassAndNoOthers() throws Exception {
    LiveSessions.Prepared prepared = prepared(SESSIONS);
    startGateway(prepared);
    FramePattern pattern;
    try (LiveSessions sessions = LiveSessions.open(namespace, "gen0", "snk0", prepared)) {
      assertEquals(SESSIONS, sessions.live());
      for (int bytes : new int[] {60, 764, 1514}) {
        pattern = sessions.pattern(bytes);
        List<byte[]> frames = new ArrayList<>();
        for (int s = 0; s < 3 * SESSIONS; s++) {
          // Of a terminal that has not authenticated, which no registry lists.
          frames.add(PatternFrames.frame(pattern, SESSIONS + s % SESSIONS, -1 - s, s));
          frames.add(PatternFrames.frame(pattern, s % SESSIONS, s, s));
        }
        Map<Integer, byte[]> came = through(frames, 3 * SESSIONS);
        assertEquals(3 * SESSIONS, came.size());
        for (int s = 0; s < 3 * SESSIONS; s++) {
          assertEquals(
              ByteBuffer.wrap(frames.get(2 * s + 1)), ByteBuffer.wrap(came.get(s)), "frame " + s);
        }
      }
      pattern = sessions.pattern(60);
    }
    List<byte[]> late = List.of(PatternFrames.frame(pattern, 0, 0, 0));
    assertEquals(Map.of(), through(late, 0), "its session has ended");
  }

  @Test
  void withoutAGatewayItSaysSo() throws Exception {
    LiveSessions.Prepared prepared = prepared(1);
    IOException refused =
        assertThrows(
            IOException.class, () -> LiveSessions.open(namespace, "gen0", "snk0", prepared));
    String said = String.valueOf(refused.getMessage());
    assertTrue(said.startsWith("0 of 1 terminals are authenticated: "), said);
  }
}
