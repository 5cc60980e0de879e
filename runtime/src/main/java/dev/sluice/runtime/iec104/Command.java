package dev.sluice.runtime.iec104;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// One single command on a connection of its own.
public final class Command implements Link.Listener {
  /// How far the command came.
  public enum Outcome {
    /// No connection, or no data transfer on it.
    NO_LINK,
    /// The link was up, and nobody answered the command.
    NO_ANSWER,
    /// The terminal confirmed it negatively.
    REFUSED,
    /// The terminal confirmed it and reported its end.
    EXECUTED
  }

  private final Asdu command;
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch answered = new CountDownLatch(1);
  private final AtomicReference<Outcome> outcome = new AtomicReference<>(Outcome.NO_LINK);

  Command(Asdu command) {
    this.command = command;
  }

  /// Connects, sends, and waits for the answer; the connection is gone when this returns.
  Outcome send(
      InetSocketAddress terminal, LinkTiming timing, LinkCounters counters, Duration patience)
      throws InterruptedException {
    int patienceMillis = Math.toIntExact(patience.toMillis());
    Socket socket = new Socket();
    try {
      socket.connect(terminal, patienceMillis);
      Link link = new Link(socket, true, timing, counters, this);
      Thread runner = Thread.ofVirtual().name("command").start(() -> run(link));
      if (started.await(patienceMillis, TimeUnit.MILLISECONDS)) {
        outcome.set(Outcome.NO_ANSWER);
        link.send(command);
        boolean inTime = answered.await(patienceMillis, TimeUnit.MILLISECONDS);
        inTime = inTime && outcome.get() != Outcome.NO_ANSWER;
        end(link, !inTime);
      } else {
        end(link, true);
      }
      runner.join();
    } catch (IOException e) {
      abandon(socket, e);
    }
    return outcome.get();
  }

  /// A command without an answer may still lie in the kernel's send queue: a reset takes it away.
  private static void end(Link link, boolean unanswered) throws IOException {
    if (unanswered) {
      link.abort();
    } else {
      link.close();
    }
  }

  private static void abandon(Socket socket, IOException failure) {
    try {
      socket.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private void run(Link link) {
    try {
      link.run();
    } catch (IOException _) {
      // Whatever ended the link: the outcome says how far the command came.
      answered.countDown();
    }
  }

  @Override
  public void started(Link link) {
    started.countDown();
  }

  @Override
  public void received(Link link, Asdu asdu) {
    if (asdu.type() != command.type()) {
      return;
    }
    if (asdu.negative()) {
      outcome.set(Outcome.REFUSED);
      answered.countDown();
    } else if (asdu.cause() == Asdu.ACTIVATION_TERMINATION) {
      outcome.set(Outcome.EXECUTED);
      answered.countDown();
    }
  }
}
