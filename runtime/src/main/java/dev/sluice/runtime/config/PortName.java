package dev.sluice.runtime.config;

import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// A port as the operator names it: `eth1`, or with its back-end, `packet:eth1`, `xdp:eth1@0`.
///
/// @param backend `xdp`, `packet`, `pcap` or `memory`, or empty for the best that works
/// @param name of the interface, with a queue if one is wanted, or of the memory device, or the
///   files: `in.pcap,out.pcap`
public record PortName(String backend, String name) {
  /// Most ports of one gateway.
  public static final int MAX_PORTS = 64;

  private static final String KEY = "ports";
  private static final Set<String> BACKENDS = Set.of("", "xdp", "packet", "pcap", "memory");
  private static final Set<String> NOT_INTERFACES = Set.of("pcap", "memory");

  /// What the kernel takes as an interface's name, `dev_valid_name` of `net/core/dev.c`, but for
  /// names with an @, which parts a queue from it.
  private static final Pattern INTERFACE = Pattern.compile("[^/:@\\s]{1,15}");

  /// Behind `xdp:IF@`.
  private static final Pattern QUEUE = Pattern.compile("\\d{1,4}");

  private static final int MOST_QUEUE = 4095;

  private static final Pattern BETWEEN_WORDS = Pattern.compile("\\s*,\\s+|\\s+");
  private static final Pattern COMMA = Pattern.compile(",");

  private static final String ALLOWED =
      "an even number of ports up to "
          + MAX_PORTS
          + ", each once, as eth1, xdp:eth1, xdp:eth1@queue, packet:eth1, pcap:in.pcap,out.pcap or"
          + " memory:name";

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
    requireDifferentInterfaces(settings, text, ports);
    return ports;
  }

  /// Two ports of one interface would send onto one wire what came in by it, by whatever queues or
  /// back-ends.
  private static void requireDifferentInterfaces(
      Settings settings, String text, List<PortName> ports) throws SettingsException {
    Set<String> interfaces = new HashSet<>();
    for (PortName port : ports) {
      if (port.isInterface() && !interfaces.add(port.interfaceName())) {
        throw settings.wrong(
            KEY,
            text,
            "each interface once; all queues of "
                + port.interfaceName()
                + " are one wire, which xdp:"
                + port.interfaceName()
                + " opens whole");
      }
    }
  }

  private static PortName parse(Settings settings, String text, String port)
      throws SettingsException {
    int colon = port.indexOf(':');
    String backend = colon < 0 ? "" : port.substring(0, colon);
    PortName parsed = new PortName(backend, port.substring(colon + 1));
    boolean known = BACKENDS.contains(backend) && (colon != 0);
    if (known && parsed.isInterface()) {
      parsed.requireQueue(settings, text);
    }
    if (!known
        || parsed.name.isEmpty()
        || (parsed.isInterface() && !isInterface(parsed.interfaceName()))) {
      throw settings.wrong(KEY, text, ALLOWED);
    }
    return parsed;
  }

  private void requireQueue(Settings settings, String text) throws SettingsException {
    int at = name.indexOf('@');
    if (at < 0) {
      return;
    }
    if (!backend.equals("xdp")) {
      throw settings.wrong(
          KEY, text, "a queue for xdp: alone, as in xdp:" + interfaceName() + "@0");
    }
    String queue = name.substring(at + 1);
    if (!QUEUE.matcher(queue).matches() || Integer.parseInt(queue) > MOST_QUEUE) {
      throw settings.wrong(
          KEY, text, "a queue 0.." + MOST_QUEUE + " behind the @, not '" + queue + "'");
    }
  }

  private static boolean isInterface(String name) {
    return INTERFACE.matcher(name).matches() && !name.equals(".") && !name.equals("..");
  }

  private boolean isInterface() {
    return !NOT_INTERFACES.contains(backend);
  }

  private String interfaceName() {
    int at = name.indexOf('@');
    return at < 0 ? name : name.substring(0, at);
  }

  /// The form that devices are opened by.
  @Override
  public String toString() {
    return backend.isEmpty() ? name : backend + ":" + name;
  }
}
