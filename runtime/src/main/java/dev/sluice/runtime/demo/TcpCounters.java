package dev.sluice.runtime.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What the kernel's TCP of one namespace has counted.
///
/// @param retransmitted segments sent again (`RetransSegs` of RFC 4022)
/// @param duplicates segments of which the far end has said that they had arrived before (DSACK,
///   RFC 2883): sent again because an acknowledgement was late, not because a frame was lost
record TcpCounters(long retransmitted, long duplicates) {

  /// Reads them through a process in the namespace.
  static TcpCounters read(long pid) throws StepException {
    Path folder = Path.of("/proc/" + pid + "/net");
    try {
      return new TcpCounters(
          value(Files.readAllLines(folder.resolve("snmp")), "Tcp:", "RetransSegs"),
          value(Files.readAllLines(folder.resolve("netstat")), "TcpExt:", "TCPDSACKRecvSegs"));
    } catch (IOException e) {
      throw new StepException("TCP's counters cannot be read: " + e.getMessage(), e);
    }
  }

  /// The files have pairs of lines: names, then values in the same order.
  static long value(List<String> lines, String group, String name) throws StepException {
    for (int i = 0; i + 1 < lines.size(); i++) {
      if (lines.get(i).startsWith(group + " ")) {
        int column = List.of(lines.get(i).split(" ", -1)).indexOf(name);
        String[] values = lines.get(i + 1).split(" ", -1);
        if (0 < column && column < values.length) {
          return Long.parseLong(values[column]);
        }
        break;
      }
    }
    throw new StepException("this kernel counts no " + group + " " + name);
  }

  TcpCounters plus(TcpCounters other) {
    return new TcpCounters(retransmitted + other.retransmitted, duplicates + other.duplicates);
  }

  TcpCounters minus(TcpCounters earlier) {
    return new TcpCounters(retransmitted - earlier.retransmitted, duplicates - earlier.duplicates);
  }

  /// Segments sent again and not known to have arrived the first time: each may stand for a lost
  /// frame.
  long unexplained() {
    return Math.max(0, retransmitted - duplicates);
  }
}
