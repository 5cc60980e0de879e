package dev.sluice.plugins.terminalauth;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An immutable map from IP addresses, for readers on the packet path: [#find] takes no lock and
/// allocates nothing. Open addressing with linear probing, at most half full.
///
/// All fields are final, so a table may be handed to another thread by any means.
final class AddressTable<V> {
  private final long[] highs;
  private final long[] lows;
  private final List<@Nullable V> values;
  private final int mask;

  AddressTable(Map<IpAddress, V> entries) {
    int slots = Integer.highestOneBit(Math.max(4, entries.size()) * 2 - 1) << 1;
    highs = new long[slots];
    lows = new long[slots];
    values = new ArrayList<>(Collections.<@Nullable V>nCopies(slots, null));
    mask = slots - 1;
    entries.forEach(this::put);
  }

  private void put(IpAddress address, V value) {
    int slot = slotOf(address.high(), address.low());
    while (values.get(slot) != null) {
      slot = slot + 1 & mask;
    }
    highs[slot] = address.high();
    lows[slot] = address.low();
    values.set(slot, value);
  }

  /// What the address maps to, or null.
  @Nullable V find(long high, long low) {
    for (int slot = slotOf(high, low); ; slot = slot + 1 & mask) {
      V value = values.get(slot);
      if (value == null || (highs[slot] == high && lows[slot] == low)) {
        return value;
      }
    }
  }

  /// All values, in no order.
  List<V> all() {
    return values.stream().filter(Objects::nonNull).toList();
  }

  private int slotOf(long high, long low) {
    long mixed = (high * 0x9e3779b97f4a7c15L ^ low) * 0xbf58476d1ce4e5b9L;
    return (int) (mixed >>> 32 ^ mixed) & mask;
  }
}
