package dev.sluice.runtime.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CountersTest {
  private static final String WHOLE =
      """
      {"received":10,"forwarded":4,"answered":2,"held":1,"sentData":7,\
      "dropped":{"no-chain":1,"not-authenticated":2},"generation":3,\
      "chain":["a.guard/1.0.1","b.auth/1.0.0"],"devices":[{"name":"x","received":99,"kernelDropped":3},\
      {"name":"y","kernelDropped":4}]}
      """;

  @Test
  void gatewayCountersAreRead() throws StepException {
    GatewayCounters counters = GatewayCounters.parse(WHOLE);
    assertEquals(10, counters.received());
    assertEquals(7, counters.sentData());
    assertEquals(17, counters.arrived());
    assertEquals(Map.of("no-chain", 1L, "not-authenticated", 2L), counters.dropped());
    assertEquals(List.of("a.guard/1.0.1", "b.auth/1.0.0"), counters.chain());
    assertTrue(counters.isConserved());
    assertEquals(1, counters.droppedByOwnFault());
    assertTrue(counters.hasHandler("a.guard", "1.0.1"));
    assertTrue(counters.hasHandler("a.guard", ""));
    assertFalse(counters.hasHandler("a.guard", "1.0.0"));
    assertFalse(counters.hasHandler("a", ""));
  }

  @Test
  void lostFrameIsNotConserved() throws StepException {
    assertFalse(
        GatewayCounters.parse(WHOLE.replace("\"received\":10", "\"received\":11")).isConserved());
  }

  @Test
  void growthIsToldByReason() throws StepException {
    GatewayCounters earlier = GatewayCounters.parse(WHOLE);
    GatewayCounters later =
        GatewayCounters.parse(WHOLE.replace("{\"no-chain\":1", "{\"guard\":5,\"no-chain\":1"));
    assertEquals(Map.of("guard", 5L), later.droppedSince(earlier));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "{\"received\":1}", "{\"dropped\":{\"x\":1", "null"})
  void fileThatHasNotEverythingIsRefused(String text) {
    assertThrows(StepException.class, () -> GatewayCounters.parse(text));
  }

  @Test
  void tcpCountersAreFoundByName() throws StepException {
    List<String> lines = List.of("Ip: A B", "Ip: 1 2", "Tcp: InSegs RetransSegs", "Tcp: 5 6");
    assertEquals(6, TcpCounters.value(lines, "Tcp:", "RetransSegs"));
    assertEquals(2, TcpCounters.value(lines, "Ip:", "B"));
    assertThrows(StepException.class, () -> TcpCounters.value(lines, "Tcp:", "OutRsts"));
    assertThrows(StepException.class, () -> TcpCounters.value(lines, "TcpExt:", "InSegs"));
    assertThrows(StepException.class, () -> TcpCounters.value(List.of(), "Tcp:", "InSegs"));
  }

  @Test
  void kernelHasTheCountersTheDemoNeeds() throws StepException {
    assertTrue(0 <= TcpCounters.read(ProcessHandle.current().pid()).retransmitted());
  }

  @Test
  void onlySegmentsThatHadNotArrivedCountAsLost() {
    assertEquals(1, new TcpCounters(3, 2).unexplained());
    assertEquals(0, new TcpCounters(2, 2).unexplained());
    assertEquals(0, new TcpCounters(0, 1).unexplained());
  }
}
