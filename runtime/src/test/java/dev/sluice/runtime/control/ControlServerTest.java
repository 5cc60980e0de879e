package dev.sluice.runtime.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.runtime.events.EventWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
final class ControlServerTest {
  private static final ControlServer.Limits LIMITS =
      new ControlServer.Limits(
          8, Duration.ofSeconds(3), Duration.ofSeconds(1), Duration.ofMillis(50));

  @TempDir Path folder;

  private final FakeOperations operations = new FakeOperations();
  private EventWriter events;
  private ControlServer server;
  private Path socket;

  @BeforeEach
  void start() throws Exception {
    events =
        EventWriter.start(
            folder.resolve("events.jsonl"), new PrintStream(new ByteArrayOutputStream()));
    socket = folder.resolve("control.sock");
    server = ControlServer.start(socket, operations, events.tail(), events, LIMITS);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    events.close();
  }

  private String ask(String request) throws IOException {
    List<String> lines = RawClient.ask(socket, request);
    assertEquals(1, lines.size(), lines.toString());
    return lines.getFirst();
  }

  private void awaitEvent(String name) throws InterruptedException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (events.tail().last(1, event -> event.name().equals(name)).isEmpty()) {
      assertTrue(System.nanoTime() < deadline, "no event " + name);
      Thread.sleep(5);
    }
  }

  @Test
  void ownerAndGroupAloneMayUseTheSocketAndNothingElseIsLeftBesides() throws Exception {
    assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
    try (var files = Files.list(folder)) {
      assertEquals(
          List.of(socket), files.filter(file -> !file.toString().endsWith("jsonl")).toList());
    }
  }

  @Test
  void viewsAreObjectsWithTheNamesOfTheRecords() throws Exception {
    String bundles = ask("{\"command\":\"bundles\"}");
    assertTrue(
        bundles.startsWith(
            "{\"ok\":true,\"bundles\":[{\"symbolicName\":\"dev.sluice.plugins.terminal-auth\","
                + "\"version\":\"1.0.0\",\"sha256\":\""),
        bundles);
    assertTrue(bundles.contains("\"permissions\":[\"events\",\"send\"],\"generation\":3"), bundles);
    String pipeline = ask("{\"command\":\"pipeline\"}");
    assertTrue(
        pipeline.contains("\"dropsByReason\":{\"bad-checksum\":10,\"no-session\":980}"), pipeline);
    assertTrue(pipeline.contains("\"conserved\":true"), pipeline);
    assertTrue(ask("{\"command\":\"status\"}").contains("\"developmentMode\":true"));
    assertTrue(ask("{\"command\":\"generations\"}").contains("\"time\":\"2026-01-02T03:04:05Z\""));
  }

  @Test
  void ordersGoToTheHostAndIntoTheLogWithWhoGaveThem() throws Exception {
    assertEquals(
        "{\"ok\":true,\"answer\":{\"outcome\":\"ACTIVE\",\"sentence\":\"x/1.0.0 is active\","
            + "\"generation\":4,\"millis\":12}}",
        ask("{\"command\":\"deploy\",\"file\":\"/a/../b/x.jar\",\"downgrade\":true}"));
    assertEquals(List.of("deploy /b/x.jar true"), operations.asked);
    awaitEvent("control-order");
    String order = events.tail().last(1, event -> true).getFirst().json();
    assertTrue(order.contains("\"command\":\"deploy\",\"object\":\"/a/../b/x.jar\""), order);
    assertTrue(order.contains("\"by\":\"" + System.getProperty("user.name") + "\""), order);
  }

  @Test
  void orderThatIsNotCarriedOutIsNotOk() throws Exception {
    assertTrue(
        ask("{\"command\":\"deploy\",\"file\":\"/refused.jar\"}")
            .startsWith("{\"ok\":false,\"answer\":{\"outcome\":\"REFUSED\""));
    assertEquals(
        "{\"ok\":false,\"fault\":\"refused\",\"error\":\"the folder is full\"}",
        ask("{\"command\":\"deploy\",\"file\":\"/impossible.jar\"}"));
    assertTrue(ask("{\"command\":\"release\",\"name\":\"a\"}").startsWith("{\"ok\":false,"));
    assertTrue(ask("{\"command\":\"rollback\",\"name\":\"a\"}").startsWith("{\"ok\":true,"));
    assertTrue(ask("{\"command\":\"undeploy\",\"name\":\"a\"}").startsWith("{\"ok\":true,"));
  }

  @Test
  void faultOfTheGatewayIsToldToTheClientAndTheLog() throws Exception {
    assertTrue(
        ask("{\"command\":\"deploy\",\"file\":\"/fault.jar\"}")
            .contains("the gateway failed to answer: java.lang.IllegalStateException: a fault"));
    awaitEvent("control-failed");
    assertTrue(ask("{\"command\":\"status\"}").startsWith("{\"ok\":true"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "status",
        "[]",
        "null",
        "{",
        "{}",
        "{\"command\":null}",
        "{\"command\":1}",
        "{\"command\":\"\"}",
        "{\"command\":\"frob\"}",
        "{\"command\":\"status\"",
        "{\"command\":\"status\"}}",
        "{\"command\":\"status\",}",
        "{\"command\":\"status\",\"command\":\"status\"}",
        "{\"command\":\"status\",\"more\":1}",
        "{'command':'status'}",
        "{\"command\":\"deploy\"}",
        "{\"command\":\"deploy\",\"file\":\"x.jar\"}",
        "{\"command\":\"deploy\",\"file\":\"/x\\u0000.jar\"}",
        "{\"command\":\"deploy\",\"file\":[]}",
        "{\"command\":\"deploy\",\"file\":\"/x.jar\",\"downgrade\":\"yes\"}",
        "{\"command\":\"undeploy\"}",
        "{\"command\":\"rollback\",\"name\":{}}",
        "{\"command\":\"trace\",\"count\":0}",
        "{\"command\":\"trace\",\"count\":1001}",
        "{\"command\":\"trace\",\"count\":1.5}",
        "{\"command\":\"trace\",\"count\":\"5\"}",
        "{\"command\":\"trace\",\"seconds\":99999999999999999999999}",
        "{\"command\":\"trace\",\"filter\":\"hots a\"}",
        "{\"command\":\"events\",\"last\":-1}",
        "{\"command\":\"events\",\"severity\":\"info\"}",
        "{\"command\":\"events\",\"follow\":1}"
      })
  void wrongRequestIsOneSentenceAndReachesNobody(String request) throws Exception {
    String answer = ask(request);
    assertTrue(answer.startsWith("{\"ok\":false,\"fault\":\"call\",\"error\":\""), answer);
    assertEquals(List.of(), operations.asked);
  }

  @Test
  void deeplyNestedRequestIsRefused() throws Exception {
    String deep = "{\"a\":" + "[".repeat(30_000);
    assertTrue(ask(deep).contains("at most 32 levels"));
  }

  @Test
  void requestThatIsTooLongIsRefused() throws Exception {
    try (RawClient client = new RawClient(socket)) {
      client.say("{\"command\":\"" + "a".repeat(ClientConnection.MOST_REQUEST_BYTES - 12));
      assertTrue(client.lines().getFirst().contains("longer than 65536 bytes"));
    }
  }

  @Test
  void requestThatIsNoTextIsRefused() throws Exception {
    List<String> lines = RawClient.ask(socket, new byte[] {'{', (byte) 0xc0, (byte) 0x80, '\n'});
    assertTrue(lines.getFirst().contains("not a text in UTF-8"), lines.toString());
  }

  @Test
  void clientThatClosesItsHalfStillGetsItsAnswer() throws Exception {
    byte[] unfinished = "{\"command\":\"status\"}".getBytes(StandardCharsets.UTF_8);
    assertTrue(RawClient.ask(socket, unfinished).getFirst().startsWith("{\"ok\":true"));
  }

  @Test
  void requestMayComeByteByByte() throws Exception {
    try (RawClient client = new RawClient(socket)) {
      for (byte b : "{\"command\":\"status\"}\n".getBytes(StandardCharsets.UTF_8)) {
        client.say(b);
      }
      assertTrue(client.lines().getFirst().startsWith("{\"ok\":true"));
    }
  }

  @Test
  void clientsThatSayNothingAreEndedAndOthersAreServedAgain() throws Exception {
    List<RawClient> silent = new ArrayList<>();
    for (int i = 0; i < LIMITS.clients(); i++) {
      silent.add(new RawClient(socket));
    }
    awaitAnswer("\"fault\":\"busy\"");
    for (RawClient client : silent) {
      assertEquals(List.of(), client.lines());
      client.close();
    }
    awaitAnswer("{\"ok\":true");
  }

  private void awaitAnswer(String part) throws Exception {
    long deadline = System.nanoTime() + 20_000_000_000L;
    String answer = "";
    while (!answer.contains(part)) {
      assertTrue(System.nanoTime() < deadline, answer);
      answer = status();
    }
  }

  /// What a client hears that is perhaps sent away before it has spoken.
  private String status() throws IOException {
    try (RawClient client = new RawClient(socket)) {
      client.sayOrNot("{\"command\":\"status\"}\n");
      return String.join("", client.lines());
    }
  }

  @Test
  void hundredClientsAtOnceGetAnAnswerOrAreSentAway() throws Exception {
    List<Thread> threads = new ArrayList<>();
    List<String> answers = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 100; i++) {
      threads.add(
          Thread.startVirtualThread(() -> {
            try {
              answers.add(status());
            } catch (IOException e) {
              answers.add(e.toString());
            }
          }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(100, answers.size());
    assertTrue(
        answers.stream()
            .allMatch(a -> a.startsWith("{\"ok\":true") || a.contains("\"fault\":\"busy\"")),
        answers.toString());
    assertTrue(answers.stream().anyMatch(a -> a.startsWith("{\"ok\":true")), answers.toString());
    awaitAnswer("{\"ok\":true");
  }

  @Test
  void orderOfAClientThatIsGoneIsInterrupted() throws Exception {
    try (RawClient client = new RawClient(socket)) {
      client.say("{\"command\":\"trace\",\"filter\":\"vlan 1\",\"seconds\":600}\n");
      assertFalse(operations.interrupted.await(300, TimeUnit.MILLISECONDS));
    }
    assertTrue(operations.interrupted.await(20, TimeUnit.SECONDS));
  }

  @Test
  void gatewayThatStopsInterruptsWhatIsAskedAndRemovesItsSocket() throws Exception {
    try (RawClient client = new RawClient(socket)) {
      client.say("{\"command\":\"trace\",\"filter\":\"vlan 1\",\"seconds\":600}\n");
      client.read(ByteBuffer.allocate(1));
      server.close();
      assertTrue(operations.interrupted.await(20, TimeUnit.SECONDS));
      assertFalse(Files.exists(socket));
    }
  }

  @Test
  void lastEventsAreThoseThatAreWanted() throws Exception {
    for (int i = 0; i < 30; i++) {
      events.report(Severity.INFO, "session-accepted", Map.of("n", i));
      events.report(Severity.ALARM, "session-refused", Map.of("n", i));
    }
    events.report(Severity.WARNING, "port-down", Map.of());
    awaitEvent("port-down");
    List<String> lines =
        RawClient.ask(
            socket,
            "{\"command\":\"events\",\"last\":2,\"severity\":\"WARNING\",\"event\":\"session-*\"}");
    assertEquals(3, lines.size());
    assertEquals("{\"ok\":true}", lines.get(0));
    assertTrue(lines.get(1).contains("\"event\":\"session-refused\",\"n\":28"), lines.get(1));
    assertTrue(lines.get(2).contains("\"n\":29"), lines.get(2));
  }

  @Test
  void followerGetsEveryEventInOrder() throws Exception {
    events.report(Severity.INFO, "before", Map.of());
    awaitEvent("before");
    try (CtlConnection client = CtlConnection.open(socket, 20_000)) {
      client.send(Map.of("command", "events", "follow", true, "last", 1L));
      assertEquals("{\"ok\":true}", client.line().orElseThrow());
      assertTrue(client.line().orElseThrow().contains("\"event\":\"before\""));
      for (int i = 0; i < 500; i++) {
        events.report(Severity.INFO, "flood", Map.of("n", i));
      }
      for (int i = 0; i < 500; i++) {
        String line = client.line().orElseThrow();
        assertTrue(line.contains("\"n\":" + i + "}"), line);
      }
    }
  }

  @Test
  void slowFollowerLosesEventsIsToldHowManyAndHoldsNobodyUp() throws Exception {
    Path place = folder.resolve("patient.sock");
    ControlServer.Limits patient = ControlServer.Limits.standard();
    try (ControlServer other =
            ControlServer.start(place, operations, events.tail(), events, patient);
        CtlConnection client = CtlConnection.open(other.path(), 20_000)) {
      client.send(Map.of("command", "events", "follow", true, "last", 0L, "event", "flood"));
      assertEquals("{\"ok\":true}", client.line().orElseThrow());
      long before = System.nanoTime();
      String text = "x".repeat(900);
      int reported = 3000;
      for (int i = 0; i < reported; i++) {
        events.report(Severity.INFO, "flood", Map.of("n", i, "text", text));
      }
      events.report(Severity.INFO, "end", Map.of());
      awaitEvent("end");
      assertTrue(System.nanoTime() - before < 20_000_000_000L);
      assertEquals(0, events.lost());
      long seen = 0;
      long lost = 0;
      while (seen + lost < reported) {
        Members line = new Members(JsonReader.object(client.line().orElseThrow()));
        seen += line.number("eventsLost") < 0 ? 1 : 0;
        lost += Math.max(0, line.number("eventsLost"));
      }
      assertEquals(reported, seen + lost);
      assertTrue(lost > 0 && seen > 0, seen + " seen, " + lost + " lost");
    }
  }

  @Test
  void followerThatReadsNothingIsEnded() throws Exception {
    try (RawClient client = new RawClient(socket)) {
      client.say("{\"command\":\"events\",\"follow\":true}\n");
      client.read(ByteBuffer.allocate(1));
      String text = "x".repeat(2000);
      for (int i = 0; i < 1000; i++) {
        events.report(Severity.INFO, "flood", Map.of("n", i, "text", text));
      }
      Thread.sleep(LIMITS.write().toMillis() * 3);
      // What lies in the socket's buffer, and then the end.
      client.lines();
    }
  }

  @Test
  void socketOfALiveGatewayIsNotTaken() {
    ControlException refused =
        assertThrows(
            ControlException.class,
            () -> ControlServer.start(socket, operations, events.tail(), events, LIMITS));
    assertTrue(String.valueOf(refused.getMessage()).contains("another gateway, which is running"));
  }

  @Test
  void socketOfAKilledGatewayIsReplaced() throws Exception {
    Path stale = folder.resolve("stale.sock");
    try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      killed.bind(UnixDomainSocketAddress.of(stale));
    }
    assertTrue(Files.exists(stale));
    ControlServer again = ControlServer.start(stale, operations, events.tail(), events, LIMITS);
    assertTrue(
        RawClient.ask(stale, "{\"command\":\"status\"}").getFirst().startsWith("{\"ok\":true"));
    again.close();
    assertFalse(Files.exists(stale));
  }

  @Test
  void socketThatAnotherHasReplacedIsLeftAlone() throws Exception {
    Files.delete(socket);
    ControlServer other = ControlServer.start(socket, operations, events.tail(), events, LIMITS);
    server.close();
    assertTrue(Files.exists(socket));
    other.close();
  }

  @Test
  void fileInTheSocketsPlaceStays() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "content");
    ControlException refused =
        assertThrows(
            ControlException.class,
            () -> ControlServer.start(file, operations, events.tail(), events, LIMITS));
    assertTrue(String.valueOf(refused.getMessage()).contains("there is a file of that name"));
    assertEquals("content", Files.readString(file));
  }

  @Test
  void pathOfTheMostBytesWorksAndALongerOneIsOneSentence() throws Exception {
    Path deep = Files.createTempDirectory(Path.of("/tmp"), "c");
    Path longest = deep.resolve("s".repeat(106 - deep.toString().length() - 1));
    ControlServer.start(longest, operations, events.tail(), events, LIMITS).close();
    Path longer = longest.resolveSibling(longest.getFileName() + "s");
    ControlException refused =
        assertThrows(
            ControlException.class,
            () -> ControlServer.start(longer, operations, events.tail(), events, LIMITS));
    assertTrue(
        String.valueOf(refused.getMessage())
            .contains("a socket's path has at most 106 bytes, and this needs 107; set"),
        refused.getMessage());
    Files.delete(deep);
  }
}
