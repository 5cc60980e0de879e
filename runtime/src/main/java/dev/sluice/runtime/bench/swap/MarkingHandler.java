package dev.sluice.runtime.bench.swap;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import dev.sluice.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The handler of the bundles that are replaced: drops a forbidden flow, and writes its version
/// into every other frame. [BundleRecipe] puts a copy of this class into each bundle, with the
/// bundle's version in the place of the number that stands here.
public final class MarkingHandler implements PacketHandler {
  /// Where the version lies in a frame, big-endian: behind the fields of the benchmarks' frames.
  public static final int VERSION_AT = 56;

  /// UDP source port of the flow that must not pass.
  public static final int FORBIDDEN_PORT = 10_063;

  static final int VERSION_STANDS_HERE = 0x5a5a_1234;

  private static final ValueLayout.OfInt VERSION =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final DropReason FORBIDDEN = DropReason.of("bench-forbidden");
  private static final DropReason UNKNOWN = DropReason.of("bench-unknown");

  private static int version() {
    return VERSION_STANDS_HERE;
  }

  @Override
  public Verdict receive(Packet packet) {
    if (packet.transportProtocol() != Udp.PROTOCOL
        || packet.length() < VERSION_AT + Integer.BYTES) {
      return UNKNOWN.verdict();
    }
    MemorySegment frame = packet.memory();
    if (Udp.sourcePort(frame, packet.transportAt()) == FORBIDDEN_PORT) {
      return FORBIDDEN.verdict();
    }
    frame.set(VERSION, VERSION_AT, version());
    return Verdict.PASS;
  }
}
