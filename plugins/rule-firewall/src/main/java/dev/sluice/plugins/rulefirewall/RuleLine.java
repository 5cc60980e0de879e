package dev.sluice.plugins.rulefirewall;

import dev.sluice.plugin.SettingsException;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Icmp;
import dev.sluice.wire.Icmpv6;
import dev.sluice.wire.Tcp;
import dev.sluice.wire.Udp;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads one rule:
///
/// ```
/// ACTION PROTOCOL [in PORT] [vlan TAGS] [from ADDRESSES [port PORTS]] [to ADDRESSES [port PORTS]]
///     [name NAME]
/// ```
///
/// The parts stand in this order; `docs/rule-firewall.md` says what each may be.
final class RuleLine {
  private static final int MOST_CHARACTERS = 512;
  private static final int MOST_NAME_CHARACTERS = 48;
  private static final int MOST_PORT_CHARACTERS = 64;
  private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");
  private static final Pattern TAGS = Pattern.compile("([0-9]{1,4})(?:\\.([0-9]{1,4}))?");
  private static final Pattern PORTS = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
  private static final Pattern ETHER_TYPE = Pattern.compile("0x[0-9a-fA-F]{4}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,3}");
  private static final int NO_TAG = 0xfff;
  private static final int UNTAGGED = 0xffffff;
  private static final int MAX_VLAN = 4094;
  private static final int MAX_PORT = 65_535;
  private static final int MAX_PROTOCOL = 255;

  private final String source;
  private final String key;
  private final String text;
  private final String[] words;
  private int next;

  private int etherType = Rule.ANY;
  private int protocol = Rule.ANY;

  private RuleLine(String source, String key, String text) {
    this.source = source;
    this.key = key;
    this.text = text;
    this.words = text.split("\\s+");
  }

  /// Reads a rule.
  ///
  /// @param source how messages name the file
  /// @param key how they name the line
  /// @throws SettingsException with a sentence that names file, line, word and what is allowed
  static Rule parse(String source, String key, String text) throws SettingsException {
    String line = text.strip();
    if (line.length() > MOST_CHARACTERS) {
      throw new SettingsException(
          "%s: %s has %d characters: allowed: %d at most"
              .formatted(source, key, line.length(), MOST_CHARACTERS));
    }
    return new RuleLine(source, key, line).rule();
  }

  private Rule rule() throws SettingsException {
    boolean passes = passes(take("pass or drop"));
    readProtocol();
    String port = takeIf("in") ? port() : "";
    int vlanKey = takeIf("vlan") ? vlanKey() : Rule.ANY;
    Rule.Endpoint from = takeIf("from") ? endpoint("from") : Rule.Endpoint.ANYWHERE;
    Rule.Endpoint to = takeIf("to") ? endpoint("to") : Rule.Endpoint.ANYWHERE;
    checkFamilies(from.range(), to.range());
    String name = takeIf("name") ? name() : "";
    if (next < words.length) {
      throw wrong(words[next], "is not understood here", "in, vlan, from, to, name, in this order");
    }
    return new Rule(key, text, passes, name, port, vlanKey, etherType, protocol, from, to);
  }

  private boolean passes(String word) throws SettingsException {
    return switch (word) {
      case "pass" -> true;
      case "drop" -> false;
      default -> throw wrong(word, "is no action", "pass, drop");
    };
  }

  private void readProtocol() throws SettingsException {
    String allowed =
        "any, ipv4, ipv6, arp, tcp, udp, icmp, icmpv6, an IP protocol's number 0.."
            + MAX_PROTOCOL
            + ", ethertype 0x0600..0xffff";
    String word = take("a protocol: " + allowed);
    switch (word) {
      case "any" -> {}
      case "ipv4" -> etherType = Ethernet.TYPE_IPV4;
      case "ipv6" -> etherType = Ethernet.TYPE_IPV6;
      case "arp" -> etherType = Ethernet.TYPE_ARP;
      case "tcp" -> protocol = Tcp.PROTOCOL;
      case "udp" -> protocol = Udp.PROTOCOL;
      case "icmp" -> {
        etherType = Ethernet.TYPE_IPV4;
        protocol = Icmp.PROTOCOL;
      }
      case "icmpv6" -> {
        etherType = Ethernet.TYPE_IPV6;
        protocol = Icmpv6.PROTOCOL;
      }
      case "ethertype" -> etherType = etherType();
      default -> {
        if (!NUMBER.matcher(word).matches() || Integer.parseInt(word) > MAX_PROTOCOL) {
          throw wrong(word, "is no protocol", allowed);
        }
        protocol = Integer.parseInt(word);
      }
    }
  }

