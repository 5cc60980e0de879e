package dev.sluice.runtime.control;

import dev.sluice.plugin.Packet;
import dev.sluice.wire.Icmp;
import dev.sluice.wire.Icmpv6;
import dev.sluice.wire.Tcp;
import dev.sluice.wire.Udp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Turns the words of a filter into one predicate. `not` binds closer than `and`, which binds
/// closer than `or`.
final class FilterParser {
  private static final int MOST_CHARS = 1000;
  private static final int MOST_DEPTH = 20;
  private static final Pattern WORD = Pattern.compile("[()]|[^()\\s]+");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,5}");

  private static final String PRIMITIVES =
      "host, net, port, src, dst, tcp, udp, icmp, icmp6, arp, ip, ip6, vlan, in, out, not, (";

  private final String text;
  private final List<Word> words = new ArrayList<>();
  private int at;

  /// A word, and its column counted from 1.
  private record Word(String text, int column) {}

  FilterParser(String text) {
    this.text = text;
  }

  Predicate<Packet> parse() throws FilterException {
    if (text.length() > MOST_CHARS) {
      throw new FilterException(
          "filter: has " + text.length() + " letters; allowed: at most " + MOST_CHARS);
    }
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      words.add(new Word(matcher.group(), matcher.start() + 1));
    }
    Predicate<Packet> read = any(0);
    if (at < words.size()) {
      throw wrong("and, or");
    }
    return read;
  }

  private Predicate<Packet> any(int depth) throws FilterException {
    List<Predicate<Packet>> parts = new ArrayList<>();
    do {
      parts.add(all(depth));
    } while (skipped("or"));
    return FilterTerms.any(parts);
  }

  private Predicate<Packet> all(int depth) throws FilterException {
    List<Predicate<Packet>> parts = new ArrayList<>();
    do {
      parts.add(one(depth));
    } while (skipped("and"));
    return FilterTerms.all(parts);
  }

  private Predicate<Packet> one(int depth) throws FilterException {
    if (depth > MOST_DEPTH) {
      throw wrong("at most " + MOST_DEPTH + " levels of not and parentheses");
    }
    if (skipped("not")) {
      return one(depth + 1).negate();
    }
    if (skipped("(")) {
      Predicate<Packet> inner = any(depth + 1);
      if (!skipped(")")) {
        throw wrong("and, or, )");
      }
      return inner;
    }
    return primitive();
  }

  private Predicate<Packet> primitive() throws FilterException {
    String word = next(PRIMITIVES).text();
    return switch (word) {
      case "tcp" -> FilterTerms.protocol(Tcp.PROTOCOL);
      case "udp" -> FilterTerms.protocol(Udp.PROTOCOL);
      case "icmp" -> FilterTerms.protocol(Icmp.PROTOCOL);
      case "icmp6" -> FilterTerms.protocol(Icmpv6.PROTOCOL);
      case "arp" -> FilterTerms.ARP;
      case "ip" -> FilterTerms.IPV4;
      case "ip6" -> FilterTerms.IPV6;
      case "vlan" -> FilterTerms.vlan(number("a VLAN, 0..4094", 4094));
      case "in" -> FilterTerms.in(next("the name of a port").text());
      case "out" -> FilterTerms.out(next("the name of a port").text());
      case "src" -> ofSide(FilterTerms.Side.SOURCE, next("host, net, port").text());
      case "dst" -> ofSide(FilterTerms.Side.DEST, next("host, net, port").text());
      default -> ofSide(FilterTerms.Side.EITHER, word);
    };
  }

  private Predicate<Packet> ofSide(FilterTerms.Side side, String what) throws FilterException {
    return switch (what) {
      case "host" -> address(side, "an address", false);
      case "net" -> address(side, "a network such as 10.0.0.0/8 or fd00::/8", true);
      case "port" -> FilterTerms.port(side, number("a port, 0..65535", 65_535));
      default -> {
        at--;
        throw wrong(side == FilterTerms.Side.EITHER ? PRIMITIVES : "host, net, port");
      }
    };
  }

  private Predicate<Packet> address(FilterTerms.Side side, String allowed, boolean net)
      throws FilterException {
    Word word = next(allowed);
    AddressRange range = AddressRange.parse(word.text(), net);
    if (range == null) {
      at--;
      throw wrong(allowed);
    }
    return FilterTerms.address(side, range);
  }

  private int number(String allowed, int most) throws FilterException {
    Word word = next(allowed);
    if (NUMBER.matcher(word.text()).matches() && Integer.parseInt(word.text()) <= most) {
      return Integer.parseInt(word.text());
    }
    at--;
    throw wrong(allowed);
  }

  private Word next(String allowed) throws FilterException {
    if (at == words.size()) {
      throw wrong(allowed);
    }
    return words.get(at++);
  }

  private boolean skipped(String word) {
    boolean there = at < words.size() && words.get(at).text().equals(word);
    if (there) {
      at++;
    }
    return there;
  }

  private FilterException wrong(String allowed) {
    Word end = new Word("the end", text.length() + 1);
    Word found = at < words.size() ? words.get(at) : end;
    String shown = found == end ? found.text() : "'" + found.text() + "'";
    return new FilterException(
        "filter: column " + found.column() + " has " + shown + "; allowed: " + allowed);
  }
}
