package dev.sluice.runtime.bench;

import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.ValueLayout;

/// What the benchmark puts into chains: reads a few bytes of each packet, as a small rule does. Its
/// class is defined anew for each replacement, as that of a new bundle is.
public final class CountingHandler implements PacketHandler {
  private long sum;

  @Override
  public Verdict receive(Packet packet) {
    sum += packet.memory().get(ValueLayout.JAVA_INT_UNALIGNED, 26);
    return sum == Long.MIN_VALUE ? Verdict.ANSWERED : Verdict.PASS;
  }
}
