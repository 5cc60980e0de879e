package dev.sluice.runtime.control;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.runtime.events.EventTail;
import dev.sluice.runtime.supervisor.FatalErrors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The gateway's end of the control socket.
///
/// One thread accepts, each client has a virtual thread of its own, and one thread ends clients
/// that are too slow. No thread of the packet path is concerned.
public final class ControlServer implements AutoCloseable {
  /// Most clients at once; a further one is told so and sent away.
  public static final int MOST_CLIENTS = 32;

  private static final long LOOK_MS = 100;
  private static final long STOP_MS = 1000;

  private final ControlSocket socket;
  private final Limits limits;
  private final Dispatcher dispatcher;
  private final EventLog log;
  private final Map<ClientConnection, Thread> clients = new ConcurrentHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  /// What a client may take.
  ///
  /// @param clients most at once
  /// @param request until its whole request must have come
  /// @param write how long it may read nothing of what is sent to it
  /// @param beat between two empty lines while its answer is being made
  public record Limits(int clients, Duration request, Duration write, Duration beat) {
    /// Those of a gateway.
    public static Limits standard() {
      return new Limits(
          MOST_CLIENTS, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(1));
    }
  }

  private ControlServer(ControlSocket socket, Limits limits, Dispatcher dispatcher, EventLog log) {
    this.socket = socket;
    this.limits = limits;
    this.dispatcher = dispatcher;
    this.log = log;
  }

  /// Starts to listen.
  ///
  /// @param path absolute; the socket's mode is 0660, and its group that of the process
  /// @param tail what `events` shows
  /// @param log is told of every order
  /// @throws ControlException if there can be no socket
  public static ControlServer start(
      Path path, Operations operations, EventTail tail, EventLog log, Limits limits)
      throws ControlException {
    ControlServer server =
        new ControlServer(
            ControlSocket.bind(path), limits, new Dispatcher(operations, tail, log), log);
    thread("control", server::accept).start();
    thread("control-limits", server::endOverdue).start();
    return server;
  }

  private static Thread thread(String name, Runnable task) {
    return Thread.ofPlatform()
        .name(name)
        .uncaughtExceptionHandler(FatalErrors.handler())
        .daemon()
        .unstarted(task);
  }

  private void accept() {
    boolean failing = false;
    while (closing.getCount() > 0) {
      try {
        SocketChannel channel = socket.accept();
        failing = false;
        admit(channel);
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        // Descriptors may be had again later: told once each time it fails anew.
        if (!failing) {
          failing = true;
          log.report(Severity.WARNING, "control-failed", Map.of("cause", e.toString()));
        }
        pause();
      }
    }
  }

  private void pause() {
    try {
      closing.await(LOOK_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void admit(SocketChannel channel) throws IOException {
    if (clients.size() >= limits.clients()) {
      sendAway(channel);
      return;
    }
    ClientConnection client = new ClientConnection(channel, limits, dispatcher);
    Thread thread =
        Thread.ofVirtual()
            .name("control-client")
            .uncaughtExceptionHandler(FatalErrors.handler())
            .unstarted(() -> {
              try {
                client.run();
              } finally {
                clients.remove(client);
              }
            });
    clients.put(client, thread);
    thread.start();
    if (closing.getCount() == 0) {
      client.close(); // it may have come too late for close() to see it
    }
  }

  /// Without waiting: what does not fit into the socket's empty buffer is not said.
  private void sendAway(SocketChannel channel) throws IOException {
    String line =
        Dispatcher.refusal(
            "busy", limits.clients() + " clients are served already; try again in a moment");
    try (channel) {
      channel.configureBlocking(false);
      channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }
  }

  private void endOverdue() {
    try {
      while (!closing.await(LOOK_MS, TimeUnit.MILLISECONDS)) {
        clients.keySet().stream()
            .filter(ClientConnection::isOverdue)
            .forEach(ClientConnection::close);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Where it listens.
  public Path path() {
    return socket.path();
  }

  /// Ends every client and removes the socket; waits a second at most.
  @Override
  public void close() throws IOException {
    closing.countDown();
    socket.close();
    clients.forEach((client, thread) -> {
      thread.interrupt();
      client.close();
    });
    long deadline = System.nanoTime() + STOP_MS * 1_000_000;
    for (Thread thread : clients.values()) {
      long left = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
      try {
        thread.join(Duration.ofMillis(left));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
