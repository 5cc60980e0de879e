package dev.sluice.runtime.state;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.Ownership;
import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.TableShape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Who holds which table, and for how long.
class StateStoreTest {
  private static final TableShape FLOWS = new TableShape("flows", 1, 1, 8, 16);

  private final List<Map<String, ?>> events = new ArrayList<>();
  private final StateStore store =
      new StateStore((severity, event, fields) -> events.add(Map.of(event, fields)));

  private static void put(StateTable table, long key, long value) {
    int entry = table.add(new long[] {key});
    table.memory(entry).set(JAVA_LONG, table.at(entry), value);
  }

  private static long get(StateTable table, long key) {
    int entry = table.find(new long[] {key});
    return entry == StateTable.NONE ? -1 : table.memory(entry).get(JAVA_LONG, table.at(entry));
  }

  @Test
  void versionThatFollowsFindsWhatTheOneBeforeKept() {
    try (WorkerTables old = store.open("guard", 0, 2)) {
      put(old.table(FLOWS), 7, 70);
      assertFalse(old.heldByOther());
      try (WorkerTables fresh = store.open("guard", 0, 2)) {
        StateTable table = fresh.table(FLOWS);
        assertTrue(old.heldByOther());
        old.close();
        assertFalse(fresh.heldByOther());
        assertEquals(70, get(table, 7));
      }
    }
  }

  @Test
  void versionThatIsRolledBackLeavesTheTablesAsTheyAre() {
    try (WorkerTables old = store.open("guard", 0, 1)) {
      StateTable table = old.table(FLOWS);
      put(table, 7, 70);
      try (WorkerTables failed = store.open("guard", 0, 1)) {
        put(failed.table(FLOWS), 8, 80);
      }
      assertEquals(70, get(table, 7));
      assertEquals(80, get(table, 8));
      assertSame(table, old.table(FLOWS));
    }
  }

  @Test
  void tablesEndWithTheBundle() {
    StateTable before;
    try (WorkerTables last = store.open("guard", 0, 1)) {
      before = last.table(FLOWS);
      put(before, 7, 70);
    }
    try (WorkerTables again = store.open("guard", 0, 1)) {
      StateTable table = again.table(FLOWS);
      assertNotSame(before, table);
      assertEquals(0, table.count());
    }
    assertEquals(0, before.count(), "what nobody holds is wiped");
  }

  @Test
  void tableIsRefusedAfterTheEnd() {
    WorkerTables ended = store.open("guard", 0, 1);
    ended.close();
    ended.close();
    assertThrows(IllegalStateException.class, () -> ended.table(FLOWS));
  }

  @Test
  void instanceInThePlaceOfOneThatIsStuckSharesNoTableWithIt() {
    try (WorkerTables stuck = store.open("guard", 1, 2)) {
      StateTable old = stuck.table(FLOWS);
      put(old, 7, 70);
      try (WorkerTables fresh = store.replace("guard", stuck)) {
        StateTable table = fresh.table(FLOWS);
        assertNotSame(old, table);
        assertEquals(0, table.count());
        assertNull(table.takePredecessor());
        assertEquals(1, fresh.worker());
        assertEquals(2, fresh.workers());
        assertFalse(fresh.heldByOther());
        assertFalse(stuck.heldByOther());
        put(table, 8, 80);
        stuck.close();
        assertEquals(70, get(old, 7), "a thread is inside: what it works with stays as it is");
        assertEquals(80, get(table, 8));
        try (WorkerTables later = store.open("guard", 1, 2)) {
          assertSame(table, later.table(FLOWS));
        }
      }
    }
  }

  @Test
  void contextThatSharedTheTablesOfAStuckOneIsReplacedIntoTheSameNewOnes() {
    try (WorkerTables tried = store.open("guard", 0, 1);
        WorkerTables before = store.open("guard", 0, 1)) {
      StateTable old = tried.table(FLOWS);
      assertSame(old, before.table(FLOWS));
      try (WorkerTables one = store.replace("guard", tried);
          WorkerTables two = store.replace("guard", before)) {
        assertNotSame(old, one.table(FLOWS));
        assertSame(one.table(FLOWS), two.table(FLOWS));
        assertTrue(one.heldByOther());
      }
    }
  }

