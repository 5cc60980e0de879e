package dev.sluice.runtime.events;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// Events in order, bounded in number and in characters. Any thread.
final class EventRing {
  private final int mostEvents;
  private final int mostChars;
  private final Deque<EventTail.Event> events = new ArrayDeque<>(); // guarded by this
  private int chars; // guarded by this

  EventRing(int mostEvents, int mostChars) {
    this.mostEvents = mostEvents;
    this.mostChars = mostChars;
  }

  /// Adds an event if there is room.
  synchronized boolean add(EventTail.Event event) {
    if (events.size() == mostEvents || mostChars - chars < event.json().length()) {
      return false;
    }
    events.addLast(event);
    chars += event.json().length();
    return true;
  }

  /// Adds an event, for which the oldest make room. One that is longer than all of the room empties
  /// the ring.
  synchronized void addDroppingOldest(EventTail.Event event) {
    while (!add(event) && !events.isEmpty()) {
      chars -= events.removeFirst().json().length();
    }
  }

  synchronized boolean isEmpty() {
    return events.isEmpty();
  }

  synchronized List<EventTail.Event> copy() {
    return List.copyOf(events);
  }

  synchronized List<EventTail.Event> drain() {
    List<EventTail.Event> all = List.copyOf(events);
    events.clear();
    chars = 0;
    return all;
  }
}
