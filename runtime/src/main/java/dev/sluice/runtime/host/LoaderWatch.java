package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

/// Watches the class loaders of bundles that were retired: one that is still alive after several
/// whole collections is held by something, and its memory is lost. For the deploying thread alone,
/// but for [#leaked].
final class LoaderWatch {
  /// Whole collections that a loader may outlive: a reference may hide in a finalizer's queue, and
  /// what refers to it weakly counts as strong until it has grown old itself.
  static final int PATIENT_COLLECTIONS = 6;

  private final EventLog events;
  private final Collections collections;
  private final List<Retired> watched = new ArrayList<>();
  private volatile Map<String, Integer> leaked = Map.of();

  /// Counts the collections of the whole heap so far.
  interface Collections {
    long count();

    /// Those of the collectors that unload classes.
    static Collections ofThisJvm() {
      List<GarbageCollectorMXBean> whole =
          ManagementFactory.getGarbageCollectorMXBeans().stream()
              .filter(Collections::collectsAll)
              .toList();
      return () -> whole.stream().mapToLong(GarbageCollectorMXBean::getCollectionCount).sum();
    }

    private static boolean collectsAll(GarbageCollectorMXBean collector) {
      String name = collector.getName();
      return !name.contains("Minor")
          && !name.contains("Young")
          && !name.contains("Copy")
          && !name.contains("Scavenge")
          && !name.contains("Pauses");
    }
  }

  private static final class Retired {
    final String title;
    final WeakReference<ClassLoader> loader;
    final long collectionsThen;
    boolean told;

    Retired(String title, ClassLoader loader, long collectionsThen) {
      this.title = title;
      this.loader = new WeakReference<>(loader);
      this.collectionsThen = collectionsThen;
    }
  }

  LoaderWatch(EventLog events, Collections collections) {
    this.events = events;
    this.collections = collections;
  }

  /// The loader of a bundle that is about to be uninstalled.
  static @Nullable ClassLoader loaderOf(Bundle bundle) {
    BundleWiring wiring = bundle.adapt(BundleWiring.class);
    return wiring == null ? null : wiring.getClassLoader();
  }

  /// Watches a loader from now on.
  void retired(String title, @Nullable ClassLoader loader) {
    if (loader != null) {
      watched.add(new Retired(title, loader, collections.count()));
    }
  }

  /// Looks which are gone, and tells each once that is not and should be.
  void look() {
    if (watched.isEmpty()) {
      return;
    }
    long now = collections.count();
    watched.removeIf(retired -> retired.loader.refersTo(null));
    Map<String, Integer> alive = new TreeMap<>();
    for (Retired retired : watched) {
      if (now - retired.collectionsThen < PATIENT_COLLECTIONS) {
        continue;
      }
      alive.merge(retired.title.substring(0, retired.title.indexOf('/')), 1, Integer::sum);
      if (!retired.told) {
        retired.told = true;
        tell(retired, now);
      }
    }
    leaked = Map.copyOf(alive);
  }

  private void tell(Retired retired, long now) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("bundle", retired.title);
    fields.put("collections", now - retired.collectionsThen);
    fields.put("heldBy", holder(retired.loader.get()));
    fields.put("effect", "the memory of its classes is lost until the next start");
    events.report(Severity.WARNING, "class-loader-leaked", fields);
  }

  /// What can be told without a heap dump: a thread that the bundle started, or that runs its code.
  private static String holder(@Nullable ClassLoader loader) {
    if (loader == null) {
      return "nothing any more";
    }
    for (Map.Entry<Thread, StackTraceElement[]> each : Thread.getAllStackTraces().entrySet()) {
      Thread thread = each.getKey();
      if (thread.getClass().getClassLoader() == loader
          || thread.getContextClassLoader() == loader
          || runsCodeOf(loader, each.getValue())) {
        return "thread " + thread.getName();
      }
    }
    return "not known: a thread local, a static field of another class, or a registration";
  }

  private static boolean runsCodeOf(ClassLoader loader, StackTraceElement[] stack) {
    for (StackTraceElement frame : stack) {
      if (isItsClass(loader, frame.getClassName())) {
        return true;
      }
    }
    return false;
  }

  private static boolean isItsClass(ClassLoader loader, String name) {
    try {
      return loader.loadClass(name).getClassLoader() == loader;
    } catch (ClassNotFoundException | LinkageError | RuntimeException e) {
      return false; // a loader that is closed, or never knew the class
    }
  }

  /// Retired loaders that are still alive and should not be, by symbolic name. For any thread.
  Map<String, Integer> leaked() {
    return leaked;
  }
}
