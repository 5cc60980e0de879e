package dev.sluice.runtime.iec104;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// One IEC 60870-5-104 connection, either end of it. [#run] reads and keeps the timers, on a thread
/// of the caller's choosing, until the link ends; any other thread may [#send].
///
/// A link that breaks a rule of the standard is closed and not repaired: the standard wants that.
public final class Link implements AutoCloseable {
  /// The timers are looked at this often, so each of them may come late by this much.
  private static final int TICK_MILLIS = 100;

  private final Socket socket;
  private final boolean controlling;
  private final LinkCounters counters;
  private final Listener listener;
  private final InputStream in;
  private final OutputStream out;

  /// Bytes received and not yet decoded; only the thread that runs the link touches it.
  private final ByteBuffer arrived = ByteBuffer.allocate(16 * ApduCodec.MAX_APDU_BYTES);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final LinkState state; // guarded by lock
  private final ByteBuffer encoded = ByteBuffer.allocate(ApduCodec.MAX_APDU_BYTES); // by lock
  private boolean started; // guarded by lock
  private boolean closed; // guarded by lock

  /// What a station does with a link. Called on the thread that runs the link.
  public interface Listener {
    /// Data transfer has begun.
    void started(Link link);

    /// An I frame has arrived, in sequence.
    ///
    /// @throws IOException if the station can no longer serve the link, which ends it
    void received(Link link, Asdu asdu) throws IOException;
  }

  /// What ended a link, in a sentence.
  public static final class LinkException extends IOException {
    private static final long serialVersionUID = 1;

    LinkException(String message) {
      super(message);
    }
  }

  /// A link over a connected socket, which it owns from now on.
  ///
  /// @param controlling whether this end is the master station, which starts data transfer
  public Link(
      Socket socket,
      boolean controlling,
      LinkTiming timing,
      LinkCounters counters,
      Listener listener)
      throws IOException {
    this.socket = socket;
    this.controlling = controlling;
    this.counters = counters;
    this.listener = listener;
    this.state = new LinkState(timing, System.nanoTime());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TICK_MILLIS);
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  /// Serves the link until it ends.
  ///
  /// @throws IOException with what ended it; the link never ends well by itself
  public void run() throws IOException {
    try (this) {
      if (controlling) {
        start();
      }
      while (true) {
        read();
        arrived.flip();
        decode();
        arrived.compact();
        keepTimers();
      }
    }
  }

  private void start() throws IOException {
    lock.lock();
    try {
      state.startSent(System.nanoTime());
      write(new Apdu.Unnumbered(Apdu.Function.STARTDT_ACT));
    } finally {
      lock.unlock();
    }
  }

  private void read() throws IOException {
    try {
      int count = in.read(arrived.array(), arrived.position(), arrived.remaining());
      if (count < 0) {
        throw new LinkException("the peer closed the connection");
      }
      arrived.position(arrived.position() + count);
    } catch (SocketTimeoutException _) {
      // Nothing arrived within a tick: the timers are looked at all the same.
    }
  }

  private void decode() throws IOException {
    while (arrived.hasRemaining()) {
      switch (ApduCodec.decode(arrived)) {
        case ApduCodec.Decoded.Done(Apdu apdu) -> received(apdu);
        case ApduCodec.Decoded.NeedMore(int _) -> {
          return;
        }
        case ApduCodec.Decoded.Broken(String reason) -> {
          counters.brokenFrames.increment();
          throw new LinkException("no frame of the standard: " + reason);
        }
      }
    }
  }

  private void received(Apdu apdu) throws IOException {
    counters.framesReceived.increment();
    boolean begins = false;
    lock.lock();
    try {
      state.frameArrived(System.nanoTime());
      switch (apdu) {
        case Apdu.Information information -> takeNumbers(information);
        case Apdu.Supervisory(int number) -> takeAcknowledgement(number);
        case Apdu.Unnumbered(Apdu.Function function) -> begins = takeFunction(function);
      }
    } finally {
      lock.unlock();
    }
    if (begins) {
      listener.started(this);
    }
    if (apdu instanceof Apdu.Information(int _, int _, Asdu asdu)) {
      listener.received(this, asdu);
    }
  }

