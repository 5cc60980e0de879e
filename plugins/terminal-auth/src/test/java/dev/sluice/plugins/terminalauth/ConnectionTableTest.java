package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sluice.plugin.StateTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The table against a map, through a long random life.
class ConnectionTableTest {
  private static FlowKey key(int number) {
    FlowKey key = new FlowKey();
    key.terminalLow = number & 7;
    key.masterPort = number;
    key.terminalPort = 2404;
    return key;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 64, 100})
  void holdsWhatAMapHolds(int maxConnections) {
    ConnectionTable table =
        new ConnectionTable(StateTable.local(ConnectionTable.shape(maxConnections)));
    Map<Integer, TcpConnection> model = new HashMap<>();
    Random random = new Random(maxConnections);
    for (int turn = 0; turn < 50_000; turn++) {
      int number = random.nextInt(2 * maxConnections + 2);
      TcpConnection held = model.get(number);
      assertSame(held, table.find(key(number)));
      if (held != null) {
        table.remove(held);
        model.remove(number);
      } else if (model.size() < maxConnections) {
        TcpConnection added = table.add(key(number));
        assertNotNull(added);
        model.put(number, added);
      } else {
        assertNull(table.add(key(number)));
      }
      assertEquals(model.size(), table.count());
    }
  }

  /// Both versions look at what the other has done in any order.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 64, 100})
  void twoVersionsSeeTheSame(int maxConnections) {
    StateTable kept = StateTable.local(ConnectionTable.shape(maxConnections));
    ConnectionTable[] versions = {new ConnectionTable(kept), new ConnectionTable(kept)};
    Map<Integer, Integer> model = new HashMap<>();
    Random random = new Random(maxConnections);
    for (int turn = 0; turn < 50_000; turn++) {
      int number = random.nextInt(2 * maxConnections + 2);
      ConnectionTable version = versions[random.nextInt(2)];
      TcpConnection found = version.find(key(number));
      assertEquals(model.get(number), found == null ? null : (Integer) found.entry);
      if (found != null) {
        assertEquals(number, found.masterPort());
        assertEquals(2404, found.terminalPort());
        if (random.nextBoolean()) {
          version.remove(found);
          model.remove(number);
        }
      } else if (model.size() < maxConnections) {
        TcpConnection added = version.add(key(number));
        assertNotNull(added);
        model.put(number, added.entry);
      }
    }
  }

  @Test
  void viewsFollowATableThatAnotherVersionHasGrown() {
    StateTable kept = StateTable.local(ConnectionTable.shape(2));
    ConnectionTable before = new ConnectionTable(kept);
    kept.grow(1 << 20);
    ConnectionTable table = new ConnectionTable(kept);
    for (int number = 0; number < 1000; number++) {
      assertNotNull(table.add(key(number)));
    }
    for (int number = 999; number >= 0; number--) {
      TcpConnection found = before.find(key(number));
      assertNotNull(found);
      assertSame(found, before.find(key(number)));
    }
  }

  @Test
  void aRoundVisitsEachConnectionOnce() {
    ConnectionTable table = new ConnectionTable(StateTable.local(ConnectionTable.shape(100)));
    for (int number = 0; number < 100; number++) {
      table.add(key(number));
    }
    Set<TcpConnection> visited = new HashSet<>();
    for (int i = 0; i < table.size(); i++) {
      TcpConnection found = table.visitNext();
      if (found != null) {
        visited.add(found);
      }
    }
    assertEquals(100, visited.size());
  }

  @Test
  void aRoundVisitsNothingThatWasNeverUsed() {
    ConnectionTable table = new ConnectionTable(StateTable.local(ConnectionTable.shape(16_384)));
    assertEquals(0, table.size());
    assertNull(table.visitNext());
    for (int number = 0; number < 3; number++) {
      table.add(key(number));
    }
    table.remove(Objects.requireNonNull(table.find(key(1))));
    assertEquals(3, table.size());
  }

  /// What is remembered is remembered elsewhere then.
  @Test
  void findsEachConnectionWhileThereComeToBeMany() {
    ConnectionTable table = new ConnectionTable(StateTable.local(ConnectionTable.shape(5000)));
    List<TcpConnection> added = new ArrayList<>();
    for (int number = 0; number < 5000; number++) {
      added.add(table.add(key(number)));
      assertSame(added.get(number / 2), table.find(key(number / 2)));
    }
    for (int number = 0; number < 5000; number++) {
      assertSame(added.get(number), table.find(key(number)));
    }
  }

  @Test
  void aRoundThatRemovesMissesNothing() {
    ConnectionTable table = new ConnectionTable(StateTable.local(ConnectionTable.shape(1000)));
    for (int number = 0; number < 1000; number++) {
      table.add(key(number));
    }
    for (int i = 0; i < table.size() + 1000; i++) {
      TcpConnection found = table.visitNext();
      if (found != null) {
        table.remove(found);
      }
    }
    assertEquals(0, table.count());
  }
}
