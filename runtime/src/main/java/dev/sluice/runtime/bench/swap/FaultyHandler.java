package dev.sluice.runtime.bench.swap;

import dev.sluice.plugin.HandlerContext;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;

/// The handler of a bad bundle: marks packets as a good one does, but for one fault. [BundleRecipe]
/// puts a copy of this class into the bundle, with the fault's number in the place of the one that
/// stands here.
public final class FaultyHandler implements PacketHandler {
  /// Packets that an instance judges well before a fault of its `receive` shows.
  public static final int GOOD_PACKETS = 100;

  static final int FAULT_STANDS_HERE = 0x5a5a_4321;

  // Faults.
  static final int THROWS_AT_START = 1;
  static final int SLOW_AT_START = 2;
  static final int THROWS = 3;
  static final int SLOW = 4;
  static final int NO_VERDICT = 5;
  static final int ENDLESS = 6;

  private static final long SLOW_START_MILLIS = 60_000;

  /// Over what a packet may take; longer than a port's ring holds what comes at full speed. Asleep,
  /// so that it counts also where others want the processor.
  private static final long SLOW_PACKET_MILLIS = 65;

  private final MarkingHandler marking = new MarkingHandler();
  private int judged;
  private boolean rehearsed;

  public FaultyHandler() {
    switch (fault()) {
      case THROWS_AT_START -> throw new IllegalStateException("this bundle never starts");
      case SLOW_AT_START -> sleep(SLOW_START_MILLIS);
      default -> judged = 0;
    }
  }

  private static int fault() {
    return FAULT_STANDS_HERE;
  }

  private synchronized void sleep(long millis) {
    long until = System.nanoTime() + millis * 1_000_000;
    try {
      while (System.nanoTime() - until < 0) {
        wait(millis);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("this bundle was not waited for", e);
    }
  }

  /// A bundle that behaves itself while it is rehearsed: only the trial finds it out.
  @Override
  public void begin(HandlerContext context) {
    rehearsed = context.rehearsal();
  }

  @Override
  public Verdict receive(Packet packet) {
    return judged++ == GOOD_PACKETS && !rehearsed ? failed(packet) : marking.receive(packet);
  }

  @SuppressWarnings("NullAway") // one of the faults is to have no verdict
  private Verdict failed(Packet packet) {
    switch (fault()) {
      case THROWS -> throw new IllegalStateException("this bundle fails at its packet " + judged);
      case SLOW -> sleep(SLOW_PACKET_MILLIS);
      case ENDLESS -> spin();
      case NO_VERDICT -> {
        return null;
      }
      default -> judged = 0;
    }
    return marking.receive(packet);
  }

  private static void spin() {
    long begun = System.nanoTime();
    long now = begun;
    while (now - begun < Long.MAX_VALUE) {
      now = System.nanoTime();
    }
  }
}
