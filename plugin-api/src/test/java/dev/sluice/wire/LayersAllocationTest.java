package dev.sluice.wire;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class LayersAllocationTest {
  private static final int RUNS = 100_000;

  private int length;
  private int seen;

  @Test
  void parsingAllocatesNothing() {
    try (Arena arena = Arena.ofShared()) {
      List<MemorySegment> frames = frames(arena);
      Layers layers = new Layers();
      long bytes =
          Allocation.bytes(
              RUNS,
              () -> {
                for (int i = 0; i < frames.size(); i++) {
                  MemorySegment frame = frames.get(i);
                  length = (int) frame.byteSize();
                  seen += layers.parse(frame, length) == Layers.Finding.OK ? 1 : 0;
                }
              });
      assertTrue(bytes < RUNS / 100, () -> bytes + " bytes in " + RUNS + " runs");
      assertTrue(seen > RUNS, "no frame was seen");
    }
  }

  private static List<MemorySegment> frames(Arena arena) {
    int[] routing = {0, 0, 0, 0, 0, 0, 0};
    Frames lying = Frames.ethernet().ipv4("1.2.3.4", "5.6.7.8").protocol(6);
    return Stream.of(
            Frames.ethernet().ipv4("1.2.3.4", "5.6.7.8").tcp(1, 2404, 2),
            Frames.ethernet().vlan(1).vlan(2).ipv4("1.2.3.4", "5.6.7.8").udp(1, 2),
            Frames.ethernet().ipv6("fd00::1", "fd00::2").extension(43, routing).icmp(128, 0, 1),
            Frames.ethernet().ipv6("fd00::1", "fd00::2").extension(44, routing),
            Frames.ethernet()
                .arp(1, "02:00:00:00:00:01", "1.2.3.4", "00:00:00:00:00:00", "5.6.7.8"),
            lying)
        .map(frame -> arena.allocate(frame.bytes().length).copyFrom(frame.memory()))
        .toList();
  }
}