  private int etherType() throws SettingsException {
    String allowed = "four hexadecimal digits, 0x0600..0xffff";
    String word = take(allowed);
    if (ETHER_TYPE.matcher(word).matches()) {
      int type = Integer.decode(word);
      if (type >= Ethernet.MIN_TYPE) {
        return type;
      }
    }
    throw wrong(word, "is no EtherType", allowed);
  }

  private String port() throws SettingsException {
    String allowed = "the name of a port without its back-end, as eth1";
    String word = take(allowed);
    if (word.length() > MOST_PORT_CHARACTERS || word.indexOf(':') >= 0) {
      throw wrong(word, "is no port", allowed);
    }
    return word;
  }

  private int vlanKey() throws SettingsException {
    String allowed = "none, one VLAN as 10, or two as 100.10 (outer first), 0.." + MAX_VLAN;
    String word = take(allowed);
    if (word.equals("none")) {
      return UNTAGGED;
    }
    Matcher tags = TAGS.matcher(word);
    if (tags.matches()) {
      int outer = Integer.parseInt(tags.group(1));
      int inner = tags.group(2) == null ? NO_TAG : Integer.parseInt(tags.group(2));
      if (outer <= MAX_VLAN && (tags.group(2) == null || inner <= MAX_VLAN)) {
        return outer << 12 | inner;
      }
    }
    throw wrong(word, "is no VLAN", allowed);
  }

  private Rule.Endpoint endpoint(String side) throws SettingsException {
    String word = take(AddressRange.FORM);
    AddressRange range;
    try {
      range = AddressRange.parse(word);
    } catch (IllegalArgumentException e) {
      throw wrong(word, String.valueOf(e.getMessage()), AddressRange.FORM);
    }
    if (!takeIf("port")) {
      return new Rule.Endpoint(range, Rule.ANY, Rule.ANY);
    }
    if (protocol != Tcp.PROTOCOL && protocol != Udp.PROTOCOL) {
      throw wrong(side + " ... port", "needs a protocol with ports", "tcp, udp");
    }
    String allowed = "one port as 22, or a range as 1000-1999, 0.." + MAX_PORT;
    String ports = take(allowed);
    Matcher range16 = PORTS.matcher(ports);
    if (range16.matches()) {
      int low = Integer.parseInt(range16.group(1));
      int high = range16.group(2) == null ? low : Integer.parseInt(range16.group(2));
      if (low <= high && high <= MAX_PORT) {
        return new Rule.Endpoint(range, low, high);
      }
    }
    throw wrong(ports, "is no port range", allowed);
  }

  /// An address says of which family a packet must be; all that the line says must agree.
  private void checkFamilies(AddressRange from, AddressRange to) throws SettingsException {
    if (!from.goesWith(to)) {
      throw wrong(text, "has addresses of IPv4 and of IPv6", "both of one family");
    }
    int family = from.etherType() == Rule.ANY ? to.etherType() : from.etherType();
    if (family != Rule.ANY && etherType != Rule.ANY && family != etherType) {
      throw wrong(
          text, "has addresses that its protocol does not have", "IP protocols with addresses");
    }
    etherType = family == Rule.ANY ? etherType : family;
  }

  private String name() throws SettingsException {
    String allowed =
        "lower-case words joined by dashes, 1.."
            + MOST_NAME_CHARACTERS
            + " characters, neither rule nor default";
    String word = take(allowed);
    boolean taken = word.equals("rule") || word.equals("default");
    if (taken || word.length() > MOST_NAME_CHARACTERS || !NAME.matcher(word).matches()) {
      throw wrong(word, "is no name", allowed);
    }
    return word;
  }

  private boolean takeIf(String word) {
    boolean there = next < words.length && words[next].equals(word);
    next += there ? 1 : 0;
    return there;
  }

  private String take(String allowed) throws SettingsException {
    if (next == words.length || words[next].isEmpty()) {
      String after = next == 0 || words[0].isEmpty() ? key + " =" : words[next - 1];
      throw wrong(after, "has nothing behind it", allowed);
    }
    return words[next++];
  }

  private SettingsException wrong(String word, String flaw, String allowed) {
    return new SettingsException(
        "%s: %s = %s: \"%s\" %s: allowed: %s".formatted(source, key, text, word, flaw, allowed));
  }
}
