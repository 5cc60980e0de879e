package dev.sluice.runtime.demo;

import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import dev.sluice.runtime.iec104.Command;
import dev.sluice.runtime.iec104.LinkCounters;
import dev.sluice.runtime.iec104.LinkTiming;
import dev.sluice.runtime.iec104.SimulatedMaster;
import dev.sluice.runtime.iec104.Station;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A simulated master station as a process.
final class MasterProcess implements SimulatedMaster.Observer, AutoCloseable {
  private static final int CONNECT_MILLIS = 500;

  private final SimulatedMaster master;

  MasterProcess(Arguments arguments) throws ArgumentException {
    List<InetSocketAddress> terminals = new ArrayList<>();
    for (String text : arguments.option("terminals").orElse("").split(",", -1)) {
      terminals.add(Addresses.parse("terminals", text));
    }
    master =
        new SimulatedMaster(
            new SimulatedMaster.Settings(
                terminals,
                arguments.number("common-address", 1, 1, 65_534),
                CONNECT_MILLIS,
                arguments.number("retry", 200, 1, 60_000),
                LinkTiming.STANDARD),
            this);
  }

  /// Dials and takes orders until the last.
  void serve() throws IOException {
    master.start();
    Orders.tell(Line.now("ready"));
    Orders.serve(this::take);
  }

  private boolean take(List<String> words) throws InterruptedException {
    switch (words.getFirst()) {
      case "command" -> command(words);
      case "report" -> report();
      default -> {
        return false;
      }
    }
    return true;
  }

  private void command(List<String> words) throws InterruptedException {
    InetSocketAddress terminal;
    try {
      terminal = Addresses.parse("command", words.get(1));
    } catch (ArgumentException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    Duration patience = Duration.ofMillis(Integer.parseInt(words.get(4)));
    Command.Outcome outcome =
        master.command(
            terminal, Integer.parseInt(words.get(2)), words.get(3).equals("on"), patience);
    Orders.tell(Line.now("command", "terminal", words.get(1), "outcome", outcome));
  }

  private void report() {
    for (Station station : master.stations()) {
      LinkCounters counters = station.counters();
      Orders.tell(
          Line.now(
              "station",
              "terminal",
              Addresses.text(station.terminal()),
              "attempts",
              station.attempts(),
              "connections",
              station.connections(),
              "started",
              station.isStarted(),
              "frames-sent",
              counters.framesSent(),
              "frames-received",
              counters.framesReceived(),
              "information-sent",
              counters.informationSent(),
              "information-received",
              counters.informationReceived(),
              "spontaneous",
              station.spontaneous(),
              "missing",
              station.spontaneousMissing(),
              "broken",
              counters.brokenFrames() + counters.brokenSequences()));
    }
    LinkCounters commands = master.commandCounters();
    Orders.tell(
        Line.now(
            "report",
            "command-frames-sent",
            commands.framesSent(),
            "command-frames-received",
            commands.framesReceived(),
            "command-information-sent",
            commands.informationSent(),
            "command-information-received",
            commands.informationReceived()));
  }

  @Override
  public void started(InetSocketAddress terminal) {
    Orders.tell(Line.now("started", "terminal", Addresses.text(terminal)));
  }

  @Override
  public void interrogated(InetSocketAddress terminal, int objects) {
    Orders.tell(Line.now("interrogated", "terminal", Addresses.text(terminal), "objects", objects));
  }

  @Override
  public void ended(InetSocketAddress terminal, String cause) {
    Orders.tell(Line.now("ended", "terminal", Addresses.text(terminal), "cause", cause));
  }

  @Override
  public void close() throws IOException {
    master.close();
  }
}
