package dev.sluice.plugins.iec104guard;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sluice.plugin.StateTable;
import org.junit.jupiter.api.Test;

/// The table of flows beside another version's view of it.
class FlowTableTest {
  @Test
  void viewsFollowATableThatAnotherVersionHasGrown() {
    StateTable kept = StateTable.local(FlowTable.SHAPE);
    FlowTable before = new FlowTable(kept);
    kept.grow(2 * FlowTable.MAX_FLOWS);
    FlowTable grown = new FlowTable(kept);
    FlowKey key = new FlowKey();
    for (int i = 0; i < 2 * FlowTable.MAX_FLOWS - 1; i++) {
      key.ports = i;
      assertNotNull(grown.add(key, 1));
    }
    Flow last = before.find(key);
    assertNotNull(last);
    assertSame(last, before.find(key));
    key.ports = -1;
    assertNotNull(before.add(key, 1));
  }
}