  @Test
  void contextThatHasEndedIsReplacedLikeAnOpenOne() {
    WorkerTables ended = store.open("guard", 0, 1);
    ended.close();
    try (WorkerTables other = store.open("guard", 0, 1);
        WorkerTables fresh = store.replace("guard", ended)) {
      assertSame(other.table(FLOWS), fresh.table(FLOWS), "nobody is stuck with these");
    }
  }

  @Test
  void memoryOfAStuckThreadCountsUntilItIsForgotten() throws Exception {
    BundleState state = new BundleState("guard", FLOWS.bytes(), (s, e, f) -> {});
    WorkerTables stuck = new WorkerTables(state, 0, 1, false);
    StateTable old = stuck.table(FLOWS);
    stuck.putAside();
    try (WorkerTables fresh = new WorkerTables(state, 0, 1, false)) {
      stuck.close();
      assertThrows(IllegalStateException.class, () -> fresh.table(FLOWS));
      assertEquals(FLOWS.bytes(), state.bytes());
      assertEquals(0, old.count());
      old = null;
      long until = System.nanoTime() + 10_000_000_000L;
      while (state.bytes() > 0 && System.nanoTime() < until) {
        System.gc();
        Thread.sleep(10);
      }
      assertEquals(0, fresh.table(FLOWS).count());
      assertEquals(FLOWS.bytes(), state.bytes());
    }
    assertTrue(state.isEmpty());
  }

  @Test
  void bundlesAndWorkThreadsDoNotSeeEachOthersTables() {
    try (WorkerTables first = store.open("guard", 0, 2);
        WorkerTables second = store.open("guard", 1, 2);
        WorkerTables other = store.open("watch", 0, 2);
        WorkerTables tried = store.scratch("guard", 0, 2)) {
      put(first.table(FLOWS), 7, 70);
      assertEquals(-1, get(second.table(FLOWS), 7));
      assertEquals(-1, get(other.table(FLOWS), 7));
      assertEquals(-1, get(tried.table(FLOWS), 7));
      assertTrue(tried.rehearsal());
      assertFalse(first.rehearsal());
      assertFalse(first.heldByOther());
    }
  }

  @Test
  void largerCapacityGrowsWhatIsThere() {
    try (WorkerTables old = store.open("guard", 0, 1);
        WorkerTables fresh = store.open("guard", 0, 1)) {
      StateTable table = old.table(FLOWS);
      for (int key = 0; key < 16; key++) {
        put(table, key, 10L * key);
      }
      assertEquals(StateTable.NONE, table.add(new long[] {99}));
      assertSame(table, fresh.table(new TableShape("flows", 1, 1, 8, 1000)));
      assertEquals(1000, table.capacity());
      for (int key = 16; key < 1000; key++) {
        put(table, key, 10L * key);
      }
      assertEquals(StateTable.NONE, table.add(new long[] {9999}));
      assertEquals(2, table.refused());
      for (int key = 0; key < 1000; key++) {
        assertEquals(10L * key, get(table, key));
      }
      assertSame(table, fresh.table(FLOWS), "a smaller one changes nothing");
      assertEquals(1000, table.capacity());
    }
  }

  @Test
  void otherLayoutIsOfferedTheOldContentOnce() {
    try (WorkerTables old = store.open("guard", 0, 1)) {
      put(old.table(FLOWS), 7, 70);
      try (WorkerTables fresh = store.open("guard", 0, 1)) {
        StateTable table = fresh.table(new TableShape("flows", 2, 1, 16, 16));
        assertEquals(0, table.count());
        StateTable before = table.takePredecessor();
        assertNotNull(before);
        assertEquals(70, get(before, 7));
        assertNull(table.takePredecessor());
      }
      assertEquals(70, get(old.table(FLOWS), 7), "the old version may go on");
    }
    assertTrue(events.toString().contains("table-layout-changed"), events::toString);
  }

