package dev.sluice.runtime.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// One client: a request line comes, the lines of its answer go, and that is all. It runs on a
/// virtual thread; whatever the client does or leaves undone, the time limits end it.
final class ClientConnection implements Runnable, Output {
  /// Most bytes of a request.
  static final int MOST_REQUEST_BYTES = 1 << 16;

  private static final long NEVER = Long.MAX_VALUE;

  private final SocketChannel channel;
  private final ControlServer.Limits limits;
  private final Dispatcher dispatcher;

  /// When [ControlServer] is to close the channel, by [System#nanoTime] since `began`.
  private volatile long deadline;

  private final long began = System.nanoTime();

  ClientConnection(SocketChannel channel, ControlServer.Limits limits, Dispatcher dispatcher) {
    this.channel = channel;
    this.limits = limits;
    this.dispatcher = dispatcher;
    this.deadline = limits.request().toNanos();
  }

  /// Whether it has waited for the client for too long.
  boolean isOverdue() {
    return System.nanoTime() - began > deadline;
  }

  /// Ends whatever waits for the client. Any thread.
  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      return; // there is nothing left to close then
    }
  }

  @Override
  public void run() {
    try (channel) {
      String request = readRequest();
      deadline = NEVER;
      answer(request);
    } catch (IOException e) {
      return; // the client is gone, or was closed for its slowness: nobody is left to tell
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the gateway stops, or the client is gone
    }
  }

  /// The line, or what came until the client closed its half.
  private String readRequest() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MOST_REQUEST_BYTES);
    int seen = 0;
    int end = -1;
    while (end < 0 && bytes.hasRemaining() && channel.read(bytes) >= 0) {
      while (seen < bytes.position() && end < 0) {
        end = bytes.get(seen) == '\n' ? seen : -1;
        seen++;
      }
    }
    if (end < 0 && !bytes.hasRemaining()) {
      String most = "the request is longer than " + MOST_REQUEST_BYTES + " bytes";
      Dispatcher.refuse(this, "call", most);
      throw new IOException(most);
    }
    return text(bytes.flip().limit(end < 0 ? bytes.limit() : end));
  }

  private String text(ByteBuffer bytes) throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      Dispatcher.refuse(this, "call", "the request is not a text in UTF-8");
      throw e;
    }
  }

  /// Sends an empty line now and then while the answer is being made: only so can it be known that
  /// the client is still there, whose order is then no longer worth its time.
  private void answer(String request) throws IOException, InterruptedException {
    Thread answering = Thread.currentThread();
    CountDownLatch over = new CountDownLatch(1);
    Thread beat = Thread.ofVirtual().name("control-beat").start(() -> beat(over, answering));
    try {
      dispatcher.answer(request, PeerName.of(channel), this);
    } finally {
      over.countDown();
      beat.join();
    }
  }

  private void beat(CountDownLatch over, Thread answering) {
    try {
      while (!over.await(limits.beat().toNanos(), TimeUnit.NANOSECONDS)) {
        lines(List.of(""));
      }
    } catch (IOException e) {
      answering.interrupt();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void lines(List<String> lines) throws IOException {
    if (lines.isEmpty()) {
      return;
    }
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(String.join("\n", lines) + "\n");
    try {
      while (bytes.hasRemaining()) {
        deadline = System.nanoTime() - began + limits.write().toNanos();
        channel.write(bytes);
      }
    } finally {
      deadline = NEVER;
    }
  }
}
