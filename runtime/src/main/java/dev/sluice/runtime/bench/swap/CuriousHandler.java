package dev.sluice.runtime.bench.swap;

import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;

/// The handler of a bad bundle that looks at files, which nobody has permitted it. Otherwise it
/// marks packets as a good one does.
public final class CuriousHandler implements PacketHandler {
  private final MarkingHandler marking = new MarkingHandler();
  private final boolean strict = Files.isReadable(Path.of("/etc/hostname"));

  @Override
  public Verdict receive(Packet packet) {
    return strict && packet.length() == 0 ? Verdict.ANSWERED : marking.receive(packet);
  }
}
