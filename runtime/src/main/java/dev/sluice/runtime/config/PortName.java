package dev.sluice.runtime.config;

import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// A port as the operator names it: `eth1`, or with its back-end, `packet:eth1`.
///
/// @param backend `packet`, `pcap` or `memory`
/// @param name of the interface or the memory device, or the files: `in.pcap,out.pcap`
public record PortName(String backend, String name) {
  /// Most ports of one gateway.
  public static final int MAX_PORTS = 64;

  private static final String KEY = "ports";
  private static final Set<String> BACKENDS = Set.of("packet", "pcap", "memory");

  /// What the kernel takes as an interface's name: `dev_valid_name` of `net/core/dev.c`.
  private static final Pattern INTERFACE = Pattern.compile("[^/:\\s]{1,15}");

  private static final Pattern BETWEEN_WORDS = Pattern.compile("\\s*,\\s+|\\s+");
  private static final Pattern COMMA = Pattern.compile(",");

  private static final String ALLOWED =
      "an even number of ports up to "
          + MAX_PORTS
          + ", each once, as eth1, packet:eth1, pcap:in.pcap,out.pcap or memory:name";

  /// Reads the key `ports`. Blanks, or commas, stand between ports; the comma inside `pcap:` parts
  /// its two files.
  static List<PortName> list(Settings settings) throws SettingsException {
    String text = settings.required(KEY, ALLOWED);
    List<PortName> ports = new ArrayList<>();
    for (String word : BETWEEN_WORDS.split(text, -1)) {
      for (String port :
          word.startsWith("pcap:") ? List.of(word) : List.of(COMMA.split(word, -1))) {
        ports.add(parse(settings, text, port));
      }
    }
    if (ports.size() % 2 != 0
        || ports.size() > MAX_PORTS
        || new HashSet<>(ports).size() < ports.size()) {
      throw settings.wrong(KEY, text, ALLOWED);
    }
    return ports;
  }

  private static PortName parse(Settings settings, String text, String port)
      throws SettingsException {
    int colon = port.indexOf(':');
    String backend = colon < 0 ? "packet" : port.substring(0, colon);
    String name = port.substring(colon + 1);
    boolean good =
        BACKENDS.contains(backend)
            && !name.isEmpty()
            && (!backend.equals("packet") || isInterface(name));
    if (!good) {
      throw settings.wrong(KEY, text, ALLOWED);
    }
    return new PortName(backend, name);
  }

  private static boolean isInterface(String name) {
    return INTERFACE.matcher(name).matches() && !name.equals(".") && !name.equals("..");
  }

  /// The form that devices are opened by.
  @Override
  public String toString() {
    return backend + ":" + name;
  }
}
