package dev.sluice.runtime.demo;

import java.util.List;

/// What the master station has counted.
///
/// @param stations a line for each terminal
/// @param commands the connections opened for commands
record StationReport(List<Line> stations, Line commands) {
  StationReport {
    stations = List.copyOf(stations);
  }

  /// The line of one terminal.
  Line station(String endpoint) throws StepException {
    return stations.stream()
        .filter(line -> line.text("terminal").equals(endpoint))
        .findAny()
        .orElseThrow(() -> new StepException("the master station knows no terminal " + endpoint));
  }

  /// A figure summed over all terminals.
  long sum(String key) {
    return stations.stream().mapToLong(line -> line.number(key)).sum();
  }

  /// The smallest value of a figure.
  long least(String key) {
    return stations.stream().mapToLong(line -> line.number(key)).min().orElse(0);
  }

  /// Frames of every format, both ways, with those of the command connections.
  long frames() {
    return sum("frames-sent")
        + sum("frames-received")
        + commands.number("command-frames-sent")
        + commands.number("command-frames-received");
  }
}
