package dev.sluice.runtime.bench;

import dev.sluice.kernel.KernelException;
import dev.sluice.wire.Tcp;
import java.io.IOException;
import java.util.BitSet;
import java.util.function.IntFunction;

/// Opens one TCP connection through the gateway for each live terminal, without any TCP: both ends
/// are frames. Each of the three segments is repeated until it has come out on the other side, so
/// what is lost on the way does no harm.
final class SessionConnections {
  private static final long REPEAT_NANOS = 200_000_000;
  private static final int BURST = 64;

  private final int sessions;
  private final long deadlineNanos;

  private SessionConnections(int sessions, long deadlineNanos) {
    this.sessions = sessions;
    this.deadlineNanos = deadlineNanos;
  }

  /// Opens them all, in the network namespace of this thread.
  ///
  /// @param deadlineNanos as [System#nanoTime]
  /// @return the hardware address of the terminals' end
  /// @throws IOException if not all of them are open in time
  static long open(String terminalSide, String masterSide, int sessions, long deadlineNanos)
      throws KernelException, IOException, InterruptedException {
    try (WireEnd terminals = WireEnd.open(terminalSide);
        WireEnd master = WireEnd.open(masterSide)) {
      SessionFrames frames = new SessionFrames(terminals.hardwareAddress());
      var opening = new SessionConnections(sessions, deadlineNanos);
      opening.carry(master, terminals, Tcp.SYN, frames::dial);
      opening.carry(terminals, master, Tcp.SYN | Tcp.ACK, frames::answer);
      opening.carry(master, terminals, Tcp.ACK, frames::complete);
      return terminals.hardwareAddress();
    }
  }

  private void carry(WireEnd from, WireEnd to, int flags, IntFunction<byte[]> frames)
      throws IOException, InterruptedException {
    BitSet missing = new BitSet(sessions);
    missing.set(0, sessions);
    while (!missing.isEmpty()) {
      if (deadlineNanos - System.nanoTime() < 0) {
        throw new IOException(
            "%d of %d connections were opened: the gateway lets no segment with the flags 0x%x of"
                    .formatted(sessions - missing.cardinality(), sessions, flags)
                + " the others through");
      }
      sendAll(from, to, flags, frames, missing);
      long until = System.nanoTime() + REPEAT_NANOS;
      while (!missing.isEmpty() && System.nanoTime() - until < 0) {
        if (take(to, flags, missing) == 0) {
          Thread.sleep(1);
        }
      }
    }
  }

  private static void sendAll(
      WireEnd from, WireEnd to, int flags, IntFunction<byte[]> frames, BitSet missing)
      throws InterruptedException {
    int[] wanted = missing.stream().toArray();
    for (int i = 0; i < wanted.length; i++) {
      // One that finds no room is sent in the next round.
      from.send(frames.apply(wanted[i]));
      if (i % BURST == BURST - 1) {
        from.flush();
        Thread.sleep(1);
        take(to, flags, missing);
      }
    }
    from.flush();
  }

  private static int take(WireEnd to, int flags, BitSet missing) {
    var frames = to.receive();
    for (byte[] frame : frames) {
      int terminal = SessionFrames.terminal(frame, flags);
      if (terminal >= 0) {
        missing.clear(terminal);
      }
    }
    return frames.size();
  }
}
