package dev.sluice.runtime.iec104;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SimulatorsTest implements SimulatedTerminal.Observer, SimulatedMaster.Observer {
  private static final LinkTiming QUICK = new LinkTiming(12, 8, 600, 200, 300);
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
  private SimulatedTerminal terminal;
  private SimulatedMaster master;
  private InetSocketAddress address;

  @BeforeEach
  void startTerminal() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    terminal = new SimulatedTerminal(new SimulatedTerminal.Settings(any, 7, 16, QUICK), this);
    address = (InetSocketAddress) terminal.address();
    master =
        new SimulatedMaster(
            new SimulatedMaster.Settings(List.of(address), 7, 1000, 50, QUICK), this);
  }

  @AfterEach
  void stop() throws IOException {
    master.close();
    terminal.close();
  }

  @Test
  void interrogationBringsEveryPoint() throws InterruptedException {
    master.start();
    await("interrogated 32");
    assertTrue(master.stations().getFirst().isStarted());
  }

  @Test
  void spontaneousValuesArriveWithoutAGap() throws InterruptedException {
    terminal.spontaneousPerSecond(1000);
    master.start();
    Station station = master.stations().getFirst();
    while (station.spontaneous() < 2000) {
      Thread.sleep(20);
    }
    assertEquals(0, station.spontaneousMissing());
    assertEquals(1, station.connections());
    assertEquals(0, station.counters().brokenSequences());
  }

  @Test
  void bothEndsCountTheSameFrames() throws InterruptedException {
    terminal.spontaneousPerSecond(500);
    master.start();
    await("interrogated 32");
    while (master.stations().getFirst().spontaneous() < 300) {
      Thread.sleep(20);
    }
    terminal.spontaneousPerSecond(0);
    LinkCounters far = terminal.counters();
    LinkCounters near = master.stations().getFirst().counters();
    long before;
    do {
      before = far.framesSent() + near.framesSent();
      Thread.sleep(50);
    } while (before != far.framesSent() + near.framesSent()
        || far.informationSent() != near.informationReceived());
    assertEquals(far.informationSent(), near.informationReceived());
    assertEquals(near.informationSent(), far.informationReceived());
    assertEquals(2, far.informationReceived());
  }

  @Test
  void singleCommandIsExecutedOnce() throws InterruptedException {
    assertEquals(Command.Outcome.EXECUTED, master.command(address, 1003, true, PATIENCE));
    await("executed 1003 true");
    assertEquals(1, terminal.commandsExecuted());
  }

  @Test
  void singleCommandToAnUnknownOutputIsRefused() throws InterruptedException {
    assertEquals(Command.Outcome.REFUSED, master.command(address, 5, true, PATIENCE));
    assertEquals(0, terminal.commandsExecuted());
  }

  @Test
  void commandToNobodyHasNoLink() throws InterruptedException, IOException {
    terminal.close();
    assertEquals(Command.Outcome.NO_LINK, master.command(address, 1003, true, PATIENCE));
  }

  @Test
  void masterDialsAgainAfterTheLinkWasCut() throws InterruptedException, IOException {
    master.start();
    await("interrogated 32");
    terminal.close();
    await("ended");
    terminal = new SimulatedTerminal(new SimulatedTerminal.Settings(address, 7, 4, QUICK), this);
    await("interrogated 8");
    assertEquals(2, master.stations().getFirst().connections());
  }

  @Test
  void quietLinkIsTestedAndLives() throws InterruptedException {
    master.start();
    await("interrogated 32");
    long before = terminal.counters().framesReceived();
    Thread.sleep(1500); // several t3
    assertTrue(before + 2 <= terminal.counters().framesReceived());
    assertEquals(1, master.stations().getFirst().connections());
  }

  @Test
  void malformedFrameEndsTheLink() throws IOException, InterruptedException {
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      send(socket, "6800");
      assertEquals(-1, socket.getInputStream().read());
    }
    await("ended no frame");
    assertEquals(1, terminal.counters().brokenFrames());
  }

  @Test
  void informationBeforeTheStartEndsTheLink() throws IOException, InterruptedException {
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      send(socket, "680e0000000064010600070000000014");
      assertEquals(-1, socket.getInputStream().read());
    }
    await("ended an I frame before");
  }

  @Test
  void sendNumberOutOfOrderEndsTheLink() throws IOException, InterruptedException {
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      send(socket, "680407000000");
      assertArrayEquals(
          HexFormat.of().parseHex("68040b000000"), socket.getInputStream().readNBytes(6));
      send(socket, "680e0200000064010600070000000014");
      assertEquals(-1, socket.getInputStream().read());
    }
    await("ended N(S) is 1, must be 0");
    assertEquals(1, terminal.counters().brokenSequences());
  }

  @Test
  void connectionBeyondTheLimitIsClosed() throws IOException {
    Socket[] sockets = new Socket[SimulatedTerminal.MAX_LINKS];
    for (int i = 0; i < sockets.length; i++) {
      sockets[i] = new Socket(address.getAddress(), address.getPort());
      send(sockets[i], "680443000000");
      assertEquals(6, sockets[i].getInputStream().readNBytes(6).length);
    }
    try (Socket oneMore = new Socket(address.getAddress(), address.getPort())) {
      assertEquals(-1, oneMore.getInputStream().read());
    }
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private static void send(Socket socket, String hex) throws IOException {
    socket.getOutputStream().write(HexFormat.of().parseHex(hex));
  }

  private void await(String prefix) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    String event = "";
    while (System.nanoTime() < deadline && !event.startsWith(prefix)) {
      String next = seen.poll(100, TimeUnit.MILLISECONDS);
      event = next == null ? event : next;
    }
    assertTrue(event.startsWith(prefix), "last event: " + event);
  }

  @Override
  public void started(SocketAddress peer) {
    seen.add("terminal started");
  }

  @Override
  public void ended(SocketAddress peer, String cause) {
    seen.add("ended " + cause);
  }

  @Override
  public void executed(int objectAddress, boolean on) {
    seen.add("executed " + objectAddress + " " + on);
  }

  @Override
  public void started(InetSocketAddress peer) {
    seen.add("started");
  }

  @Override
  public void interrogated(InetSocketAddress peer, int objects) {
    seen.add("interrogated " + objects);
  }

  @Override
  public void ended(InetSocketAddress peer, String cause) {
    seen.add("master ended " + cause);
  }
}
