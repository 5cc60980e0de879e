package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Packet;
import dev.sluice.plugin.Verdict;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Admission as a gate sees it that is only tried out: the settings and the registry are those in
/// force, but nobody gets in, and who is in is a copy, so that what recent packets go through is
/// gone through. One thread's.
final class RehearsedAdmission implements Admission {
  private final Admission real;
  private final Map<Long, Session> copies = new HashMap<>();

  /// @param real is asked, and not changed
  RehearsedAdmission(Admission real) {
    this.real = real;
  }

  @Override
  public Gate gate() {
    return real.gate();
  }

  @Override
  public @Nullable Session session(long addressHigh, long addressLow) {
    Session session = real.session(addressHigh, addressLow);
    return session == null || !session.live()
        ? null
        : copies.computeIfAbsent(session.id(), _ -> session.copy(System.nanoTime()));
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
  public boolean rehearses() {
    return true;
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
