package dev.sluice.runtime.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.runtime.events.EventWriter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class CtlCommandTest {
  @TempDir Path folder;

  private final FakeOperations operations = new FakeOperations();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private EventWriter events;
  private ControlServer server;
  private Path socket;

  @BeforeEach
  void start() throws Exception {
    events =
        EventWriter.start(
            folder.resolve("events.jsonl"), new PrintStream(new ByteArrayOutputStream()));
    socket = folder.resolve("state/control.sock");
    server =
        ControlServer.start(
            socket, operations, events.tail(), events, ControlServer.Limits.standard());
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    events.close();
  }

  private int ctl(String... words) {
    List<String> all = new ArrayList<>(List.of("--socket", socket.toString()));
    all.addAll(Arrays.asList(words));
    return run(all);
  }

  private int run(List<String> words) {
    out.reset();
    err.reset();
    return CtlCommand.run(
        words,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void bundlesAreATable() {
    assertEquals(0, ctl("bundles"), this::err);
    assertEquals(
        """
        BUNDLE                            VERSION  STATE        STAGE   ORDER  GEN  UP     SHA256
        dev.sluice.plugins.terminal-auth  1.0.0    ACTIVE       ACCESS     10    3  1h02m  0123456789ab
            file terminal-auth.jar
            signed by CN=?[31mPlant
            may events, send
            last known good 0.9.0
            1 earlier versions are still in memory
        bad                               2.0.0    QUARANTINED  FILTER      0              0123456789ab
            file bad.jar
            cause it threw 100 times
        """,
        out());
  }

  @Test
  void quarantineShowsThoseInQuarantineAlone() {
    assertEquals(0, ctl("quarantine"));
    assertEquals(4, out().lines().count(), out());
    assertTrue(out().contains("it threw 100 times"), out());
  }

  @Test
  void generationsAreATable() {
    assertEquals(0, ctl("generations"));
    assertEquals(
        """
        GENERATION  TIME                  SWITCH µs  GRACE µs  CAUSE
        2           2026-01-02T03:04:05Z         12       345  b/2 came
            a/1 b/2
        1           1970-01-01T00:00:00Z          9            start
            (empty)
        """,
        out());
  }

  @Test
  void pipelineFitsATerminal() {
    assertEquals(0, ctl("pipeline"));
    assertTrue(out().lines().allMatch(line -> line.length() <= 100), out());
    assertTrue(out().contains("RecvQueue 0    1000      3      4096       77"), out());
    assertTrue(out().contains("    dropped: bad-checksum 10, no-session 980"), out());
    assertTrue(out().contains("    conserved: yes"), out());
  }

  @Test
  void traceShowsEachStep() {
    assertEquals(0, ctl("trace", "5", "tcp", "and", "port", "2404", "--for", "3"), this::err);
    assertEquals("trace 5 [tcp and port 2404] PT3S", operations.asked.getLast());
    assertEquals(
        """
        2026-01-02T03:04:05.123456Z  xdp:eth1 > xdp:eth2  60 bytes  tcp 10.0.0.1:1 > 10.0.0.2:2404 S
            a/1.0.0                                            PASS           850 ns
            b/1.0.0                                            DROP            90 ns  no-session
            dropped: no-session
        """,
        out());
    assertEquals(0, ctl("trace"));
    assertEquals("trace 10 [] PT10S", operations.asked.getLast());
  }

  @Test
  void statusShoutsWhatIsWrong() {
    assertEquals(0, ctl("status"));
    List<String> lines = out().lines().toList();
    assertEquals("DEVELOPMENT MODE: NOT FOR SERVICE, protections are off", lines.get(0));
    assertEquals("NOTHING PASSES: a required bundle is missing", lines.get(1));
    assertTrue(lines.contains("up             1d01h"), out());
    assertTrue(lines.contains("last restart   signal 9 (SIGKILL)"), out());
    assertTrue(lines.contains("port xdp:eth1  UP  received 5  sent 6  native XDP"), out());
  }

  @Test
  void everyViewIsOneObjectForPrograms() throws Exception {
    for (String command :
        List.of("bundles", "quarantine", "generations", "pipeline", "trace", "status")) {
      assertEquals(0, ctl(command, "--json"));
      assertEquals(1, out().lines().count());
      assertEquals(true, JsonReader.object(out()).get("ok"));
    }
  }

  @Test
  void ordersSayWhatBecameOfThem() {
    assertEquals(0, ctl("deploy", "x.jar"));
    assertEquals("ACTIVE: x/1.0.0 is active (generation 4, 12 ms)\n", out());
    Path absolute = Path.of("x.jar").toAbsolutePath();
    assertEquals("deploy " + absolute + " false", operations.asked.getLast());
    assertEquals(0, ctl("deploy", "--downgrade", "/x.jar"));
    assertEquals("deploy /x.jar true", operations.asked.getLast());
    assertEquals(0, ctl("undeploy", "a"));
    assertEquals(0, ctl("rollback", "a"));
    assertEquals("", err());
  }

  @Test
  void refusalIsOneSentenceAndOne() {
    assertEquals(1, ctl("deploy", "/refused.jar"));
    assertEquals("sluice ctl: REFUSED: it has no manifest\n", err());
    assertEquals("", out());
    assertEquals(1, ctl("deploy", "/impossible.jar"));
    assertEquals("sluice ctl: the folder is full\n", err());
    assertEquals(1, ctl("release", "a", "--json"));
    assertTrue(out().startsWith("{\"ok\":false,\"answer\":{\"outcome\":\"TIMEOUT\""), out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "frob",
        "bundles now",
        "deploy",
        "deploy a b",
        "bundles --downgrade",
        "status --for 3",
        "undeploy",
        "trace 0",
        "trace 1001",
        "trace 5 frob",
        "trace --for 0",
        "trace --for x",
        "trace 99999999999",
        "events x",
        "events 5 6",
        "events --severity LOUD",
        "events 1001",
        "--frob",
        "bundles --socket /again",
        "bundles --state /x"
      })
  void wrongCallIsOneSentenceAndTwo(String words) {
    assertEquals(2, ctl(words.isEmpty() ? new String[0] : words.split(" ")), this::out);
    assertEquals("", out());
    assertTrue(err().startsWith("sluice ctl: "), err());
    assertEquals(1, err().lines().count(), err());
  }

  @Test
  void nobodyThereIsThree() throws Exception {
    Path nowhere = folder.resolve("nowhere.sock");
    assertEquals(3, run(List.of("--socket", nowhere.toString(), "status")));
    assertEquals("sluice ctl: no gateway runs there: there is no " + nowhere + "\n", err());
    try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      killed.bind(UnixDomainSocketAddress.of(nowhere));
    }
    assertEquals(3, run(List.of("--socket", nowhere.toString(), "status")));
    assertTrue(err().contains("nobody listens at"), err());
  }

  @Test
  void socketIsFoundByTheSettings() throws Exception {
    Path config = Files.createDirectories(folder.resolve("config"));
    Path file = config.resolve("sluice.cfg");
    Files.writeString(file, "ports = memory:a memory:b\n");
    assertEquals(0, run(List.of("--config", config.toString(), "status")), this::err);
    String other = folder.resolve("elsewhere").toString();
    assertEquals(3, run(List.of("--config", config.toString(), "--state", other, "status")));
    Files.writeString(file, "ports = memory:a memory:b\ncontrol-socket = none\n");
    assertEquals(1, run(List.of("--config", config.toString(), "status")));
    assertTrue(err().contains("control-socket = none"), err());
    assertEquals(1, run(List.of("--config", other, "status")));
    assertTrue(err().contains("no such file"), err());
  }

  @Test
  void eventsAreLinesForPeopleAndForPrograms() throws Exception {
    events.report(Severity.WARNING, "port-down", Map.of("port", "xdp:eth1 \u001b[31m"));
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (events.tail().last(1, event -> true).isEmpty()) {
      assertTrue(System.nanoTime() < deadline);
      Thread.sleep(5);
    }
    assertEquals(0, ctl("events", "1"));
    assertTrue(out().endsWith("Z WARNING port-down port=\"xdp:eth1 ?[31m\"\n"), out());
    assertEquals(0, ctl("events", "--json", "--event", "port-*", "--severity", "warning"));
    assertTrue(out().startsWith("{\"time\":\""), out());
    assertEquals(0, ctl("events", "--severity", "ALARM"));
    assertEquals("", out());
  }

  @Test
  void helpIsHelp() {
    assertEquals(0, run(List.of("--help")));
    assertTrue(out().lines().allMatch(line -> line.length() <= 100), out());
  }
}
