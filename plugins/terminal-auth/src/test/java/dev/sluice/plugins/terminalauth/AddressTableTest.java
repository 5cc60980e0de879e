package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AddressTableTest {
  @Test
  void emptyTableHasNothing() {
    assertNull(new AddressTable<String>(Map.of()).find(0, 0));
    assertNull(new AddressTable<String>(Map.of()).find(1, 2));
  }

  @Test
  void everyEntryIsFoundAndNothingElse() {
    Random random = new Random(5);
    for (int size : new int[] {1, 2, 3, 4, 5, 1000, 10_000}) {
      Map<IpAddress, Integer> entries = new HashMap<>();
      for (int i = 0; i < size; i++) {
        IpAddress v4 = IpAddress.v4(0x0a000000 + i);
        entries.put(i % 2 == 0 ? v4 : new IpAddress(random.nextLong(), random.nextLong()), i);
      }
      AddressTable<Integer> table = new AddressTable<>(entries);
      entries.forEach((ip, value) -> assertEquals(value, table.find(ip.high(), ip.low())));
      for (int i = 0; i < 1000; i++) {
        IpAddress other = new IpAddress(random.nextLong(), random.nextLong());
        assertEquals(entries.get(other), table.find(other.high(), other.low()));
      }
    }
  }

  @Test
  void lookupAllocatesNothing() {
    Map<IpAddress, String> entries = new HashMap<>();
    for (int i = 0; i < 1000; i++) {
      entries.put(IpAddress.v4(0x0a000000 + i), "terminal");
    }
    AddressTable<String> table = new AddressTable<>(entries);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int found = lookUp(table);
    long before = threads.getCurrentThreadAllocatedBytes();
    found += lookUp(table);
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(200_000, found);
    // The bean's own call costs some bytes; a lookup that allocated would show as 100,000 objects.
    assertTrue(bytes < 10_000, bytes + " bytes");
  }

  private static int lookUp(AddressTable<String> table) {
    int found = 0;
    for (int i = 0; i < 200_000; i++) {
      if (table.find(0, IpAddress.v4Low(0x0a000000 + i % 2000)) != null) {
        found++;
      }
    }
    return found;
  }
}
