package dev.sluice.runtime.iec104;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/// One master's connection to a [SimulatedTerminal]: answers what the master asks, and sends
/// spontaneous values between the answers.
final class TerminalLink implements Link.Listener, AutoCloseable {
  /// Answers that wait for room in the window; a master that asks more without acknowledging is
  /// cut.
  private static final int MAX_ANSWERS = 64;

  private static final int FIRST_POINT = 1;
  private static final int FIRST_MEASURED = 101;
  private static final int FIRST_OUTPUT = 1001;

  /// Object address of the spontaneous value, which counts up by one and so shows a loss.
  static final int SPONTANEOUS_OBJECT = 200;

  /// Whole numbers below this are exact in a short float.
  static final int SPONTANEOUS_MODULUS = 1 << 24;

  private static final long IDLE_POLL_NANOS = 50_000_000;
  private static final long MAX_LAG_NANOS = 1_000_000_000;

  private final SimulatedTerminal terminal;
  private final SocketAddress master;
  private final Link link;
  private final BlockingQueue<Asdu> answers = new ArrayBlockingQueue<>(MAX_ANSWERS);
  private volatile Thread sender = Thread.currentThread();

  TerminalLink(SimulatedTerminal terminal, Socket socket, LinkCounters counters)
      throws IOException {
    this.terminal = terminal;
    this.master = socket.getRemoteSocketAddress();
    this.link = new Link(socket, false, terminal.settings().timing(), counters, this);
  }

  /// Serves the link until it ends.
  void run() {
    Thread sending = Thread.ofVirtual().name("terminal-send").unstarted(this::send);
    sender = sending;
    sending.start();
    String cause = "ended";
    try {
      link.run();
    } catch (IOException e) {
      cause = String.valueOf(e.getMessage());
    } finally {
      sending.interrupt();
      terminal.observer().ended(master, cause);
    }
  }

  @Override
  public void close() throws IOException {
    sender.interrupt();
    link.close();
  }

  @Override
  public void started(Link started) {
    terminal.observer().started(master);
  }

  @Override
  public void received(Link from, Asdu asdu) throws IOException {
    if (asdu.commonAddress() != terminal.settings().commonAddress()) {
      answer(asdu.answer(Asdu.UNKNOWN_COMMON_ADDRESS, true));
    } else if (asdu.cause() != Asdu.ACTIVATION) {
      answer(asdu.answer(Asdu.UNKNOWN_CAUSE, true));
    } else {
      activated(asdu);
    }
  }

  private void activated(Asdu asdu) throws IOException {
    Asdu.InformationObject object = asdu.objects().getFirst();
    switch (object.element()) {
      case Element.Interrogation(int qualifier) -> interrogated(asdu, qualifier);
      case Element.SingleCommand command -> commanded(asdu, object.address(), command);
      case Element.ClockTime _ -> answer(asdu.answer(Asdu.ACTIVATION_CONFIRMATION, false));
      case Element.SinglePoint _, Element.ShortFloat _ ->
          answer(asdu.answer(Asdu.UNKNOWN_CAUSE, true));
    }
  }

  private void interrogated(Asdu asdu, int qualifier) throws IOException {
    boolean known = qualifier == Element.Interrogation.STATION;
    answer(asdu.answer(Asdu.ACTIVATION_CONFIRMATION, !known));
    if (known) {
      answer(station(FIRST_POINT, i -> new Element.SinglePoint(i % 2 == 1, 0)));
      answer(station(FIRST_MEASURED, i -> new Element.ShortFloat(10 + i / 4f, 0)));
      answer(asdu.answer(Asdu.ACTIVATION_TERMINATION, false));
    }
  }

  private Asdu station(int firstAddress, IntFunction<Element> element) {
    List<Asdu.InformationObject> objects = new ArrayList<>();
    for (int i = 0; i < terminal.settings().points(); i++) {
      objects.add(new Asdu.InformationObject(firstAddress + i, element.apply(i)));
    }
    TypeId type = objects.getFirst().element().type();
    return new Asdu(
        type, Asdu.INTERROGATED_BY_STATION, false, terminal.settings().commonAddress(), objects);
  }

  private void commanded(Asdu asdu, int address, Element.SingleCommand command) throws IOException {
    if (address < FIRST_OUTPUT || FIRST_OUTPUT + terminal.settings().points() <= address) {
      answer(asdu.answer(Asdu.UNKNOWN_OBJECT_ADDRESS, true));
      return;
    }
    answer(asdu.answer(Asdu.ACTIVATION_CONFIRMATION, false));
    if (!command.select()) {
      terminal.executed(address, command.on());
      answer(asdu.answer(Asdu.ACTIVATION_TERMINATION, false));
    }
  }

  private void answer(Asdu asdu) throws IOException {
    if (!answers.offer(asdu)) {
      throw new Link.LinkException(MAX_ANSWERS + " answers wait for acknowledgements");
    }
  }

  private void send() {
    int value = 0;
    long dueAt = System.nanoTime();
    try {
      while (true) {
        int rate = terminal.spontaneousPerSecond();
        long now = System.nanoTime();
        dueAt = rate == 0 || MAX_LAG_NANOS < now - dueAt ? now : dueAt;
        Asdu answer = answers.poll(rate == 0 ? IDLE_POLL_NANOS : dueAt - now, TimeUnit.NANOSECONDS);
        if (answer != null) {
          link.send(answer);
        } else if (rate != 0) {
          link.send(spontaneous(value));
          value = (value + 1) % SPONTANEOUS_MODULUS;
          dueAt += 1_000_000_000L / rate;
        }
      }
    } catch (IOException e) {
      closeAfter(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Asdu spontaneous(int value) {
    return Asdu.of(
        Asdu.SPONTANEOUS,
        terminal.settings().commonAddress(),
        SPONTANEOUS_OBJECT,
        new Element.ShortFloat(value, 0));
  }

  /// The reading thread finds the link closed and reports why it ended.
  private void closeAfter(IOException failure) {
    try {
      link.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
