package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The driver of an interface, as `ethtool -i` names it.
///
/// @param name or an empty text where the driver does not say
/// @param version or an empty text
record Driver(String name, String version) {
  static Driver of(ControlSocket port) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment command = arena.allocate(UapiEthtool.STRUCT_ETHTOOL_DRVINFO);
      command.set(JAVA_INT, 0, UapiEthtool.ETHTOOL_GDRVINFO);
      if (port.ethtool(command) < 0) {
        return new Driver("", "");
      }
      return new Driver(text(command, "driver"), text(command, "version"));
    }
  }

  private static String text(MemorySegment command, String field) {
    return command.getString(IfPacket.offset(UapiEthtool.STRUCT_ETHTOOL_DRVINFO, field));
  }
}
