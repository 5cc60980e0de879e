package dev.sluice.runtime.iec104;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// One terminal as the [SimulatedMaster] sees it: dials it, starts data transfer, interrogates it,
/// sets its clock, and counts what it sends.
public final class Station implements Link.Listener, AutoCloseable {
  private final InetSocketAddress terminal;
  private final SimulatedMaster.Settings settings;
  private final SimulatedMaster.Observer observer;
  private final LinkCounters counters = new LinkCounters();
  private final LongAdder attempts = new LongAdder();
  private final LongAdder connections = new LongAdder();
  private final LongAdder spontaneous = new LongAdder();
  private final LongAdder spontaneousMissing = new LongAdder();
  private final LongAdder unasked = new LongAdder();
  private final Thread dialler;

  private volatile boolean closed;
  private volatile boolean started;
  private volatile @Nullable Socket current;

  // Only the thread that runs the link touches these.
  private int interrogatedObjects;
  private int expectedValue = -1;

  Station(
      InetSocketAddress terminal,
      SimulatedMaster.Settings settings,
      SimulatedMaster.Observer observer) {
    this.terminal = terminal;
    this.settings = settings;
    this.observer = observer;
    dialler = Thread.ofVirtual().name("master-" + terminal).unstarted(this::dial);
  }

  void start() {
    dialler.start();
  }

  public InetSocketAddress terminal() {
    return terminal;
  }

  public LinkCounters counters() {
    return counters;
  }

  /// Times it dialled.
  public long attempts() {
    return attempts.sum();
  }

  /// Times the terminal's kernel accepted the connection.
  public long connections() {
    return connections.sum();
  }

  /// Spontaneous values received.
  public long spontaneous() {
    return spontaneous.sum();
  }

  /// Spontaneous values that the received ones show to be missing.
  public long spontaneousMissing() {
    return spontaneousMissing.sum();
  }

  /// Links that ended before the terminal could be asked for its state.
  public long unasked() {
    return unasked.sum();
  }

  /// Whether data transfer is under way.
  public boolean isStarted() {
    return started;
  }

  private void dial() {
    try {
      while (!closed) {
        attempts.increment();
        String cause = serve();
        if (started) {
          started = false;
          observer.ended(terminal, cause);
        }
        if (!closed) {
          Thread.sleep(settings.retryMillis());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Returns what ended the connection, or the attempt.
  private String serve() {
    try (Socket socket = new Socket()) {
      current = socket;
      socket.connect(terminal, settings.connectMillis());
      connections.increment();
      expectedValue = -1;
      new Link(socket, true, settings.timing(), counters, this).run();
      return "ended";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Override
  public void started(Link link) {
    started = true;
    observer.started(terminal);
    Thread.ofVirtual().name("master-ask").start(() -> ask(link));
  }

  private void ask(Link link) {
    try {
      link.send(request(new Element.ClockTime(LocalDateTime.now(ZoneId.systemDefault()))));
      link.send(request(new Element.Interrogation(Element.Interrogation.STATION)));
    } catch (IOException _) {
      unasked.increment();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Asdu request(Element element) {
    return Asdu.of(Asdu.ACTIVATION, settings.commonAddress(), 0, element);
  }

  @Override
  public void received(Link link, Asdu asdu) {
    if (asdu.cause() == Asdu.INTERROGATED_BY_STATION) {
      interrogatedObjects += asdu.objects().size();
    } else if (asdu.cause() == Asdu.SPONTANEOUS) {
      received(asdu.objects().getFirst());
    } else if (asdu.type() == TypeId.C_IC_NA_1 && asdu.cause() == Asdu.ACTIVATION_TERMINATION) {
      observer.interrogated(terminal, interrogatedObjects);
      interrogatedObjects = 0;
    }
  }

  private void received(Asdu.InformationObject object) {
    spontaneous.increment();
    if (object.element() instanceof Element.ShortFloat(float measured, int _)) {
      int value = (int) measured;
      if (0 <= expectedValue) {
        spontaneousMissing.add(
            Math.floorMod(value - expectedValue, TerminalLink.SPONTANEOUS_MODULUS));
      }
      expectedValue = (value + 1) % TerminalLink.SPONTANEOUS_MODULUS;
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    dialler.interrupt();
    Socket socket = current;
    if (socket != null) {
      socket.close();
    }
  }
}
