package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.FlowHash;
import dev.sluice.plugin.FourTupleXor;
import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.RoundRobin;
import dev.sluice.plugin.TwoTupleXor;
import dev.sluice.plugin.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Generations of a [WarmUp]. The code that all generations share must have met, before it is
/// compiled, all that it will ever meet: handlers of more classes than the compiler tells apart at
/// a call, links with and without a trial, every verdict, and failures. What is new to compiled
/// code sends it back to the interpreter, just when a bundle is being replaced.
final class WarmUpChain {
  /// A handler is new to its call in so many packets.
  private static final int SELDOM = 63;

  /// One generation in so many is closed, and one is traced.
  private static final int LOOPS = 16;

  private static final int CLOSED = 7;
  private static final int TRACED = 15;

  private static final int TRACES = 16;

  /// One batch in so many is measured.
  private static final int MEASURED = 4;

  /// Packets of a trial that is to be passed.
  private static final int ENOUGH = 100;

  private static final Duration AMPLE = Duration.ofHours(1);

  /// Loops of own classes, and not worth compiling: like the loops of all generations to come they
  /// are of more classes than the compiler tells apart. If it could, code that runs for ever would
  /// name the classes of the first generation, and hold that, with its bundles, as long.
  private static final List<Function<SharedLoop, BatchLoop>> OWN_LOOPS =
      List.of(
          shared -> (batch, from, to, worker) -> shared.run(batch, from, to, worker),
          shared -> (batch, from, to, worker) -> shared.run(batch, from, to, worker),
          shared -> (batch, from, to, worker) -> shared.run(batch, from, to, worker));

  /// How the trials of one chain end.
  enum Trials {
    RUNNING,
    NONE,
    PASSED,
    FAILED
  }

  private final int workers;
  private final SendingHalf sending;

  /// Of more classes than the compiler tells apart, for the reason told at [#OWN_LOOPS]. Most
  /// gateways have the first of them.
  private final List<HashFunction> hashes =
      List.of(
          new FlowHash(),
          new FlowHash(),
          new RoundRobin(),
          new FourTupleXor(),
          new FlowHash(),
          new TwoTupleXor());

  /// The same objects in all generations, so that their counters go on.
  private final List<PacketHandler> kinds = List.of(_ -> Verdict.PASS, this::drop, this::handOver);

  private final PacketHandler failing = this::fail;
  private int made;
  private int handed;
  private int dropped;
  private int failed;

  WarmUpChain(int workers, SendingHalf sending) {
    this.workers = workers;
    this.sending = sending;
  }

  /// Lanes that these generations are for.
  static List<Lane> lanes(int workers) {
    AtomicInteger loops = new AtomicInteger();
    Lane.OwnLoops own =
        (_, shared) -> OWN_LOOPS.get(loops.getAndIncrement() % OWN_LOOPS.size()).apply(shared);
    Lane.Habits habits = new Lane.Habits(own, 0, MEASURED, true);
    return IntStream.range(0, workers).mapToObj(each -> Lane.of(each, workers, habits)).toList();
  }

  /// The next of a row in which each kind of step comes first, comes last and comes behind each
  /// other, and each kind of loop is in force.
  Generation next(Generation before) {
    int number = made++;
    HashFunction hash = hashes.get(number % hashes.size());
    Chain chain = new Chain(links(number), hash, number % LOOPS != CLOSED);
    @Nullable Trace trace = number % LOOPS == TRACED ? new Trace(TRACES, _ -> true) : null;
    return before.next(chain, trace, new StandIns(hash));
  }

  private List<Chain.Link> links(int number) {
    Trials trials = Trials.values()[number % Trials.values().length];
    List<Chain.Link> links = new ArrayList<>();
    for (int i = 0; i < kinds.size(); i++) {
      PacketHandler kind = kinds.get((number + i) % kinds.size());
      links.add(new Chain.Link("warm-up", each(kind)));
      if (trials != Trials.NONE) {
        PacketHandler onTrial = trials == Trials.FAILED ? failing : kind;
        links.add(new Chain.Link("warm-up", each(onTrial), guard(trials, kind)));
      }
    }
    links.add(new Chain.Link("warm-up", each(failing)));
    if (trials != Trials.NONE) {
      links.add(1, new Chain.Link("warm-up", each(failing), guard(trials, kinds.getFirst())));
    }
    Collections.rotate(links, number / Trials.values().length);
    return links;
  }

  private Guard guard(Trials trials, PacketHandler fallback) {
    Duration time = trials == Trials.RUNNING ? AMPLE : Duration.ZERO;
    Guard guard =
        new Guard("warm-up", each(fallback), ENOUGH, time, AMPLE, new HandOver(workers, time));
    guard.begin();
    return guard;
  }

  private List<PacketHandler> each(PacketHandler handler) {
    return Collections.nCopies(workers, handler);
  }

  private Verdict drop(Packet packet) {
    dropped += packet.length() > 0 ? 1 : 0;
    return (dropped & SELDOM) == 0 ? DropReason.OTHER.verdict() : Verdict.PASS;
  }

  @SuppressWarnings("NullAway") // it breaks the rules
  private Verdict fail(Packet packet) {
    failed++;
    return switch (failed & SELDOM) {
      case 0 -> throw new IllegalStateException("warm-up");
      case 1 -> null;
      case 2 -> Verdict.ANSWERED;
      default -> packet.length() > 0 ? Verdict.PASS : Verdict.ANSWERED;
    };
  }

  /// What handlers call of ours is linked by then, which takes more stack than the call itself.
  private Verdict handOver(Packet packet) {
    handed++;
    switch (handed & SELDOM) {
      case 0 -> sending.sendPacket(packet.egress(), packet);
      case 1 -> {
        packet.hold();
        sending.sendPacket(packet.egress(), packet);
      }
      case 2 -> {
        packet.hold();
        sending.drop(packet, DropReason.OTHER);
      }
      case 3 -> {
        sending.sendData(packet.egress(), packet.memory().asSlice(0, packet.length()));
        return Verdict.PASS;
      }
      default -> {
        return Verdict.PASS;
      }
    }
    return Verdict.TAKEN;
  }
}
