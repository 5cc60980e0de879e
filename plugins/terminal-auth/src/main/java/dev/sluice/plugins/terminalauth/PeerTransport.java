package dev.sluice.plugins.terminalauth;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.bouncycastle.tls.DatagramTransport;
import org.jspecify.annotations.Nullable;

/// One DTLS handshake's datagrams: WorkThreads put in what arrives, the handshake's own thread
/// takes it out and sends.
///
/// [#offer] takes no lock, which is why this is no blocking queue. The reader parks; it looks at
/// the queue again after each [LockSupport#park], and `unpark` before `park` is not lost, so an
/// offer between its look and its park wakes it.
final class PeerTransport implements DatagramTransport {
  /// Most datagrams that wait; a flight of a handshake is about ten.
  static final int CAPACITY = 32;

  private static final long WORKING = Long.MIN_VALUE;

  private final AnswerPath answers;
  private final ConcurrentLinkedQueue<byte[]> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waitingCount = new AtomicInteger();
  private volatile @Nullable Thread reader;
  private volatile boolean closed;

  /// Since when the reader waits for the peer, or [#WORKING].
  private volatile long waitingSinceNanos = WORKING;

  /// End of the handshake's time. No datagram moves it.
  private final long deadlineNanos;

  private final HandshakeTrace trace = new HandshakeTrace();

  PeerTransport(AnswerPath answers, long deadlineNanos) {
    this.answers = answers;
    this.deadlineNanos = deadlineNanos;
  }

  /// Puts in a datagram that arrived. Any thread.
  ///
  /// @return false if so many wait already, or nobody reads any more
  boolean offer(byte[] datagram) {
    if (waitingCount.incrementAndGet() > CAPACITY || closed) {
      waitingCount.decrementAndGet();
      return false;
    }
    waiting.add(datagram);
    LockSupport.unpark(reader);
    // Who closes takes what is left: either that saw this one, or this sees the end.
    return !closed || !waiting.remove(datagram);
  }

  boolean isClosed() {
    return closed;
  }

  /// What nobody has read, when this is closed.
  List<byte[]> left() {
    List<byte[]> left = new ArrayList<>();
    for (byte[] datagram = waiting.poll(); datagram != null; datagram = waiting.poll()) {
      left.add(datagram);
    }
    return left;
  }

  /// The handshake's records. For the thread that reads.
  HandshakeTrace trace() {
    return trace;
  }

  /// For how long it has been the peer's turn and nothing came. 0 while it is this side's turn:
  /// where the processor is short, a peer that waits for an answer is not to blame.
  long silentNanos(long nowNanos) {
    long since = waitingSinceNanos;
    return since == WORKING ? 0 : nowNanos - since;
  }

  /// Says which thread reads, which is the one that calls.
  void readHere() {
    reader = Thread.currentThread();
  }

  @Override
  public int getReceiveLimit() {
    return Datagram.MAX_PAYLOAD_BYTES;
  }

  @Override
  public int getSendLimit() {
    return AnswerPath.MAX_PAYLOAD_BYTES;
  }

  @Override
  public int receive(byte[] buffer, int offset, int limit, int waitMillis) throws IOException {
    long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Math.max(1, waitMillis));
    while (true) {
      byte[] datagram = take();
      if (datagram != null) {
        trace.received(datagram);
        int bytes = Math.min(limit, datagram.length);
        System.arraycopy(datagram, 0, buffer, offset, bytes);
        return bytes;
      }
      long leftNanos = untilNanos - System.nanoTime();
      if (leftNanos <= 0) {
        return -1;
      }
      LockSupport.parkNanos(this, Math.min(leftNanos, nanosToDeadline()));
    }
  }

  private byte @Nullable [] take() throws IOException {
    if (closed) {
      throw new IOException("closed");
    }
    if (nanosToDeadline() <= 0) {
      throw new DeadlineException();
    }
    byte[] datagram = waiting.poll();
    if (datagram != null) {
      waitingCount.decrementAndGet();
      waitingSinceNanos = WORKING;
    } else if (waitingSinceNanos == WORKING) {
      waitingSinceNanos = System.nanoTime();
    }
    return datagram;
  }

  private long nanosToDeadline() {
    return deadlineNanos - System.nanoTime();
  }

  @Override
  public void send(byte[] buffer, int offset, int bytes) throws IOException {
    if (closed) {
      throw new IOException("closed");
    }
    trace.sent(buffer, offset, bytes);
    answers.send(buffer, offset, bytes);
  }

  /// Ends reading and sending, at once and for good. Any thread.
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(reader);
  }

  /// The handshake's time is over.
  static final class DeadlineException extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
