package dev.sluice.runtime.iec104;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;

/// A master station that does not exist: dials every terminal, again and again where it must, asks
/// for its state, takes in what it sends, and sends commands.
public final class SimulatedMaster implements AutoCloseable {
  /// Whom to dial, and how.
  ///
  /// @param terminals whom to dial, each address once
  /// @param commonAddress of every terminal, 1..65534
  /// @param connectMillis a connection not made within this is given up, at least 1
  /// @param retryMillis pause before dialling again, at least 1
  public record Settings(
      List<InetSocketAddress> terminals,
      int commonAddress,
      int connectMillis,
      int retryMillis,
      LinkTiming timing) {
    public Settings {
      terminals = List.copyOf(terminals);
      if (terminals.isEmpty()) {
        throw new IllegalArgumentException("a master station needs at least one terminal");
      }
      if (connectMillis < 1 || retryMillis < 1) {
        throw new IllegalArgumentException("connect and retry times must be at least 1 ms");
      }
    }
  }

  /// Is told what happens, on the threads it happens on.
  public interface Observer {
    /// Data transfer has begun.
    void started(InetSocketAddress terminal);

    /// A general interrogation is over.
    ///
    /// @param objects information objects that the terminal sent for it
    void interrogated(InetSocketAddress terminal, int objects);

    /// A link on which data transfer had begun is over.
    void ended(InetSocketAddress terminal, String cause);
  }

  private final Settings settings;
  private final List<Station> stations = new ArrayList<>();
  private final LinkCounters commandCounters = new LinkCounters();

  public SimulatedMaster(Settings settings, Observer observer) {
    this.settings = settings;
    for (InetSocketAddress terminal : settings.terminals()) {
      stations.add(new Station(terminal, settings, observer));
    }
  }

  /// Begins to dial.
  public void start() {
    stations.forEach(Station::start);
  }

  /// One for each terminal, in the settings' order.
  public List<Station> stations() {
    return List.copyOf(stations);
  }

  /// What the connections opened for commands have sent and received.
  public LinkCounters commandCounters() {
    return commandCounters;
  }

  /// Sends a single command on a connection of its own, so that the terminal's main link lives on
  /// whatever happens to the command.
  ///
  /// @throws NoSuchElementException if the terminal is none of this master's
  public Command.Outcome command(
      InetSocketAddress terminal, int objectAddress, boolean on, Duration patience)
      throws InterruptedException {
    if (!settings.terminals().contains(terminal)) {
      throw new NoSuchElementException("no terminal " + terminal);
    }
    Asdu asdu =
        Asdu.of(
            Asdu.ACTIVATION,
            settings.commonAddress(),
            objectAddress,
            new Element.SingleCommand(on, false, 0));
    return new Command(asdu).send(terminal, settings.timing(), commandCounters, patience);
  }

  /// Ends every link and dials no more.
  @Override
  public void close() throws IOException {
    for (Station station : stations) {
      station.close();
    }
  }
}
