package dev.sluice.runtime.host;

import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Stage;
import dev.sluice.runtime.state.StateStore;
import dev.sluice.runtime.state.WorkerTables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceObjects;
import org.osgi.framework.ServiceReference;

/// The handler instances of one bundle, one for each WorkThread, from one registration of its
/// service. A new configuration is a new registration, and makes a new set.
final class HandlerSet {
  private static final int MAX_ORDER = 1000;

  private final Optional<Source> source;
  private final List<PacketHandler> instances;
  private final List<WorkerTables> contexts;
  private final Place place;
  private final Optional<OfferedHash> hash;

  /// Where instances come from.
  private record Source(
      Bundle bundle,
      ServiceReference<PacketHandler> reference,
      ServiceObjects<PacketHandler> objects,
      StateStore state) {}

  /// Where in the chain the handlers stand.
  record Place(Stage stage, int order) {}

  private HandlerSet(
      Optional<Source> source,
      List<PacketHandler> instances,
      List<WorkerTables> contexts,
      Place place,
      Optional<OfferedHash> hash) {
    this.source = source;
    this.instances = List.copyOf(instances);
    this.contexts = List.copyOf(contexts);
    this.place = place;
    this.hash = hash;
  }

  /// The handler services that a bundle has registered, whatever class space they belong to.
  static List<ServiceReference<?>> registered(Bundle bundle) {
    ServiceReference<?>[] all = bundle.getRegisteredServices();
    return all == null ? List.of() : Arrays.stream(all).filter(HandlerSet::isHandler).toList();
  }

  private static boolean isHandler(ServiceReference<?> reference) {
    return reference.getProperty(Constants.OBJECTCLASS) instanceof String[] classes
        && Arrays.asList(classes).contains(PacketHandler.class.getName());
  }

