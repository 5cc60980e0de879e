package dev.sluice.runtime.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.EventLog.Severity;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class EventTailTest {
  private final EventTail tail = new EventTail();

  private void add(String name) {
    tail.add(EventLine.of(Instant.EPOCH, Severity.INFO, name, Map.of()));
  }

  private static List<String> names(List<EventTail.Event> events) {
    return events.stream().map(EventTail.Event::name).toList();
  }

  @Test
  void newestAreKeptInOrder() {
    for (int i = 0; i < EventTail.CAPACITY + 5; i++) {
      add("n" + i);
    }
    List<String> kept = names(tail.last(5000, event -> true));
    assertEquals(EventTail.CAPACITY, kept.size());
    assertEquals("n5", kept.getFirst());
    assertEquals(List.of("n1003", "n1004"), names(tail.last(2, event -> true)));
    assertEquals(List.of("n104"), names(tail.last(9, event -> event.name().equals("n104"))));
    assertEquals(List.of(), tail.last(0, event -> true));
  }

  @Test
  void longEventsTakeTheRoomOfMany() {
    Map<String, String> text = new TreeMap<>();
    for (int i = 0; i < 60; i++) {
      text.put("k" + i, "x".repeat(2000));
    }
    for (int i = 0; i < 100; i++) {
      tail.add(EventLine.of(Instant.EPOCH, Severity.INFO, "n" + i, text));
    }
    List<EventTail.Event> kept = tail.last(1000, event -> true);
    long chars = kept.stream().mapToLong(event -> event.json().length()).sum();
    assertTrue(!kept.isEmpty() && chars <= EventTail.MOST_CHARS, kept.size() + ", " + chars);
    assertEquals("n99", kept.getLast().name());
  }

  @Test
  void subscriberTakesWhatWasAndWhatComesEachOnce() throws Exception {
    add("a1");
    add("b1");
    add("a2");
    try (EventTail.Subscription subscription =
        tail.subscribe(1, event -> event.name().startsWith("a"))) {
      add("a3");
      add("b2");
      assertEquals(List.of("a2", "a3"), names(subscription.take(0).events()));
      assertEquals(new EventTail.Taken(List.of(), 0), subscription.take(1));
      Thread later = Thread.startVirtualThread(() -> add("a4"));
      assertEquals(List.of("a4"), names(subscription.take(30_000).events()));
      later.join();
    }
  }

  @Test
  void subscriberThatIsTooSlowLosesTheNewestAndIsTold() throws Exception {
    try (EventTail.Subscription subscription = tail.subscribe(0, event -> true)) {
      for (int i = 0; i < EventTail.CAPACITY + 7; i++) {
        add("n" + i);
      }
      EventTail.Taken taken = subscription.take(0);
      assertEquals(EventTail.CAPACITY, taken.events().size());
      assertEquals("n0", taken.events().getFirst().name());
      assertEquals(7, taken.lost());
      add("again");
      assertEquals(List.of("again"), names(subscription.take(0).events()));
    }
  }
}
