package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.MemoryTables;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;

/// When something is to be done about a lease.
class LeaseTest {
  private static final IpAddress ADDRESS = IpAddress.parse("10.0.0.11");
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final Instant NOW = Instant.ofEpochSecond(1_000_000);

  private final AdmissionState state =
      new AdmissionState(new MemoryTables(), new RecordingSender(), new BouncyCastleProvider());
  private final TerminalRecord record = state.record(state.entry(ADDRESS));

  LeaseTest() {
    record.set(TerminalRecord.NOT_AFTER_AT, NOW.toEpochMilli());
  }

  private boolean needsLook(AdmissionSettings.Life life, long nowNanos, Instant now) {
    SecureLine line = new SecureLine(ADDRESS, record, state);
    return Lease.needsLook(record, line, life, nowNanos, now);
  }

  /// A connection tells its session of traffic now and then only.
  @Test
  void idleLimitAllowsForTrafficThatWasNotToldOfYet() {
    AdmissionSettings.Life life = new AdmissionSettings.Life(3600 * SECOND, 10 * SECOND, 0, 0);
    record.traffic(SECOND);
    long last = 11 * SECOND + Session.TRAFFIC_GRAIN_NANOS;
    assertFalse(needsLook(life, last, NOW));
    assertTrue(needsLook(life, last + 1, NOW));
    record.traffic(2 * SECOND);
    assertFalse(needsLook(life, last + 1, NOW));
  }

  @Test
  void leaseEndsToTheNanosecond() {
    AdmissionSettings.Life life = new AdmissionSettings.Life(10 * SECOND, 0, 0, 0);
    assertFalse(needsLook(life, 10 * SECOND - 1, NOW));
    assertTrue(needsLook(life, 10 * SECOND, NOW));
  }

  @Test
  void certificateIsGoodInItsLastMillisecond() {
    AdmissionSettings.Life life = new AdmissionSettings.Life(10 * SECOND, 0, 0, 0);
    assertFalse(needsLook(life, 0, NOW));
    assertTrue(needsLook(life, 0, NOW.plusMillis(1)));
  }

  @Test
  void keepAlivesMayBeMissedAsOftenAsIsAllowed() {
    AdmissionSettings.Life life = new AdmissionSettings.Life(3600 * SECOND, 0, 10 * SECOND, 3);
    record.set(TerminalRecord.LAST_RECORD_AT, SECOND);
    assertFalse(needsLook(life, 31 * SECOND, NOW));
    assertTrue(needsLook(life, 31 * SECOND + 1, NOW));
  }

  @Test
  void mismatchIsLookedAtOnce() {
    AdmissionSettings.Life life = new AdmissionSettings.Life(3600 * SECOND, 0, 0, 0);
    record.addMismatches(1);
    assertTrue(needsLook(life, 0, NOW));
    record.set(TerminalRecord.MISMATCHES_SEEN_AT, 1);
    assertFalse(needsLook(life, 0, NOW));
  }
}
