package dev.sluice.runtime.e2e;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;

/// Bytes that stream both ways over a connection until it ends.
final class Traffic implements AutoCloseable {
  private static final int BLOCK = 4096;

  private final TcpPair pair;
  private final AtomicLong arrived = new AtomicLong();

  Traffic(TcpPair pair) {
    this.pair = pair;
    start(pair.master(), pair.terminal());
    start(pair.terminal(), pair.master());
  }

  private void start(SocketChannel from, SocketChannel to) {
    Thread.ofPlatform().name("traffic out").daemon().start(() -> write(from));
    Thread.ofPlatform().name("traffic in").daemon().start(() -> read(to));
  }

  private static void write(SocketChannel channel) {
    try {
      while (true) {
        channel.write(ByteBuffer.allocate(BLOCK));
      }
    } catch (IOException _) {
      // The connection is over, which the count shows.
    }
  }

  private void read(SocketChannel channel) {
    ByteBuffer buffer = ByteBuffer.allocate(BLOCK);
    try {
      while (channel.read(buffer.clear()) >= 0) {
        arrived.addAndGet(buffer.position());
      }
    } catch (IOException _) {
      // The connection is over, which the count shows.
    }
  }

  /// Bytes that have arrived at either end.
  long arrivedBytes() {
    return arrived.get();
  }

  /// Gives the connection up at both ends, without a good-bye that would be repeated.
  @Override
  public void close() throws IOException {
    for (SocketChannel channel : new SocketChannel[] {pair.master(), pair.terminal()}) {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      channel.close();
    }
  }
}
