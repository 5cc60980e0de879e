package dev.sluice.runtime.bench;

import dev.sluice.kernel.KernelException;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Counts the resets of TCP connections that arrive at both ends of a [World]: a gateway sends them
/// when it cuts a connection.
final class ResetWatch implements AutoCloseable {
  private static final int IP = (int) Ethernet.HEADER_BYTES;
  private static final long PAUSE_MILLIS = 2;
  private static final long OPEN_SECONDS = 10;

  private final CompletableFuture<Boolean> open = new CompletableFuture<>();
  private final Thread thread;
  private volatile boolean ending;
  private volatile long resets;

  private ResetWatch(World world) {
    thread =
        Thread.ofPlatform()
            .name("resets")
            .daemon()
            .unstarted(() -> {
              try {
                world.inside("counting resets", this::watch);
              } catch (BenchException | RuntimeException e) {
                open.completeExceptionally(e);
              }
            });
  }

  /// Counts from now on.
  static ResetWatch start(World world) throws BenchException {
    ResetWatch watch = new ResetWatch(world);
    watch.thread.start();
    try {
      watch.open.get(OPEN_SECONDS, TimeUnit.SECONDS);
      return watch;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    } catch (Exception e) { // whatever keeps both ends from being watched
      watch.close();
      throw new BenchException("the ends of the wires cannot be watched: " + e.getMessage(), e);
    }
  }

  private long watch() throws KernelException, InterruptedException {
    try (WireEnd terminals = WireEnd.open(World.GENERATOR);
        WireEnd master = WireEnd.open(World.SINK)) {
      open.complete(true);
      long all = 0;
      while (!ending) {
        int found = count(terminals.receive()) + count(master.receive());
        all += found;
        resets = all;
        if (found == 0) {
          Thread.sleep(PAUSE_MILLIS);
        }
      }
    }
    return resets;
  }

  private static int count(List<byte[]> frames) {
    int count = 0;
    for (byte[] bytes : frames) {
      MemorySegment frame = MemorySegment.ofArray(bytes);
      if (Ipv4.fits(frame, IP, bytes.length)
          && Ethernet.etherType(frame, 0) == Ethernet.TYPE_IPV4
          && Ipv4.protocol(frame, IP) == Tcp.PROTOCOL
          && isReset(frame, IP + Ipv4.headerBytes(frame, IP), bytes.length)) {
        count++;
      }
    }
    return count;
  }

  private static boolean isReset(MemorySegment frame, int at, int end) {
    return Tcp.fits(frame, at, end) && (Tcp.flags(frame, at) & Tcp.RST) != 0;
  }

  long resets() {
    return resets;
  }

  @Override
  public void close() {
    ending = true;
    try {
      thread.join(TimeUnit.SECONDS.toMillis(OPEN_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
