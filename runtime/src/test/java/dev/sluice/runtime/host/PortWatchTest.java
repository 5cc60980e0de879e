package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.runtime.pipeline.ChainCounters;
import dev.sluice.runtime.pipeline.PipelineCounters;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PortWatchTest {
  private final RecordedEvents events = new RecordedEvents();

  private static PipelineCounters.Port port(String now, String link) {
    return new PipelineCounters.Port("xdp:eth1", now, link, "", 0, 0, 0, 0, 0, Map.of());
  }

  private static PipelineCounters.Port dropping(long dropped, Map<String, Long> statistics) {
    return new PipelineCounters.Port("xdp:eth1", "eth1", "UP", "", 0, dropped, 0, 0, 0, statistics);
  }

  private static PipelineCounters counters(PipelineCounters.Port port) {
    ChainCounters chain = new ChainCounters(0, 0, 0, 0, 0, 0);
    return new PipelineCounters(
        0, 0, 0, 0, Map.of(), 0, 0, 0, 0, 1, List.of(), List.of(port), chain, List.of());
  }

  @Test
  void eachChangeOfALinkIsToldOnce() {
    PortWatch watch = new PortWatch(events);
    for (String link : List.of("UP", "UP", "NO_CARRIER", "NO_CARRIER", "UP", "GONE", "GONE")) {
      watch.look(counters(port("eth1", link)));
    }
    assertEquals(
        List.of("port-down", "port-up", "port-removed"),
        events.all.stream().map(RecordedEvents.Event::name).toList());
    assertEquals(Severity.ALARM, events.named("port-removed").getFirst().severity());
  }

  @Test
  void portThatIsDownFromTheBeginningIsTold() {
    new PortWatch(events).look(counters(port("eth1", "NO_CARRIER")));
    assertEquals(1, events.named("port-down").size());
  }

  @Test
  void newNameIsToldOnceWithBoth() {
    PortWatch watch = new PortWatch(events);
    for (String name : List.of("eth1", "eth1", "uplink", "uplink")) {
      watch.look(counters(port(name, "UP")));
    }
    List<RecordedEvents.Event> told = events.named("port-renamed");
    assertEquals(1, told.size());
    assertEquals("eth1", told.getFirst().fields().get("before"));
    assertEquals("uplink", told.getFirst().fields().get("now"));
    assertEquals(1, events.all.size());
  }

  @Test
  void kernelDropsAreToldAtOnceAndThenNotMoreOftenThanEveryTenSeconds() {
    AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // a clock that overflows is no matter
    DropWatch watch = new DropWatch(events, nanos::get);
    watch.look(dropping(0, Map.of()));
    assertEquals(List.of(), events.all);
    watch.look(dropping(3, Map.of("rx_ring_full", 3L)));
    for (int second = 1; second <= 20; second++) {
      nanos.addAndGet(1_000_000_000L);
      watch.look(
          dropping(
              3 + second, Map.of("rx_ring_full", 3L, "rx_fill_ring_empty_descs", 0L + second)));
    }
    nanos.addAndGet(100_000_000_000L);
    watch.look(dropping(23, Map.of()));
    List<RecordedEvents.Event> told = events.named("kernel-drops");
    assertEquals(List.of(3L, 10L, 10L), told.stream().map(e -> e.fields().get("frames")).toList());
    assertEquals(
        List.of("rx_ring_full", "rx_fill_ring_empty_descs", "rx_fill_ring_empty_descs"),
        told.stream().map(e -> e.fields().get("counter")).toList());
    assertEquals("raise ring-frames", told.getFirst().fields().get("remedy"));
  }

  @Test
  void deviceWithoutStatisticsHasItsDropsNamedAllTheSame() {
    DropWatch watch = new DropWatch(events, System::nanoTime);
    watch.look(dropping(1, Map.of()));
    assertEquals("kernelDropped", events.all.getFirst().fields().get("counter"));
    assertEquals("raise ring-frames", events.all.getFirst().fields().get("remedy"));
  }
}
