package dev.sluice.plugin;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// A named cause for dropping packets; each has its own counter in the gateway.
///
/// Names are interned: the same name gives the same reason, also after a bundle has been replaced,
/// so a counter goes on where it was. Declare reasons as constants, never per packet.
public final class DropReason {
  /// Most reasons that one process can name. A reason named beyond that shares [#OTHER].
  public static final int MAX_REASONS = 1024;

  private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");
  private static final Map<String, DropReason> BY_NAME = new HashMap<>();
  private static final List<DropReason> ALL = new ArrayList<>();

  /// Reasons beyond [#MAX_REASONS] are counted here.
  public static final DropReason OTHER = of("other");

  /// No chain, or not the whole chain that the configuration requires, is active.
  public static final DropReason NO_CHAIN = of("no-chain");

  /// A handler threw.
  public static final DropReason HANDLER_FAILED = of("handler-failed");

  /// A handler broke the ownership rules of [Packet].
  public static final DropReason HANDLER_MISUSE = of("handler-misuse");

  /// A handler or the hash function did not return in time, or this packet was behind such a one,
  /// or the handler that stands in this place has been stuck and was not replaced yet.
  public static final DropReason HANDLER_STUCK = of("handler-stuck");

  /// A packet of the same flow has had a handler stuck a moment ago.
  public static final DropReason FLOW_QUARANTINED = of("flow-quarantined");

  /// The hash function threw.
  public static final DropReason HASH_FAILED = of("hash-failed");

  /// The frame's headers lie about lengths or are cut short.
  public static final DropReason MALFORMED = of("malformed");

  /// The packet is a fragment of an IP packet.
  public static final DropReason FRAGMENT = of("fragment");

  /// The RecvQueue was full.
  public static final DropReason RECV_QUEUE_FULL = of("recv-queue-full");

  /// The SendQueue was full.
  public static final DropReason SEND_QUEUE_FULL = of("send-queue-full");

  /// The device took no more frames, or is gone.
  public static final DropReason DEVICE_REFUSED = of("device-refused");

  /// The device that the frame came in by has no peer, and no handler chose an egress.
  public static final DropReason NO_EGRESS = of("no-egress");

  /// The gateway is stopping.
  public static final DropReason STOPPING = of("stopping");

  private final int index;
  private final String name;
  private final Verdict verdict;

  private DropReason(int index, String name) {
    this.index = index;
    this.name = name;
    this.verdict = Verdict.dropped(this);
  }

  /// The reason of this name.
  ///
  /// @param name lower-case words joined by dashes, as `no-session`; at most 64 characters. A
  ///   bundle begins its names with a word of its own.
  /// @throws IllegalArgumentException if `name` is not of that form
  public static DropReason of(String name) {
    if (name.length() > 64 || !NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "drop reason \""
              + name
              + "\": must be lower-case words joined by dashes, 1..64 characters");
    }
    synchronized (BY_NAME) {
      DropReason known = BY_NAME.get(name);
      if (known != null) {
        return known;
      }
      if (ALL.size() == MAX_REASONS) {
        return OTHER;
      }
      DropReason reason = new DropReason(ALL.size(), name);
      ALL.add(reason);
      BY_NAME.put(name, reason);
      return reason;
    }
  }

  /// Every reason named so far, by [#index].
  public static List<DropReason> all() {
    synchronized (BY_NAME) {
      return List.copyOf(ALL);
    }
  }

  /// Where this reason's counter stands, 0 to [#MAX_REASONS] - 1.
  public int index() {
    return index;
  }

  /// The name that the counter is shown under.
  public String name() {
    return name;
  }

  /// The verdict that drops for this reason, the same object each time.
  public Verdict verdict() {
    return verdict;
  }

  @Override
  public String toString() {
    return name;
  }
}
