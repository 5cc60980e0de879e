package dev.sluice.runtime.state;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.StateTables;
import java.util.HashMap;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;

/// The tables of all bundles, by symbolic name. Safe for any thread.
public final class StateStore {
  /// Memory that one bundle's tables may take together.
  static final long MOST_BYTES = 1L << 30;

  private final EventLog events;
  private final Map<String, BundleState> bundles = new HashMap<>();

  /// By bundle id: each version of a bundle has its own.
  private final Map<Long, SharedTables> shared = new HashMap<>();

  /// An empty store.
  public StateStore(EventLog events) {
    this.events = events;
  }

  /// Offers [StateTables] to the bundles of a framework.
  public void offer(BundleContext context) {
    context.addBundleListener((SynchronousBundleListener) this::changed);
    context.registerService(StateTables.class, new Sharing(), null);
  }

  /// The context of an instance that is to work. To be closed once nobody calls it any more.
  public WorkerTables open(String bundle, int worker, int workers) {
    synchronized (bundles) {
      bundles.values().removeIf(BundleState::isEmpty);
      return new WorkerTables(state(bundle), worker, workers, false);
    }
  }

  /// The context of an instance that is to work where another is stuck: with new, empty tables,
  /// which all later instances of the bundle on that WorkThread get too. A thread is still inside
  /// those of the stuck one, and they are not locked: so they stay with the contexts that are open
  /// now, all of which are to be replaced or closed, and end with them. Their memory counts for the
  /// bundle until the stuck thread has forgotten them. To be closed as what [#open] returns.
  ///
  /// Where a context that shares its tables with the stuck one was replaced before, this one joins
  /// the tables that came then.
  ///
  /// @param stuck the context of the instance to be replaced; it stays open
  public WorkerTables replace(String bundle, WorkerTables stuck) {
    synchronized (bundles) {
      stuck.putAside();
      return open(bundle, stuck.worker(), stuck.workers());
    }
  }

  /// The context of an instance that is only tried out: with tables of its own, that end with it.
  public WorkerTables scratch(String bundle, int worker, int workers) {
    return new WorkerTables(new BundleState(bundle, MOST_BYTES, events), worker, workers, true);
  }

  private BundleState state(String bundle) {
    return bundles.computeIfAbsent(bundle, name -> new BundleState(name, MOST_BYTES, events));
  }

  /// What a version of a bundle shares among its threads; the same object each time.
  SharedTables shared(Bundle bundle) {
    synchronized (bundles) {
      return shared.computeIfAbsent(
          bundle.getBundleId(), id -> new SharedTables(state(bundle.getSymbolicName())));
    }
  }

  /// A component that is made anew may give the service back and take it again: what a version
  /// shares ends with the version.
  private void changed(BundleEvent event) {
    if (event.getType() == BundleEvent.STOPPED) {
      SharedTables ended;
      synchronized (bundles) {
        ended = shared.remove(event.getBundle().getBundleId());
      }
      if (ended != null) {
        ended.close();
      }
    }
  }

  private final class Sharing implements ServiceFactory<StateTables> {
    @Override
    public StateTables getService(Bundle bundle, ServiceRegistration<StateTables> registration) {
      return shared(bundle);
    }

    @Override
    public void ungetService(
        Bundle bundle, ServiceRegistration<StateTables> registration, StateTables service) {
      // Until the bundle stops.
    }
  }
}
