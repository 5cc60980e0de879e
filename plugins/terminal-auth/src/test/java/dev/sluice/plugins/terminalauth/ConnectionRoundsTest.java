package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.StateTable;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Every connection is visited in time, whatever comes and goes meanwhile.
class ConnectionRoundsTest {
  private static final int MANY = 2 * ConnectionRounds.URGENT_VISITS - 8;

  private final ConnectionTable table =
      new ConnectionTable(StateTable.local(ConnectionTable.shape(4 * MANY)));
  private final ConnectionRounds rounds = new ConnectionRounds(table);
  private final Set<Integer> visited = new HashSet<>();
  private int added;

  private void add(int connections) {
    for (int i = 0; i < connections; i++) {
      FlowKey key = new FlowKey();
      key.terminalLow = added++;
      key.terminalPort = 2404;
      assertTrue(table.add(key) != null);
    }
  }

  private boolean tick() {
    return rounds.tick(connection -> visited.add(connection.entry));
  }

  private int ticksToTheEnd() {
    int ticks = 1;
    while (!tick()) {
      ticks++;
    }
    return ticks;
  }

  @Test
  void aWholeRoundVisitsAll() {
    add(MANY);
    rounds.visitAll();
    assertEquals(2, ticksToTheEnd());
    assertEquals(MANY, visited.size());
  }

  @Test
  void aWholeRoundMissesNothingWhileConnectionsAreAdded() {
    add(MANY);
    rounds.visitAll();
    assertFalse(tick());
    add(100);
    ticksToTheEnd();
    assertEquals(MANY + 100, visited.size());
  }

  @Test
  void aWholeRoundMissesNothingWhileRoomIsLookedFor() {
    add(MANY);
    rounds.visitAll();
    assertFalse(tick());
    table.findOver();
    ticksToTheEnd();
    assertEquals(MANY, visited.size());
  }

  @Test
  void roundsThatAreAskedForAtEachTickComeToTheEndOfTheTable() {
    add(MANY);
    rounds.visitAll();
    assertFalse(tick());
    rounds.visitAll();
    assertTrue(tick());
    assertEquals(MANY, visited.size());
    visited.clear();
    assertEquals(2, ticksToTheEnd(), "for the session that ended in the midst of the first round");
    assertEquals(MANY, visited.size());
  }

  @Test
  void theRoutineComesRoundInASecond() {
    add(20_000);
    for (int tick = 0; tick < 100; tick++) {
      tick();
    }
    assertEquals(20_000, visited.size());
  }

  @Test
  void anEmptyTableIsAWholeRound() {
    rounds.visitAll();
    assertEquals(1, ticksToTheEnd());
    assertTrue(tick());
    assertEquals(0, visited.size());
  }

  @Test
  void aVisitorMayRemoveWhatItIsGiven() {
    add(MANY);
    rounds.visitAll();
    while (!rounds.tick(table::remove)) {
      assertTrue(table.count() > 0);
    }
    assertEquals(0, table.count());
  }
}