  /// Makes the instances, and has each begin.
  ///
  /// @param state where they find the tables that outlive them
  /// @throws RefusedException if the service is not what a chain can use, or an instance could not
  ///   be made; then none is left
  static HandlerSet take(
      BundleContext context, Bundle bundle, int count, StateStore state, ComponentFailures failures)
      throws RefusedException {
    ServiceReference<PacketHandler> reference = usable(context, bundle);
    Place place = place(reference);
    ServiceObjects<PacketHandler> objects = context.getServiceObjects(reference);
    if (objects == null) {
      throw new RefusedException("its handler service went away while it was taken", true);
    }
    List<PacketHandler> made = new ArrayList<>();
    Set<PacketHandler> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int worker = 0; worker < count; worker++) {
      PacketHandler handler = objects.getService();
      if (handler == null) {
        made.forEach(objects::ungetService);
        throw new RefusedException(failures.thrown(bundle), true);
      }
      made.add(handler);
      distinct.add(handler);
    }
    if (distinct.size() < count) {
      made.forEach(objects::ungetService);
      throw new RefusedException(
          "it gives the same handler object to several WorkThreads; allowed: one for each");
    }
    List<WorkerTables> contexts = new ArrayList<>();
    try {
      begin(bundle, made, contexts, state);
      return new HandlerSet(
          Optional.of(new Source(bundle, reference, objects, state)),
          made,
          contexts,
          place,
          OfferedHash.take(context, bundle));
    } catch (RefusedException | RuntimeException | Error e) {
      contexts.forEach(WorkerTables::close);
      made.forEach(objects::ungetService);
      throw e;
    }
  }

  private static void begin(
      Bundle bundle, List<PacketHandler> made, List<WorkerTables> contexts, StateStore state) {
    for (int worker = 0; worker < made.size(); worker++) {
      WorkerTables tables = state.open(bundle.getSymbolicName(), worker, made.size());
      contexts.add(tables);
      made.get(worker).begin(tables);
    }
  }

  @SuppressWarnings("unchecked") // isAssignableTo has just said that it is one
  private static ServiceReference<PacketHandler> usable(BundleContext context, Bundle bundle)
      throws RefusedException {
    List<ServiceReference<?>> found = registered(bundle);
    if (found.size() != 1) {
      throw new RefusedException(
          "it offers " + found.size() + " PacketHandler services; allowed: one", true);
    }
    ServiceReference<?> reference = found.getFirst();
    if (!reference.isAssignableTo(context.getBundle(), PacketHandler.class.getName())) {
      throw new RefusedException(
          "its PacketHandler is not the gateway's: it takes dev.sluice.plugin from elsewhere");
    }
    Object scope = reference.getProperty(Constants.SERVICE_SCOPE);
    if (!Constants.SCOPE_PROTOTYPE.equals(scope)) {
      throw new RefusedException(
          "its PacketHandler is shared; allowed: scope = prototype, because WorkThreads must not"
              + " share an instance");
    }
    return (ServiceReference<PacketHandler>) reference;
  }

  private static Place place(ServiceReference<?> reference) throws RefusedException {
    Object stage = reference.getProperty("sluice.stage");
    Object order = reference.getProperty("sluice.order");
    int number = order instanceof Integer given ? given : order == null ? 500 : -1;
    if (number < 0 || MAX_ORDER < number) {
      throw new RefusedException("its sluice.order = " + order + "; allowed: 0.." + MAX_ORDER);
    }
    for (Stage known : Stage.values()) {
      if (known.name().equals(stage == null ? Stage.FILTER.name() : stage)) {
        return new Place(known, number);
      }
    }
    throw new RefusedException(
        "its sluice.stage = " + stage + "; allowed: " + Arrays.toString(Stage.values()));
  }

  /// A set without handlers, for a place in the chain that is kept.
  HandlerSet emptied() {
    return new HandlerSet(Optional.empty(), List.of(), List.of(), place, Optional.empty());
  }

  /// The same set with a new instance for one WorkThread, whose old one is stuck. The old one stays
  /// what it is, for a thread is still inside, with the tables it has; the new one has empty ones.
  ///
  /// @throws RefusedException if there is none to be had
  HandlerSet withNew(int worker) throws RefusedException {
    Source from =
        source.orElseThrow(() -> new RefusedException("its handler service has gone away"));
    PacketHandler made = from.objects().getService();
    if (made == null) {
      throw new RefusedException("it gives no new handler object for the one that is stuck");
    }
    WorkerTables tables =
        from.state().replace(from.bundle().getSymbolicName(), contexts.get(worker));
    try {
      made.begin(tables);
    } catch (RuntimeException | Error e) {
      tables.close();
      throw e;
    }
    contexts.get(worker).close();
    List<PacketHandler> others = new ArrayList<>(instances);
    List<WorkerTables> otherContexts = new ArrayList<>(contexts);
    others.set(worker, made);
    otherContexts.set(worker, tables);
    return new HandlerSet(source, others, otherContexts, place, hash);
  }

  /// Gives one instance back to the framework, when the thread that was stuck in it has ended.
  Runnable giveBack(int worker) {
    PacketHandler instance = instances.get(worker);
    return () ->
        source
            .filter(from -> from.reference().getBundle() != null)
            .ifPresent(from -> from.objects().ungetService(instance));
  }

  /// One more instance, for a rehearsal: with tables of its own, that end with it.
  ///
  /// @return nothing if there is none to be had
  Optional<Spare> spare() {
    return source.flatMap(HandlerSet::spare);
  }

  private static Optional<Spare> spare(Source from) {
    PacketHandler made = from.objects().getService();
    if (made == null) {
      return Optional.empty();
    }
    WorkerTables tables = from.state().scratch(from.bundle().getSymbolicName(), 0, 1);
    made.begin(tables);
    return Optional.of(new Spare(made, tables, from.objects()));
  }

  /// An instance that never comes into the chain.
  record Spare(PacketHandler handler, WorkerTables tables, ServiceObjects<PacketHandler> objects) {
    /// To be called once nothing calls the handler any more.
    void end() {
      handler.retire();
      tables.close();
      objects.ungetService(handler);
    }
  }

  /// Whether the registration that these came from is still the bundle's.
  boolean isCurrent(Bundle bundle) {
    return source.isPresent() && registered(bundle).contains(source.get().reference());
  }

  List<PacketHandler> instances() {
    return instances;
  }

  Place place() {
    return place;
  }

  /// The hash function that the bundle brings along.
  Optional<HashFunction> hash() {
    return hash.map(OfferedHash::function);
  }

  /// Gives the instances back, once no WorkThread uses them. When their registration is gone, the
  /// framework has already taken them back.
  void release() {
    contexts.forEach(WorkerTables::close);
    source
        .filter(from -> from.reference().getBundle() != null)
        .ifPresent(from -> instances.forEach(from.objects()::ungetService));
    hash.ifPresent(OfferedHash::release);
  }
}
