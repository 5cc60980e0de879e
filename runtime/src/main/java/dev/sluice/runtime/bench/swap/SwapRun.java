package dev.sluice.runtime.bench.swap;

import dev.sluice.kernel.VersionSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Replaces one bundle again and again, with good versions and bad ones, while traffic flows, and
/// compares what the gateway tells with what the witness sees. One thread, which deploys; a second
/// one looks at the delays meanwhile.
public final class SwapRun {
  private static final Duration FIRST_FRAME = Duration.ofSeconds(2);
  private static final long LOOK_NANOS = 5_000_000;
  private static final long NEAR_LOOK_NANOS = 50_000;

  /// How long a version that was told to be active may still be rolled back, where a bad one is
  /// expected to be.
  private static final Duration SECOND_THOUGHTS = Duration.ofSeconds(5);

  private final SwapTarget target;
  private final BundleForge forge;
  private final SwapPlan plan;
  private final SwapFigures figures = new SwapFigures();
  private final SwitchDelays delays = new SwitchDelays();
  private final Thread looking = Thread.ofPlatform().name("delays").daemon().unstarted(this::look);
  private volatile boolean ending;

  /// The version whose first frame is awaited, or 0.
  private volatile int awaited;

  private int number;
  private int active;

  /// A run that begins with version 1 in force.
  public SwapRun(SwapTarget target, BundleForge forge, SwapPlan plan) {
    this.target = target;
    this.forge = forge;
    this.plan = plan;
    this.number = 1;
    this.active = 1;
  }

  /// Runs the whole plan.
  ///
  /// @throws IOException if a bundle cannot be made or put in its place, or the gateway does not
  ///   tell what became of a good one
  public SwapFigures run() throws IOException, InterruptedException {
    target.board().clear();
    looking.start();
    try {
      Thread.sleep(plan.settle());
      for (int swap = 1; swap <= plan.swaps(); swap++) {
        deployGood();
        target.swapped(swap);
        if (!plan.bad().isEmpty() && swap % plan.badEvery() == 0) {
          int turn = swap / plan.badEvery() - 1;
          deployBad(plan.bad().get(turn % plan.bad().size()));
        }
        Thread.sleep(plan.pause());
      }
      Thread.sleep(plan.settle());
    } finally {
      stopLooking();
    }
    return figures;
  }

  private void deployGood() throws IOException, InterruptedException {
    int version = ++number;
    long placedNanos = place(forge.good(version));
    awaited = version;
    Outcome outcome = target.board().await(version, plan.outcomeLimit());
    if (outcome.kind() == Outcome.Kind.NONE) {
      throw new IOException(
          "the gateway told nothing of version %d within %d s"
              .formatted(version, plan.outcomeLimit().toSeconds()));
    }
    figures.good(outcome);
    if (outcome.kind() == Outcome.Kind.ACTIVE) {
      target.witness().ends(active, outcome.toldNanos());
      active = version;
      awaitFirstFrame(version, placedNanos);
    } else {
      // Whatever it was, it is not to judge packets from now on.
      target.witness().ends(version, outcome.toldNanos());
      figures.refused(version);
    }
    awaited = 0;
  }

  private void awaitFirstFrame(int version, long placedNanos) throws InterruptedException {
    long until = System.nanoTime() + FIRST_FRAME.toNanos();
    VersionSink.Sight sight = target.witness().sight(version);
    while (sight.firstNanos() == 0 && System.nanoTime() - until < 0) {
      LockSupport.parkNanos(NEAR_LOOK_NANOS);
      sight = target.witness().sight(version);
    }
    if (sight.firstNanos() == 0) {
      figures.unseen(version);
      return;
    }
    figures.deployed(sight.firstNanos() - placedNanos);
    Thread.sleep(1 + LOOK_NANOS / 1_000_000); // the delays' thread has seen it as well
  }

  private void deployBad(BadBundle bad) throws IOException, InterruptedException {
    int version = ++number;
    target.witness().onTrial(version);
    place(forge.bad(bad, version));
    awaited = version;
    Outcome outcome = target.board().await(version, plan.outcomeLimit());
    if (bad.judgesPackets() && outcome.kind() == Outcome.Kind.ACTIVE) {
      Outcome second = target.board().await(version, SECOND_THOUGHTS);
      outcome = second.kind() == Outcome.Kind.NONE ? outcome : second;
    }
    figures.bad(bad, outcome);
    switch (outcome.kind()) {
      case ACTIVE -> {
        // Wrong, and told as such; it is in force all the same until the next good one is.
        target.witness().ends(active, outcome.toldNanos());
        active = version;
      }
      case REFUSED, NONE -> {
        target.witness().ends(version, outcome.toldNanos());
        figures.refused(version);
      }
      case ROLLED_BACK -> target.witness().ends(version, outcome.toldNanos());
    }
    awaited = 0;
  }

  /// Puts a file in its place in one step.
  ///
  /// @return when
  private long place(Path made) throws IOException {
    Files.move(
        made, target.file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    target.placed();
    return System.nanoTime();
  }

  private void look() {
    int noted = 0;
    while (!ending) {
      int version = awaited;
      if (version != 0 && version != noted) {
        long first = target.witness().sight(version).firstNanos();
        if (first != 0) {
          delays.switched(first);
          noted = version;
        }
      }
      figures.untimed(target.witness().delays(delays::note));
      delays.settle(System.nanoTime());
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private void stopLooking() throws InterruptedException {
    ending = true;
    looking.join();
    target.witness().delays(delays::note);
    delays.settleAll();
    figures.delays(delays.near(), delays.far());
  }
}
