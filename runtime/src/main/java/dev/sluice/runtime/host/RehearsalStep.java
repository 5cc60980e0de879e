package dev.sluice.runtime.host;

import dev.sluice.runtime.pipeline.Chain;
import dev.sluice.runtime.pipeline.Rehearsal;
import dev.sluice.runtime.pipeline.Rehearsed;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Runs a spare instance of a bundle's handler beside the packet path, before the bundle comes into
/// the chain: its code is compiled then, and what fails at once meets no packet.
final class RehearsalStep implements DeployStep {
  /// While ports do not receive yet, it is the outage that counts: of so much time each bundle gets
  /// half of what is left, or [#LEAST]. What comes when a chain is in force, so beside what ran
  /// well before, begins anew.
  private static final Duration BEFORE_PACKETS = Duration.ofMillis(120);

  /// Enough for what fails at once to be seen.
  private static final Duration LEAST = Duration.ofMillis(10);

  private final ChainSwitch chain;
  private final Duration most;

  /// What is left of [#BEFORE_PACKETS]. Volatile as the next, for each step has a thread.
  private volatile Duration left = BEFORE_PACKETS;

  private volatile boolean afresh;

  /// @param most how long it may take; zero for no rehearsal
  RehearsalStep(ChainSwitch chain, Duration most) {
    this.chain = chain;
    this.most = most;
  }

  private Duration takeLimit() {
    if (chain.receives()) {
      return most;
    }
    if (chain.isOpen() && !afresh) {
      afresh = true;
      left = BEFORE_PACKETS;
    }
    Duration half = left.dividedBy(2);
    left = left.minus(half);
    Duration limit = half.compareTo(LEAST) < 0 ? LEAST : half;
    return limit.compareTo(most) < 0 ? limit : most;
  }

  @Override
  public String name() {
    return "its rehearsal";
  }

  @Override
  public void perform(Candidate candidate) throws RefusedException, InterruptedException {
    Duration limit = takeLimit();
    if (limit.isZero()) {
      return;
    }
    Optional<HandlerSet.Spare> spare = candidate.handlers().spare();
    if (spare.isEmpty()) {
      throw new RefusedException("it gives no handler object for a rehearsal", true);
    }
    Chain.Link link = new Chain.Link(candidate.stored().title(), List.of(spare.get().handler()));
    Optional<Rehearsed> rehearsed = chain.rehearse(link, limit);
    if (rehearsed.isPresent() && rehearsed.get().leftBehind()) {
      // Its thread is still inside: nothing more is called on this instance.
      throw new RefusedException(
          "it did not come back from a packet of its rehearsal within "
              + limit.plus(Rehearsal.GRACE).toMillis()
              + " ms");
    }
    spare.get().end();
    if (rehearsed.isPresent() && rehearsed.get().failures() > 0) {
      throw new RefusedException(
          "it failed at "
              + rehearsed.get().failures()
              + " of "
              + rehearsed.get().packets()
              + " packets of its rehearsal: "
              + rehearsed.get().firstFailure());
    }
  }
}
