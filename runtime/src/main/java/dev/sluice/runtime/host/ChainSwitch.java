package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.runtime.config.GatewaySettings;
import dev.sluice.runtime.config.HashStrategy;
import dev.sluice.runtime.pipeline.Chain;
import dev.sluice.runtime.pipeline.ChainTarget;
import dev.sluice.runtime.pipeline.Incidents;
import dev.sluice.runtime.pipeline.PipelineCounters;
import dev.sluice.runtime.pipeline.Rehearsed;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Makes one chain of all that is deployed and puts it in force. For the deploying thread alone.
public final class ChainSwitch {
  /// By stage, then by number, then by symbolic name, which no two have in common.
  static final Comparator<Deployment> IN_ORDER =
      Comparator.comparing((Deployment deployment) -> deployment.handlers().place().stage())
          .thenComparingInt(deployment -> deployment.handlers().place().order())
          .thenComparing(deployment -> deployment.stored().symbolicName());

  private final ChainTarget target;
  private final Function<HashStrategy, HashFunction> hashes;
  private final EventLog events;
  private Set<String> missingBefore = Set.of();
  private boolean closedBefore;
  private boolean first = true;

  /// What others may ask of the chain in force, written as one by the deploying thread.
  private volatile Told told = new Told(List.of(), "no bundle has been looked at");

  private record Told(List<String> bundles, String closedBecause) {}

  private volatile Map<String, String> stages = Map.of();

  private final GenerationLog generations = new GenerationLog();

  /// How one generation came.
  ///
  /// @param cause what made it, in a few words
  /// @param switchMicros longest first turn of a WorkThread with packets of this chain; 0 while
  ///   there was none
  /// @param graceMicros until no thread used the chain before; -1 if some still did
  record Switch(
      long generation,
      Instant at,
      List<String> chain,
      String cause,
      long switchMicros,
      long graceMicros) {
    Switch took(long micros) {
      return new Switch(generation, at, chain, cause, micros, graceMicros);
    }
  }

  /// A switch with no chain in force.
  ///
  /// @param hashes the gateway's own hash functions; asked for each chain, and to answer with the
  ///   same object for the same strategy, so that flows stay where they are
  public ChainSwitch(
      ChainTarget target, Function<HashStrategy, HashFunction> hashes, EventLog events) {
    this.target = target;
    this.hashes = hashes;
    this.events = events;
  }

  int workThreads() {
    return target.workThreads();
  }

  long generation() {
    return target.generation();
  }

  /// Whether packets come.
  boolean receives() {
    return target.receives();
  }

  /// Runs a spare handler beside the packet path.
  Optional<Rehearsed> rehearse(Chain.Link spare, Duration limit) throws InterruptedException {
    return target.rehearsed(List.of(spare), limit);
  }

  /// Has the pipeline report what goes wrong in it.
  void report(Incidents incidents) {
    target.report(incidents);
  }

  /// Packets that a bundle in the chain has judged, without those that it failed at.
  ///
  /// @param title symbolic name and version
  long judged(String title) {
    return handlerRows().stream()
        .filter(row -> row.bundle().equals(title))
        .mapToLong(row -> row.passed() + row.dropped() + row.answered() + row.taken())
        .sum();
  }

  /// Whether a thread is stuck in this handler.
  boolean isStuck(PacketHandler handler) {
    return target.isStuck(handler);
  }

  /// What the handlers in the chain have done.
  List<PipelineCounters.Handler> handlerRows() {
    return target.handlerRows();
  }

  /// How the chain in force came; there is one behind the first [#put].
  Switch lastSwitch() {
    return generations.last().took(target.lastSwitchMicros());
  }

  /// The last generations, the newest first. For any thread.
  List<Switch> switches() {
    return generations.all();
  }

  /// Stage and number of each bundle in the chain, by symbolic name and version. For any thread.
  Map<String, String> stages() {
    return stages;
  }

  /// Whether packets may pass.
  boolean isOpen() {
    return told.closedBecause().isEmpty();
  }

  /// Publishes a chain and waits for the threads to leave the one before.
  ///
  /// @param place what stands in the chain for a bundle
  /// @param cause what makes this chain, in a few words
  /// @return whether they all did; if not, what left the chain must not be touched yet
  boolean put(
      Collection<Deployment> deployed,
      Function<Deployment, Chain.Link> place,
      GatewaySettings.Policy policy,
      String cause)
      throws InterruptedException {
    Set<String> missing = new TreeSet<>(policy.requiredBundles());
    deployed.forEach(deployment -> missing.remove(deployment.stored().symbolicName()));
    List<Deployment> inOrder = deployed.stream().sorted(IN_ORDER).toList();
    List<Chain.Link> links = inOrder.stream().map(place).toList();
    Chain chain = new Chain(links, hash(inOrder, policy), missing.isEmpty());
    stages =
        inOrder.stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    each -> place.apply(each).bundle(), each -> stage(each.handlers().place())));
    boolean left = publish(chain, policy.swapPatience(), cause);
    tell(chain, missing);
    return left;
  }

  private static String stage(HandlerSet.Place place) {
    return place.stage() + " " + place.order();
  }

  /// The first hash function that a bundle of the chain brings along, else that of the settings.
  private HashFunction hash(List<Deployment> inOrder, GatewaySettings.Policy policy) {
    return inOrder.stream()
        .flatMap(deployment -> deployment.handlers().hash().stream())
        .findFirst()
        .orElseGet(() -> hashes.apply(policy.hash()));
  }

  private boolean publish(Chain chain, Duration patience, String cause)
      throws InterruptedException {
    generations.finish(target.lastSwitchMicros());
    Instant at = Instant.now();
    long began = System.nanoTime();
    boolean left = target.publish(chain, patience);
    long graceMicros = left ? (System.nanoTime() - began) / 1000 : -1;
    generations.add(
        new Switch(
            target.generation(),
            at,
            chain.links().stream().map(Chain.Link::bundle).toList(),
            cause,
            0,
            graceMicros));
    if (!left) {
      events.report(
          Severity.ALARM,
          "generation-not-left",
          Map.of(
              "generation",
              target.generation(),
              "cause",
              "a thread still uses the chain before after " + patience.toMillis() + " ms",
              "effect",
              "what left the chain stays loaded until the next change"));
    }
    return left;
  }

  private void tell(Chain chain, Set<String> missing) {
    boolean closed = !chain.open();
    if (closed && (first || !closedBefore || !missing.equals(missingBefore))) {
      events.report(
          Severity.ALARM,
          "chain-closed",
          Map.of("effect", "nothing passes", "cause", whyClosed(missing)));
    } else if (!closed && (first || closedBefore)) {
      events.report(
          Severity.INFO,
          "chain-open",
          Map.of(
              "generation",
              target.generation(),
              "chain",
              chain.links().stream().map(Chain.Link::bundle).collect(Collectors.joining(" "))));
    }
    first = false;
    closedBefore = closed;
    missingBefore = Set.copyOf(missing);
    told =
        new Told(
            chain.links().stream().map(Chain.Link::bundle).toList(),
            closed ? whyClosed(missing) : "");
  }

  private static String whyClosed(Set<String> missing) {
    return missing.isEmpty()
        ? "no bundle has a handler in the chain"
        : "required bundles without a handler in the chain: " + String.join(", ", missing);
  }

  /// Why nothing passes now, or an empty text if packets may pass. For any thread.
  String closedBecause() {
    return told.closedBecause();
  }

  /// Symbolic name and version of each bundle in the chain in force, in order. For any thread.
  List<String> inForce() {
    return told.bundles();
  }
}
