package dev.sluice.runtime.events;

import dev.sluice.plugin.EventLog.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// The newest events in memory, for those who ask, and the next ones for those who subscribe.
///
/// The writer of the log adds; any thread reads. Adding never waits for a reader: a subscriber that
/// does not keep up loses lines, and is told how many.
public final class EventTail {
  /// Most events that are kept, and most that wait for one subscriber; fewer where they are long.
  public static final int CAPACITY = 1000;

  /// Most characters of those.
  static final int MOST_CHARS = 1 << 20;

  private final EventRing newest = new EventRing(CAPACITY, MOST_CHARS);
  private final List<Subscription> subscriptions = new ArrayList<>(); // guarded by itself

  /// An event as the log has it.
  ///
  /// @param name such as `session-accepted`
  /// @param json one JSON object, without line end
  public record Event(Severity severity, String name, String json) {}

  void add(EventLine line) {
    Event event = new Event(line.severity(), line.event(), line.json());
    // Whoever subscribes meanwhile finds the event either among the newest or in its queue.
    synchronized (subscriptions) {
      newest.addDroppingOldest(event);
      for (Subscription subscription : subscriptions) {
        subscription.offer(event);
      }
    }
  }

  /// The newest events that are wanted, the oldest of them first.
  ///
  /// @param count most of them
  public List<Event> last(int count, Predicate<Event> wanted) {
    List<Event> found = newest.copy().stream().filter(wanted).toList();
    return List.copyOf(found.subList(Math.max(0, found.size() - count), found.size()));
  }

  /// Begins to keep what is to come, until the subscription is closed.
  ///
  /// @param count of the newest events, which are the first to be taken
  /// @param wanted is called by the writer: it must be quick, and throw nothing
  public Subscription subscribe(int count, Predicate<Event> wanted) {
    Subscription subscription = new Subscription(wanted);
    synchronized (subscriptions) {
      last(count, wanted).forEach(subscription::offer);
      subscriptions.add(subscription);
    }
    return subscription;
  }

  /// What one subscriber has not taken yet.
  public final class Subscription implements AutoCloseable {
    private final Predicate<Event> wanted;
    private final EventRing waiting = new EventRing(CAPACITY, MOST_CHARS);
    private long lost; // guarded by this

    private Subscription(Predicate<Event> wanted) {
      this.wanted = wanted;
    }

    private synchronized void offer(Event event) {
      if (!wanted.test(event)) {
        return;
      }
      if (waiting.add(event)) {
        notifyAll();
      } else {
        lost++;
      }
    }

    /// Takes all that wait; waits for the first one at most so long.
    ///
    /// @return what was lost and what came; what was lost came after the events
    public synchronized Taken take(long patienceMillis) throws InterruptedException {
      long deadline = System.nanoTime() + patienceMillis * 1_000_000;
      long left = patienceMillis;
      while (waiting.isEmpty() && left > 0) {
        wait(left);
        left = (deadline - System.nanoTime()) / 1_000_000;
      }
      Taken taken = new Taken(waiting.drain(), lost);
      lost = 0;
      return taken;
    }

    @Override
    public void close() {
      synchronized (subscriptions) {
        subscriptions.remove(this);
      }
    }
  }

  /// What a subscriber took.
  ///
  /// @param events the oldest first
  /// @param lost how many came behind them and found no room
  public record Taken(List<Event> events, long lost) {
    public Taken {
      events = List.copyOf(events);
    }
  }
}
