package dev.sluice.plugin;

import org.jspecify.annotations.Nullable;

/// What a handler says of a packet. There are no other verdicts than these four kinds, and none is
/// allocated on the hot path: a drop's verdict belongs to its [DropReason].
public final class Verdict {
  /// On to the next handler; behind the last one, out of the packet's egress.
  public static final Verdict PASS = new Verdict("pass", null);

  /// The packet ends here because the gateway answered it, or took in its content: counted as
  /// answered, not as dropped. The frame goes back to the pool.
  public static final Verdict ANSWERED = new Verdict("answered", null);

  /// The handler handed the packet on with [PacketSender#sendPacket], or keeps it: [Packet#hold]. A
  /// packet that is `TAKEN` without either is dropped with [DropReason#HANDLER_MISUSE].
  public static final Verdict TAKEN = new Verdict("taken", null);

  private final String name;
  private final @Nullable DropReason reason;

  private Verdict(String name, @Nullable DropReason reason) {
    this.name = name;
    this.reason = reason;
  }

  static Verdict dropped(DropReason reason) {
    return new Verdict("drop", reason);
  }

  /// Drops the packet and counts it under this reason.
  public static Verdict drop(DropReason reason) {
    return reason.verdict();
  }

  /// Why the packet is dropped, or null unless this verdict drops.
  public @Nullable DropReason reason() {
    return reason;
  }

  @Override
  public String toString() {
    return reason == null ? name : name + " " + reason;
  }
}
