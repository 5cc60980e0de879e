package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Packet;
import dev.sluice.plugin.Verdict;
import org.jspecify.annotations.Nullable;

/// Admission as a gate sees it that is only tried out: the settings and the registry are those in
/// force, but nobody is in, and nobody gets in.
///
/// @param real is asked, and not changed
record RehearsedAdmission(Admission real) implements Admission {
  @Override
  public Gate gate() {
    return real.gate();
  }

  @Override
  public @Nullable Session session(long addressHigh, long addressLow) {
    return null;
  }

  @Override
  public boolean isListed(long addressHigh, long addressLow) {
    return real.isListed(addressHigh, addressLow);
  }

  @Override
  public @Nullable Terminal terminal(long addressHigh, long addressLow) {
    return real.terminal(addressHigh, addressLow);
  }

  @Override
  public boolean mayLive(long addressHigh, long addressLow, long sessionId) {
    return false;
  }

  @Override
  public long revision() {
    return real.revision();
  }

  @Override
  public long heartbeat() {
    return real.heartbeat();
  }

  @Override
  public Verdict authenticate(Packet packet) {
    return Verdict.ANSWERED;
  }
}
