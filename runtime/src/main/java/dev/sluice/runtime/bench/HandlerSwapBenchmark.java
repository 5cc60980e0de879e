package dev.sluice.runtime.bench;

import dev.sluice.kernel.KernelException;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.RoundRobin;
import dev.sluice.runtime.pipeline.Chain;
import dev.sluice.runtime.pipeline.WorkLane;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// What a packet costs after each of several replacements of all handlers: once through loops spun
/// for each generation, as the product does, and once through one loop shared by all, which shows
/// what that is for. Both in the same run, round about, since the machine may be busy with other
/// things.
final class HandlerSwapBenchmark {
  private static final int HANDLERS = 4;
  private static final int ROUNDS = 9;
  private static final int BREAK_IN_ROUNDS = 4;
  private static final int BATCHES = 20_000;

  /// One row: nanoseconds per packet, lowest and median of all rounds.
  record Row(int swap, double spunMin, double spunMedian, double sharedMin, double sharedMedian) {}

  private HandlerSwapBenchmark() {}

  static List<Row> run(int swaps) throws KernelException {
    List<Row> rows = new ArrayList<>();
    try (WorkLane spun = new WorkLane();
        WorkLane shared = WorkLane.shared()) {
      for (int swap = 0; swap <= swaps; swap++) {
        spun.publish(chain());
        shared.publish(chain());
        rows.add(measured(swap, spun, shared));
      }
    }
    return rows;
  }

  private static Chain chain() {
    List<Chain.Link> links = new ArrayList<>();
    for (int i = 0; i < HANDLERS; i++) {
      List<PacketHandler> one = Collections.singletonList(FreshClass.handler());
      links.add(new Chain.Link("handler-" + i, one));
    }
    return new Chain(links, new RoundRobin(), true);
  }

  private static Row measured(int swap, WorkLane spun, WorkLane shared) {
    double[] ofSpun = new double[ROUNDS];
    double[] ofShared = new double[ROUNDS];
    for (int round = 0; round < BREAK_IN_ROUNDS; round++) {
      spun.nanosPerPacket(BATCHES);
      shared.nanosPerPacket(BATCHES);
    }
    for (int round = 0; round < ROUNDS; round++) {
      ofSpun[round] = spun.nanosPerPacket(BATCHES);
      ofShared[round] = shared.nanosPerPacket(BATCHES);
    }
    Arrays.sort(ofSpun);
    Arrays.sort(ofShared);
    return new Row(swap, ofSpun[0], ofSpun[ROUNDS / 2], ofShared[0], ofShared[ROUNDS / 2]);
  }
}
