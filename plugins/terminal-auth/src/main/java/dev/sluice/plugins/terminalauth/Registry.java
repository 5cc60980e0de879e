package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The terminals that may authenticate, read from a file of one section each.
///
/// @param byAddress each terminal under the only address it may use
/// @param names canonical subjects and fingerprints of all of them, to tell a listed terminal at a
///   wrong address from an unlisted one
record Registry(Map<IpAddress, Terminal> byAddress, Set<String> names) {
  /// Most terminals that one gateway takes.
  static final int MAX_TERMINALS = 10_000;

  private static final int MAX_MASTERS = 64;
  private static final int MAX_TCP_PORTS = 16;
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");

  Registry {
    byAddress = Map.copyOf(byAddress);
    names = Set.copyOf(names);
  }

  /// Reads a registry.
  ///
  /// @param source how messages name the text
  /// @param ports names of the devices that lead to terminals
  /// @throws SettingsException that names file, section, key, value and what is allowed
  static Registry parse(String source, String text, Set<String> ports) throws SettingsException {
    Map<String, Map<String, String>> sections = IniFile.parse(source, text);
    if (sections.size() > MAX_TERMINALS) {
      throw new SettingsException(
          source + ": " + sections.size() + " terminals: allowed: " + MAX_TERMINALS + " at most");
    }
    Map<IpAddress, Terminal> byAddress = new LinkedHashMap<>();
    Set<String> names = new HashSet<>();
    // Terminals mostly have the same masters: one list for all of them is in the caches when the
    // next packet of any terminal comes.
    Map<List<IpAddress>, List<IpAddress>> masters = new HashMap<>();
    for (Map.Entry<String, Map<String, String>> section : sections.entrySet()) {
      String id = section.getKey();
      Settings settings = Settings.of(source + " [" + id + "]", section.getValue());
      Terminal terminal = new Section(id, settings, ports, masters).terminal();
      Terminal other = byAddress.putIfAbsent(terminal.address(), terminal);
      if (other != null) {
        throw settings.wrong(
            "address", terminal.address().toString(), "one not used by [" + other.id() + "]");
      }
      names.add(nameOf(terminal.certificate()));
    }
    return new Registry(byAddress, names);
  }

  /// The canonical subject, or the fingerprint, that a certificate must have.
  static String nameOf(Terminal.CertificateRule rule) {
    return rule.subject().isEmpty()
        ? rule.fingerprint()
        : DistinguishedName.canonical(rule.subject());
  }

  @Override
  public String toString() {
    return byAddress.size() + " terminals";
  }

  /// Reads one section.
  private record Section(
      String id,
      Settings settings,
      Set<String> ports,
      Map<List<IpAddress>, List<IpAddress>> knownMasters) {
    Terminal terminal() throws SettingsException {
      if (!ID.matcher(id).matches()) {
        throw new SettingsException(
            settings.source() + ": allowed: an id of 1..64 letters, digits, dots, dashes, _");
      }
      Terminal terminal =
          new Terminal(
              id,
              certificate(),
              address("address", settings.required("address", "the terminal's IP address")),
              port(),
              vlanKey(),
              hardwareAddress(),
              masters(),
              tcpPorts(),
              settings.choice(
                  "direction", Terminal.Direction.class, Terminal.Direction.TERMINAL_LISTENS),
              settings.integer("max-connections", 1, 64, 2));
      settings.refuseUnknown();
      return terminal;
    }

    private Terminal.CertificateRule certificate() throws SettingsException {
      String subject = settings.text("subject", "");
      String fingerprint =
          settings.text("fingerprint", "").replace(":", "").toLowerCase(Locale.ROOT);
      if (subject.isEmpty() == fingerprint.isEmpty()) {
        throw new SettingsException(
            settings.source()
                + (subject.isEmpty()
                    ? ": neither subject nor fingerprint is set: give one of them"
                    : ": both subject and fingerprint are set: give one of them"));
      }
      if (subject.isEmpty() && !FINGERPRINT.matcher(fingerprint).matches()) {
        throw settings.wrong(
            "fingerprint", fingerprint, "SHA-256 of the certificate, 64 hexadecimal digits");
      }
      try {
        if (!subject.isEmpty()) {
          DistinguishedName.canonical(subject);
        }
      } catch (IllegalArgumentException e) {
        throw settings.wrong("subject", subject, "a name as CN=DTU-0001,O=Example,C=CN");
      }
      return new Terminal.CertificateRule(subject, fingerprint);
    }

    private IpAddress address(String key, String text) throws SettingsException {
      try {
        IpAddress address = IpAddress.parse(text);
        if (address.isStation()) {
          return address;
        }
      } catch (IllegalArgumentException e) {
        throw settings.wrong(key, text, "an IPv4 or IPv6 address");
      }
      throw settings.wrong(key, text, "the address of one host, not a group's or an empty one");
    }

    private String port() throws SettingsException {
      String port = settings.required("port", "the name of the device that leads to the terminal");
      if (!ports.contains(port)) {
        throw settings.wrong("port", port, "one of " + String.join(", ", new TreeSet<>(ports)));
      }
      return port;
    }

    private int vlanKey() throws SettingsException {
      String text = settings.text("vlan", "none");
      try {
        return VlanKey.parse(text);
      } catch (IllegalArgumentException e) {
        throw settings.wrong("vlan", text, VlanKey.FORM);
      }
    }

    private OptionalLong hardwareAddress() throws SettingsException {
      String text = settings.text("mac", "");
      if (text.isEmpty()) {
        return OptionalLong.empty();
      }
      try {
        return OptionalLong.of(HardwareAddress.parse(text));
      } catch (IllegalArgumentException e) {
        throw settings.wrong("mac", text, HardwareAddress.FORM);
      }
    }

    private List<IpAddress> masters() throws SettingsException {
      settings.required("masters", "the IP addresses of the master stations it may talk to");
      List<IpAddress> masters = new ArrayList<>();
      for (String part : settings.list("masters")) {
        masters.add(address("masters", part));
      }
      if (masters.isEmpty() || masters.size() > MAX_MASTERS) {
        throw settings.wrong(
            "masters", settings.text("masters", ""), "1.." + MAX_MASTERS + " addresses");
      }
      return knownMasters.computeIfAbsent(List.copyOf(masters), known -> known);
    }

    private List<Integer> tcpPorts() throws SettingsException {
      List<String> parts = settings.list("tcp-ports");
      List<Integer> tcpPorts = new ArrayList<>();
      for (String part : parts.isEmpty() ? List.of("2404") : parts) {
        int port = part.matches("[0-9]{1,5}") ? Integer.parseInt(part) : 0;
        if (port < 1 || 65_535 < port || tcpPorts.size() == MAX_TCP_PORTS) {
          throw settings.wrong(
              "tcp-ports", part, "up to " + MAX_TCP_PORTS + " port numbers, 1..65535 each");
        }
        tcpPorts.add(port);
      }
      return List.copyOf(tcpPorts);
    }
  }
}
