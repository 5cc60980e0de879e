package dev.sluice.plugins.rulefirewall;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/// Tells the event log once a minute how often each rule was hit, over all WorkThreads: the event
/// `rule-hits`, with the totals of the rules that were hit since the last one. A rule's total goes
/// on over a change of the file that leaves its line as it is.
///
/// A thread of its own; WorkThreads only count, in [RuleHits].
@Component(service = HitReport.class)
public final class HitReport {
  private static final long PERIOD_NANOS = TimeUnit.MINUTES.toNanos(1);

  /// Rules in one event; more of them make more events.
  private static final int MOST_IN_EVENT = 256;

  private final EventLog events;
  private final Thread thread;
  private volatile boolean stopping;

  // Guarded by this.
  private final List<WeakReference<RuleHits>> counted = new ArrayList<>();
  private final Map<String, Long> ended = new LinkedHashMap<>();
  private final Map<String, Long> told = new LinkedHashMap<>();

  @Activate
  public HitReport(@Reference EventLog events) {
    this.events = events;
    thread = Thread.ofVirtual().name("rule-firewall").start(this::reportEachMinute);
  }

  /// Counts these too, as long as somebody holds them: a handler that is made and then refused with
  /// its bundle is never retired.
  synchronized void add(RuleHits hits) {
    counted.add(new WeakReference<>(hits));
  }

  /// Takes what was counted so far into the totals.
  synchronized void remove(RuleHits hits) {
    if (!counted.removeIf(reference -> reference.refersTo(hits))) {
      return;
    }
    for (int place = 0; place < hits.places(); place++) {
      ended.merge(hits.identity(place), hits.at(place), Long::sum);
    }
    List<RuleHits> left = held();
    if (!left.isEmpty()) {
      forgetOthers(left);
    }
  }

  private List<RuleHits> held() {
    List<RuleHits> held = new ArrayList<>();
    for (WeakReference<RuleHits> reference : counted) {
      RuleHits hits = reference.get();
      if (hits != null) {
        held.add(hits);
      }
    }
    counted.removeIf(reference -> reference.refersTo(null));
    return held;
  }

  /// Keeps of the totals only those of rules that are in force, so that they stay bounded.
  private void forgetOthers(List<RuleHits> left) {
    Set<String> inForce = new HashSet<>();
    for (RuleHits hits : left) {
      for (int place = 0; place < hits.places(); place++) {
        inForce.add(hits.identity(place));
      }
    }
    ended.keySet().retainAll(inForce);
    told.keySet().retainAll(inForce);
  }

  /// Reports the rules that were hit since it was last called.
  synchronized void report() {
    Map<String, Long> totals = new LinkedHashMap<>();
    Map<String, String> labels = new LinkedHashMap<>();
    for (RuleHits hits : held()) {
      for (int place = 0; place < hits.places(); place++) {
        totals.merge(hits.identity(place), hits.at(place), Long::sum);
        labels.put(hits.identity(place), hits.label(place));
      }
    }
    Map<String, Long> event = new LinkedHashMap<>();
    labels.forEach((identity, label) -> {
      long total = totals.getOrDefault(identity, 0L) + ended.getOrDefault(identity, 0L);
      Long before = told.put(identity, total);
      if (total != (before == null ? 0 : before)) {
        event.put(label, total);
      }
      if (event.size() == MOST_IN_EVENT) {
        tell(event);
      }
    });
    tell(event);
  }

  private void tell(Map<String, Long> event) {
    if (!event.isEmpty()) {
      events.report(Severity.INFO, "rule-hits", new LinkedHashMap<>(event));
      event.clear();
    }
  }

  private void reportEachMinute() {
    long next = System.nanoTime() + PERIOD_NANOS;
    while (!stopping) {
      LockSupport.parkNanos(this, Math.max(1, next - System.nanoTime()));
      if (next - System.nanoTime() <= 0) {
        next += PERIOD_NANOS;
        report();
      }
    }
  }

  /// Reports what is left.
  @Deactivate
  public void deactivate() {
    stopping = true;
    LockSupport.unpark(thread);
    report();
  }
}
