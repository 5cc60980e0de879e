package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Device;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// What the gateway knows of one master's hardware address in one VLAN of one device. Any
/// WorkThread reads and writes it; a value that is an instant old does no harm.
final class Neighbour {
  /// Stands for a hardware address that is not known.
  static final long UNKNOWN = 0;

  final long addressHigh;
  final long addressLow;
  final Device device;
  final int vlanKey;

  private final AtomicLong hardware = new AtomicLong(UNKNOWN);
  private final AtomicLong mayAskAtNanos;
  private final AtomicBoolean moved = new AtomicBoolean();
  private volatile long hardwareBefore;
  private volatile long learnedNanos;

  Neighbour(long addressHigh, long addressLow, Device device, int vlanKey, long nowNanos) {
    this.addressHigh = addressHigh;
    this.addressLow = addressLow;
    this.device = device;
    this.vlanKey = vlanKey;
    this.mayAskAtNanos = new AtomicLong(nowNanos);
  }

  boolean is(long high, long low, Device onDevice, int vlans) {
    return low == addressLow && high == addressHigh && onDevice == device && vlans == vlanKey;
  }

  /// 48 bits, or [#UNKNOWN].
  long hardware() {
    return hardware.get();
  }

  /// Takes in what the master has said of itself.
  ///
  /// @return whether that is another address than before
  boolean learn(long said, long nowNanos) {
    learnedNanos = nowNanos;
    long before = hardware.getAndSet(said);
    if (before != said && before != UNKNOWN) {
      hardwareBefore = before;
      moved.set(true);
    }
    return before != said;
  }

  /// Whether the address is not known, or so old that the master should be asked again.
  boolean isStale(long nowNanos, long maxAgeNanos) {
    return hardware() == UNKNOWN || nowNanos - learnedNanos > maxAgeNanos;
  }

  /// Whether the caller, alone among the WorkThreads, is to ask now.
  boolean claimQuestion(long nowNanos, long intervalNanos) {
    long mayAskAt = mayAskAtNanos.get();
    return nowNanos - mayAskAt >= 0
        && mayAskAtNanos.compareAndSet(mayAskAt, nowNanos + intervalNanos);
  }

  /// Whether the caller, alone among the WorkThreads, is to report that the address has changed.
  boolean claimMove() {
    return moved.get() && moved.compareAndSet(true, false);
  }

  /// The address before the last change.
  long hardwareBefore() {
    return hardwareBefore;
  }
}
