package dev.sluice.runtime.control;

import dev.sluice.plugin.Packet;
import java.util.function.Predicate;

/// Which packets a trace follows.
///
/// Matching allocates nothing, throws nothing on any frame, keeps no state, and may be called by
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