  private void takeNumbers(Apdu.Information information) throws IOException {
    if (!started) {
      throw new LinkException("an I frame before data transfer was started");
    }
    takeAcknowledgement(information.receiveNumber());
    if (!state.informationArrived(information.sendNumber(), System.nanoTime())) {
      counters.brokenSequences.increment();
      throw new LinkException(
          "N(S) is %d, must be %d".formatted(information.sendNumber(), state.receiveNumber()));
    }
    counters.informationReceived.increment();
    if (state.acknowledgementIsDue()) {
      acknowledge();
    }
  }

  private void takeAcknowledgement(int number) throws LinkException {
    if (!state.acknowledgementArrived(number, System.nanoTime())) {
      counters.brokenSequences.increment();
      throw new LinkException(
          "N(R) is %d with %d I frames outstanding".formatted(number, state.outstanding()));
    }
    changed.signalAll();
  }

  /// Returns whether data transfer begins with it.
  private boolean takeFunction(Apdu.Function function) throws IOException {
    switch (function) {
      case TESTFR_ACT -> write(new Apdu.Unnumbered(Apdu.Function.TESTFR_CON));
      case TESTFR_CON -> state.testConfirmed();
      case STARTDT_CON -> {
        requireRole(controlling, function);
        state.startConfirmed();
        return begin();
      }
      case STARTDT_ACT -> {
        requireRole(!controlling, function);
        write(new Apdu.Unnumbered(Apdu.Function.STARTDT_CON));
        return begin();
      }
      case STOPDT_ACT -> {
        requireRole(!controlling, function);
        started = false;
        write(new Apdu.Unnumbered(Apdu.Function.STOPDT_CON));
      }
      case STOPDT_CON -> requireRole(controlling, function);
    }
    return false;
  }

  private boolean begin() {
    boolean begins = !started;
    started = true;
    changed.signalAll();
    return begins;
  }

  private static void requireRole(boolean fits, Apdu.Function function) throws LinkException {
    if (!fits) {
      throw new LinkException(function + " from the wrong end of the link");
    }
  }

  private void keepTimers() throws IOException {
    lock.lock();
    try {
      switch (state.due(System.nanoTime())) {
        case NOTHING -> {}
        case ACKNOWLEDGE -> acknowledge();
        case TEST -> {
          state.testSent(System.nanoTime());
          write(new Apdu.Unnumbered(Apdu.Function.TESTFR_ACT));
        }
        case FAIL -> throw new LinkException("no answer from the peer within t1");
      }
    } finally {
      lock.unlock();
    }
  }

  private void acknowledge() throws IOException {
    state.acknowledged();
    write(new Apdu.Supervisory(state.receiveNumber()));
  }

  /// Sends an I frame, and waits while k of them are outstanding or data transfer is not started.
  /// Not to be called on the thread that runs the link: that one must stay free to read the
  /// acknowledgements.
  ///
  /// @throws IOException if the link has ended
  public void send(Asdu asdu) throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed && (!started || state.windowIsFull())) {
        changed.await();
      }
      if (closed) {
        throw new LinkException("the link has ended");
      }
      int number = state.nextSendNumber(System.nanoTime());
      write(new Apdu.Information(number, state.receiveNumber(), asdu));
      counters.informationSent.increment();
    } finally {
      lock.unlock();
    }
  }

  /// Only with the lock held, so that numbers and bytes keep one order.
  private void write(Apdu apdu) throws IOException {
    encoded.clear();
    ApduCodec.encode(apdu, encoded);
    out.write(encoded.array(), 0, encoded.position());
    counters.framesSent.increment();
  }

  /// Ends the link by a TCP reset instead of an orderly end, so that nothing unsent lingers.
  public void abort() throws IOException {
    socket.setSoLinger(true, 0);
    close();
  }

  /// Ends the link. Idempotent.
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    socket.close();
  }
}
