package dev.sluice.plugin;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A state table does what a hash map of the same keys does, within its bounds.
class StateTableTest {
  private static final long SEED = 104;

  private static TableShape shape(int keyLongs, int valueBytes, int capacity) {
    return new TableShape("model", 1, keyLongs, valueBytes, capacity);
  }

  private static long[] key(int keyLongs, int number) {
    long[] key = new long[keyLongs];
    key[number % keyLongs] = number + 1L;
    return key;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 8, 1, 3",
    "1, 8, 7, 12",
    "2, 24, 16, 20",
    "3, 56, 64, 200",
    "5, 120, 100, 110",
    "8, 4000, 600, 900",
    "5, 104, 5000, 6000"
  })
  void isAsAHashMapUnderRandomOperations(
      int keyLongs, int valueBytes, int capacity, int differentKeys) {
    StateTable table = StateTable.local(shape(keyLongs, valueBytes, capacity));
    Map<Integer, Long> model = new HashMap<>();
    SplittableRandom random = new SplittableRandom(SEED);
    long refused = 0;
    int bound = capacity;
    for (int step = 0; step < 60_000; step++) {
      int number = random.nextInt(differentKeys);
      long[] key = key(keyLongs, number);
      Long held = model.get(number);
      int entry = table.find(key);
      assertEquals(held != null, entry != StateTable.NONE);
      if (held != null) {
        assertEquals(held, table.memory(entry).get(JAVA_LONG, table.at(entry)));
        assertTrue(table.holds(entry));
        assertEquals(entry, table.add(key), "an entry that is there is answered as it is");
        if (random.nextInt(3) > 0) {
          table.remove(entry);
          assertFalse(table.holds(entry));
          model.remove(number);
        }
      } else {
        int added = table.add(key);
        if (model.size() == bound) {
          assertEquals(StateTable.NONE, added);
          assertEquals(++refused, table.refused());
        } else {
          assertBlank(table, added);
          assertEquals(key[number % keyLongs], table.key(added, number % keyLongs));
          fill(table, added, step + 1L);
          model.put(number, step + 1L);
        }
      }
      assertEquals(model.size(), table.count());
      if (step == 40_000) {
        table.grow(bound - 1);
        assertEquals(bound, table.capacity());
        table.grow(bound + 5);
        bound += 5;
        assertEquals(bound, table.capacity());
      }
    }
    assertRound(table, model);
  }

  private static void assertBlank(StateTable table, int entry) {
    for (int at = 0; at < table.shape().valueBytes(); at += Long.BYTES) {
      assertEquals(0, table.memory(entry).get(JAVA_LONG, table.at(entry) + at));
    }
  }

  private static void fill(StateTable table, int entry, long value) {
    for (int at = 0; at < table.shape().valueBytes(); at += Long.BYTES) {
      table.memory(entry).set(JAVA_LONG, table.at(entry) + at, value);
    }
  }

  private static void assertRound(StateTable table, Map<Integer, Long> model) {
    List<Long> found = new ArrayList<>();
    for (int entry = 0; entry < table.range(); entry++) {
      if (table.holds(entry)) {
        found.add(table.memory(entry).get(JAVA_LONG, table.at(entry)));
      }
    }
    assertEquals(model.values().stream().sorted().toList(), found.stream().sorted().toList());
  }

  @Test
  void entryKeepsItsNumberAndMemoryWhileOthersComeAndGoAndTheTableGrows() {
    StateTable table = StateTable.local(shape(1, 8, 8));
    int entry = table.add(new long[] {42});
    long uses = table.uses(entry);
    var memory = table.memory(entry);
    memory.set(JAVA_LONG, table.at(entry), 4711L);
    table.grow(100_000);
    for (int i = 100; i < 50_100; i++) {
      table.add(new long[] {i});
    }
    for (int i = 100; i < 50_100; i += 2) {
      table.remove(table.find(new long[] {i}));
    }
    assertEquals(entry, table.find(new long[] {42}));
    assertEquals(uses, table.uses(entry));
    assertEquals(4711L, memory.get(JAVA_LONG, table.at(entry)));
  }

  @Test
  void placeThatIsUsedAgainTellsIt() {
    StateTable table = StateTable.local(shape(1, 8, 1));
    int first = table.add(new long[] {1});
    long uses = table.uses(first);
    table.remove(first);
    assertNotEquals(uses, table.uses(first));
    assertEquals(first, table.add(new long[] {2}));
    assertNotEquals(uses, table.uses(first));
    assertEquals(1, table.uses(first) & 1);
  }

  @Test
  void rangeReachesToTheLastEntryThatWasEverUsed() {
    StateTable table = StateTable.local(shape(1, 8, 4));
    assertEquals(0, table.range());
    int first = table.add(key(1, 1));
    table.add(key(1, 2));
    table.remove(first);
    table.add(key(1, 3));
    assertEquals(2, table.range());
    table.clear();
    assertEquals(2, table.range());
  }

  @Test
  void everyRemovalIsCounted() {
    StateTable table = StateTable.local(shape(1, 8, 4));
    int entry = table.add(key(1, 1));
    table.add(key(1, 2));
    assertEquals(0, table.removals(), "nothing but additions");
    table.remove(entry);
    assertEquals(1, table.removals());
    table.clear();
    assertEquals(2, table.removals());
  }

  @Test
  void clearedTableHoldsNothing() {
    StateTable table = StateTable.shared(shape(1, 16, 100));
    for (int i = 0; i < 100; i++) {
      fill(table, table.add(new long[] {i}), -1);
    }
    table.clear();
    assertEquals(0, table.count());
    assertEquals(StateTable.NONE, table.find(new long[] {3}));
    for (int i = 0; i < 100; i++) {
      assertBlank(table, i);
    }
  }

  @Test
  void sharedTableBearsSeveralThreads() throws Exception {
    StateTable table = StateTable.shared(shape(1, 8, 4000));
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      long base = t * 1000L;
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int round = 0; round < 20; round++) {
                  for (int i = 0; i < 1000; i++) {
                    table.add(new long[] {base + i});
                  }
                  for (int i = round == 19 ? 500 : 0; i < 1000; i++) {
                    table.remove(table.find(new long[] {base + i}));
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(2000, table.count());
    assertEquals(0, table.refused());
  }

  @Test
  void keyOfTheWrongLengthIsRefused() {
    StateTable table = StateTable.local(shape(2, 8, 4));
    assertThrows(IllegalArgumentException.class, () -> table.find(new long[1]));
    assertThrows(IllegalArgumentException.class, () -> table.add(new long[3]));
  }

  @Test
  void removalOfWhatIsNotThereIsRefused() {
    StateTable table = StateTable.local(shape(1, 8, 4));
    assertThrows(IllegalArgumentException.class, () -> table.remove(0));
    int entry = table.add(new long[] {1});
    table.remove(entry);
    assertThrows(IllegalArgumentException.class, () -> table.remove(entry));
  }

  @ParameterizedTest
  @CsvSource({
    "'', 1, 8, 1",
    "Flows, 1, 8, 1",
    "flows, 0, 8, 1",
    "flows, 9, 8, 1",
    "flows, 1, 0, 1",
    "flows, 1, 65537, 1",
    "flows, 1, 8, 0",
    "flows, 1, 8, 1048577"
  })
  void shapeOutOfRangeIsRefused(String name, int keyLongs, int valueBytes, int capacity) {
    Exception refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> new TableShape(name, 1, keyLongs, valueBytes, capacity));
    assertTrue(String.valueOf(refusal.getMessage()).contains("; allowed: "), refusal::toString);
  }

  @Test
  void valuesAreMadeUpToLongsAndLargeEntriesToCacheLines() {
    assertEquals(16, shape(1, 9, 1).valueBytes());
    assertEquals(16 + 16, shape(1, 9, 1).entryBytes());
    assertEquals(192, shape(5, 96, 1).entryBytes());
    assertEquals(128, shape(5, 80, 1).entryBytes());
  }
}
