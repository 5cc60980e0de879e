package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.sluice.plugin.SettingsException;
import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.StateTables;
import dev.sluice.plugin.TableShape;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/// The newest revocation list of each authority that was ever in force while the gateway runs, in
/// the host's tables: who puts an old list back takes revocations back, also by other settings or
/// another version of the bundle.
///
/// Kept are numbers alone. When the table is full, the lists of further authorities are only held
/// against those that are in force. Any thread, of any version: all lock the table for an instant.
final class RevocationFloor {
  private static final int CAPACITY = 256;
  private static final int KEY_LONGS = 4;
  private static final int UPDATE_AT = 0;
  private static final int NUMBER_AT = 8;

  /// Numbers have 20 octets at most (RFC 5280, section 5.2.3); of longer ones the time alone
  /// counts.
  private static final int NUMBER_LONGS = 3;

  private static final int BYTES = NUMBER_AT + Long.BYTES * NUMBER_LONGS;

  private final StateTable table;

  RevocationFloor(StateTables tables) {
    table = tables.table(new TableShape("revocation-lists", 1, KEY_LONGS, BYTES, CAPACITY));
  }

  private static long[] key(X500Principal issuer) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(issuer.getEncoded());
      long[] key = new long[KEY_LONGS];
      ByteBuffer.wrap(digest).asLongBuffer().get(key);
      return key;
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /// Refuses lists if the newest of some authority is older than one that was in force. Beside a
  /// newer one an old one takes nothing back.
  void refuseOlder(List<RevocationList> candidates) throws SettingsException {
    for (RevocationList candidate : candidates) {
      boolean newer =
          candidates.stream()
              .filter(one -> one.issuer().equals(candidate.issuer()))
              .anyMatch(one -> olderThan(one) == null);
      Kept kept = newer ? null : olderThan(candidate);
      if (kept != null) {
        throw new SettingsException(
            "crl-files: the revocation list of "
                + candidate.issuer()
                + " is number "
                + candidate.number()
                + " of "
                + candidate.thisUpdate()
                + ": allowed: one not older than that which was in force, number "
                + kept.number
                + " of "
                + Instant.ofEpochMilli(kept.updateMs));
      }
    }
  }

  private record Kept(long updateMs, BigInteger number) {}

  /// What was in force, if the candidate is older.
  private @Nullable Kept olderThan(RevocationList candidate) {
    synchronized (table) {
      int entry = table.find(key(candidate.issuer()));
      if (entry == StateTable.NONE) {
        return null;
      }
      long updateMs = table.memory(entry).get(JAVA_LONG, table.at(entry) + UPDATE_AT);
      BigInteger known = number(entry);
      BigInteger number = candidate.number();
      boolean older =
          candidate.thisUpdate().toEpochMilli() < updateMs
              || (number != null && number.compareTo(known) < 0);
      return older ? new Kept(updateMs, known) : null;
    }
  }

  private BigInteger number(int entry) {
    byte[] bytes = new byte[1 + Long.BYTES * NUMBER_LONGS];
    ByteBuffer octets = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
    for (int i = 0; i < NUMBER_LONGS; i++) {
      long at = table.at(entry) + NUMBER_AT + (long) Long.BYTES * i;
      octets.putLong(table.memory(entry).get(JAVA_LONG, at));
    }
    return new BigInteger(bytes);
  }

  /// Keeps in mind that a list, whose signature is good, is in force.
  void raise(RevocationList inForce) {
    synchronized (table) {
      int entry = table.add(key(inForce.issuer()));
      if (entry != StateTable.NONE) {
        raise(inForce, entry);
      }
    }
  }

  private void raise(RevocationList inForce, int entry) {
    MemorySegment memory = table.memory(entry);
    long at = table.at(entry);
    long updateMs = inForce.thisUpdate().toEpochMilli();
    memory.set(JAVA_LONG, at + UPDATE_AT, Math.max(updateMs, memory.get(JAVA_LONG, at)));
    BigInteger number = inForce.number();
    if (number == null
        || number.bitLength() > Long.SIZE * NUMBER_LONGS
        || number.compareTo(number(entry)) <= 0) {
      return;
    }
    for (int i = 0; i < NUMBER_LONGS; i++) {
      long word = number.shiftRight(Long.SIZE * (NUMBER_LONGS - 1 - i)).longValue();
      memory.set(JAVA_LONG, at + NUMBER_AT + (long) Long.BYTES * i, word);
    }
  }
}
