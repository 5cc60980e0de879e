package dev.sluice.runtime.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Both ends of one kernel TCP connection through the gateway.
record TcpPair(SocketChannel master, SocketChannel terminal) implements AutoCloseable {
  /// Sends so many bytes each way at the same time, and checks that they arrive as they were.
  void exchange(int bytes) throws Exception {
    byte[] down = noise(bytes, 1);
    byte[] up = noise(bytes, 2);
    try (ExecutorService both = Executors.newFixedThreadPool(4)) {
      Future<byte[]> atTerminal = both.submit(() -> read(terminal, bytes));
      Future<byte[]> atMaster = both.submit(() -> read(master, bytes));
      Future<Integer> sentDown = both.submit(() -> write(master, down));
      Future<Integer> sentUp = both.submit(() -> write(terminal, up));
      try {
        assertArrayEquals(down, await(atTerminal));
        assertArrayEquals(up, await(atMaster));
        assertEquals(bytes, await(sentDown));
        assertEquals(bytes, await(sentUp));
      } catch (Exception | AssertionError e) {
        close(); // or those that still wait would never end
        throw e;
      }
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.get(LabSite.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static byte[] noise(int bytes, long seed) {
    byte[] noise = new byte[bytes];
    new Random(seed).nextBytes(noise);
    return noise;
  }

  private static byte[] read(SocketChannel channel, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("ended after " + buffer.position() + " of " + bytes + " bytes");
      }
    }
    return buffer.array();
  }

  private static int write(SocketChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    return bytes.length;
  }

  /// Does something and waits until both ends have seen a reset.
  ///
  /// @return milliseconds from the begin of the act until the later of both resets
  long millisUntilBothAreReset(Callable<?> act) throws Exception {
    try (ExecutorService both = Executors.newFixedThreadPool(2)) {
      List<Future<Long>> ends =
          List.of(both.submit(() -> resetAt(master)), both.submit(() -> resetAt(terminal)));
      long before = System.nanoTime();
      try {
        act.call();
        return (Math.max(await(ends.get(0)), await(ends.get(1))) - before) / 1_000_000;
      } catch (Exception e) {
        close();
        throw e;
      }
    }
  }

  /// When a reset came, of [System#nanoTime]. An orderly end is none.
  private static long resetAt(SocketChannel channel) throws IOException {
    try {
      int count = channel.read(ByteBuffer.allocate(1));
      throw new AssertionError("read() gave " + count + " where a reset had to come");
    } catch (IOException e) {
      assertEquals("Connection reset", e.getMessage());
      return System.nanoTime();
    }
  }

  @Override
  public void close() throws IOException {
    master.close();
    terminal.close();
  }
}
