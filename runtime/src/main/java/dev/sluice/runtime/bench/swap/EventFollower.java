package dev.sluice.runtime.bench.swap;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Hands on each line that is appended to a gateway's event log, within about a millisecond. The
/// file need not be there yet.
public final class EventFollower implements AutoCloseable {
  private final Path file;
  private final Consumer<String> lines;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
  private final ByteBuffer block = ByteBuffer.allocate(1 << 16);
  private final Thread thread = Thread.ofPlatform().name("events").daemon().unstarted(this::run);
  private long at;

  private EventFollower(Path file, Consumer<String> lines) {
    this.file = file;
    this.lines = lines;
  }

  /// Begins with the file's first line.
  ///
  /// @param lines called on a thread of its own
  public static EventFollower start(Path file, Consumer<String> lines) {
    EventFollower follower = new EventFollower(file, lines);
    follower.thread.start();
    return follower;
  }

  private void run() {
    try {
      while (!closing.await(1, TimeUnit.MILLISECONDS)) {
        if (Files.exists(file) && Files.size(file) > at) {
          read();
        }
      }
    } catch (IOException e) {
      System.err.println("sluice bench: " + file + " cannot be read: " + e.getMessage());
    } catch (InterruptedException e) {
      // Nobody interrupts it but a JVM that ends.
      Thread.currentThread().interrupt();
    }
  }

  private void read() throws IOException {
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      channel.position(at);
      block.clear();
      while (channel.read(block) > 0) {
        block.flip();
        at += block.remaining();
        while (block.hasRemaining()) {
          take(block.get());
        }
        block.clear();
      }
    }
  }

  private void take(byte next) {
    if (next != '\n') {
      begun.write(next);
      return;
    }
    lines.accept(begun.toString(StandardCharsets.UTF_8));
    begun.reset();
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