  @Test
  void oldContentWaitsForItsSuccessorWhenItsVersionHasGone() {
    WorkerTables old = store.open("guard", 0, 1);
    put(old.table(FLOWS), 7, 70);
    try (WorkerTables fresh = store.open("guard", 0, 1)) {
      StateTable table = fresh.table(new TableShape("flows", 2, 1, 16, 16));
      old.close();
      StateTable before = table.takePredecessor();
      assertNotNull(before);
      assertEquals(70, get(before, 7));
    }
  }

  @Test
  void sameSchemaWithOtherSizesIsRefusedInASentence() {
    try (WorkerTables old = store.open("guard", 0, 1);
        WorkerTables fresh = store.open("guard", 0, 1)) {
      old.table(FLOWS);
      Exception refusal =
          assertThrows(
              IllegalStateException.class,
              () -> fresh.table(new TableShape("flows", 1, 1, 16, 16)));
      assertEquals(
          "table flows: schema 1 is in use with other sizes; allowed: another number for another"
              + " layout",
          refusal.getMessage());
    }
  }

  @Test
  void memoryOfOneBundleIsBounded() {
    try (WorkerTables one = store.open("guard", 0, 2);
        WorkerTables two = store.open("guard", 1, 2)) {
      one.table(FLOWS);
      Exception refusal =
          assertThrows(
              IllegalStateException.class,
              () -> two.table(new TableShape("huge", 1, 1, 1 << 16, 1 << 20)));
      String sentence = String.valueOf(refusal.getMessage());
      assertTrue(sentence.contains("allowed: " + StateStore.MOST_BYTES), sentence);
      assertTrue(sentence.startsWith("table huge: "), sentence);
      assertEquals(0, two.table(FLOWS).count(), "a refusal takes nothing");
    }
  }

  @Test
  void ownershipGoesToWhoClaimsLastAndBack() {
    BundleState state = new BundleState("guard", StateStore.MOST_BYTES, (s, e, f) -> {});
    try (SharedTables old = new SharedTables(state)) {
      Ownership mine = old.ownership("admission");
      assertTrue(mine.isFree());
      mine.claim();
      try (SharedTables fresh = new SharedTables(state)) {
        Ownership theirs = fresh.ownership("admission");
        assertFalse(theirs.isFree());
        theirs.claim();
        assertFalse(mine.isMine());
        assertFalse(mine.enter());
        assertTrue(theirs.enter());
        theirs.leave();
      }
      assertTrue(mine.isFree(), "a version that ends owns nothing");
      mine.claim();
      assertTrue(mine.enter());
      mine.leave();
    }
  }

  @Test
  void newOwnerWaitsForTheItemOfTheOld() throws Exception {
    Ownership old = Ownership.first();
    Ownership fresh = old.rival();
    old.claim();
    assertTrue(old.enter());
    List<String> order = new ArrayList<>();
    fresh.claim();
    Thread waiting =
        Thread.ofPlatform()
            .start(() -> {
              if (fresh.enter()) {
                order.add("new");
                fresh.leave();
              }
            });
    assertFalse(waiting.join(Duration.ofMillis(50)));
    order.add("old");
    old.leave();
    assertTrue(waiting.join(Duration.ofSeconds(10)));
    assertEquals(List.of("old", "new"), order);
  }

  @Test
  void ownerThatIsStuckKeepsItsClaimWhenItEnds() throws Exception {
    BundleState state = new BundleState("guard", StateStore.MOST_BYTES, (s, e, f) -> {});
    SharedTables stuck = new SharedTables(state);
    Ownership mine = stuck.ownership("admission");
    mine.claim();
    assertTrue(mine.enter());
    assertTrue(Thread.ofPlatform().start(stuck::close).join(Duration.ofSeconds(10)));
    assertTrue(mine.isMine());
    mine.leave();
  }
}
