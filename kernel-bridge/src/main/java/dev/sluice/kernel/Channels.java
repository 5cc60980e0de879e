package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/// How many queues of an interface are in use, each kind counted from 0.
///
/// @param receive queues frames arrive by
/// @param transmit queues frames leave by
record Channels(int receive, int transmit) {
  private static final int MOST = 4096;

  /// Asks the driver, and the kernel's list of queues where the driver does not say.
  static Channels of(ControlSocket port) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment command = arena.allocate(UapiEthtool.STRUCT_ETHTOOL_CHANNELS);
      command.set(JAVA_INT, 0, UapiEthtool.ETHTOOL_GCHANNELS);
      if (port.ethtool(command) < 0) {
        return new Channels(listed(port, "rx"), listed(port, "tx"));
      }
      int combined = count(command, "combined_count");
      return new Channels(
          within(combined + count(command, "rx_count")),
          within(combined + count(command, "tx_count")));
    }
  }

  /// Whether there is one queue in each direction.
  boolean areOne() {
    return receive == 1 && transmit == 1;
  }

  private static int count(MemorySegment command, String field) {
    return command.get(JAVA_INT, IfPacket.offset(UapiEthtool.STRUCT_ETHTOOL_CHANNELS, field));
  }

  /// Queues below /sys, which shows one network namespace whichever this thread is in: 1 if it
  /// shows another.
  private static int listed(ControlSocket port, String direction) {
    Path queues = Path.of("/sys/class/net", port.name(), "queues");
    int count = 0;
    while (count < MOST && Files.exists(queues.resolve(direction + "-" + count))) {
      count++;
    }
    return within(count);
  }

  private static int within(int count) {
    return Math.clamp(count, 1, MOST);
  }
}
