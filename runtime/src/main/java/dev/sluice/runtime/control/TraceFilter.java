package dev.sluice.runtime.control;

import dev.sluice.plugin.Packet;
import java.util.function.Predicate;

/// Which packets a trace follows: words in the manner of pcap-filter(7), a small part of them.
///
///     tcp and port 2404 and not host 10.104.0.9
///     in xdp:eth1 and (arp or net fd00::/8)
///
/// Matching allocates nothing, throws nothing on any frame, keeps no state, and may be done by
/// several WorkThreads at once.
public final class TraceFilter {
  /// Every packet.
  public static final TraceFilter ALL = new TraceFilter("", packet -> true);

  private final String text;
  private final Predicate<Packet> predicate;

  private TraceFilter(String text, Predicate<Packet> predicate) {
    this.text = text;
    this.predicate = predicate;
  }

  /// Reads a filter; an empty one is [#ALL].
  ///
  /// @throws FilterException naming the column of the word that is wrong
  public static TraceFilter parse(String text) throws FilterException {
    return text.isBlank() ? ALL : new TraceFilter(text, new FilterParser(text).parse());
  }

  /// Whether the trace is to follow a packet.
  public boolean matches(Packet packet) {
    return predicate.test(packet);
  }

  /// As it was typed; empty for every packet.
  @Override
  public String toString() {
    return text;
  }
}
