package dev.sluice.runtime.pipeline;

import java.time.Duration;
import java.util.Optional;

/// A call of foreign code that did not return in time, and so lost its thread.
///
/// @param bundle symbolic name and version, or `hash function` and its class
/// @param instance that is stuck; empty for a hash function. As long as [#lives], it is being
///   called, and must not be retired
/// @param call what was called
/// @param worker index of the WorkThread, -1 for a hash function
/// @param thread name of the thread that was replaced
/// @param where it is stuck, as `Class.method(File.java:12)`, seen from the top of its stack
/// @param deadlocked whether the virtual machine found the thread in a cycle of waiting ones
/// @param after how long it was in the call when it was replaced
/// @param generation number of the chain it is part of
/// @param packet what was being judged, for people to read; empty if nothing was
/// @param stuckThread the thread that was replaced
public record Stuck(
    String bundle,
    Optional<dev.sluice.plugin.PacketHandler> instance,
    Call call,
    int worker,
    String thread,
    String where,
    boolean deadlocked,
    Duration after,
    long generation,
    String packet,
    Thread stuckThread) {

  /// What is called of a bundle.
  public enum Call {
    RECEIVE,
    TICK,
    HASH
  }

  /// Whether the thread is still in the call, or on its way out.
  public boolean lives() {
    return stuckThread.isAlive();
  }

  /// One line for an operator.
  public String text() {
    return bundle
        + ": "
        + call.name().toLowerCase(java.util.Locale.ROOT)
        + " did not return for "
        + after.toMillis()
        + " ms"
        + (deadlocked ? ", deadlocked" : "")
        + ", at "
        + where
        + (packet.isEmpty() ? "" : ", with " + packet)
        + "; thread "
        + thread
        + " was replaced";
  }
}
