package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.plugin.Ownership;
import dev.sluice.plugin.PacketSender;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.bouncycastle.tls.DTLSRequest;
import org.jspecify.annotations.Nullable;

/// Takes in the datagrams of peers that are not in the midst of a handshake: gives those of live
/// associations to [LineTalk], asks for a cookie, applies the limits, and begins handshakes. Also
/// sweeps the sessions.
///
/// Before this version of the bundle owns admission, what comes waits; when it has lost it to
/// another, it still hears what has come for live associations.
///
/// All of it is one thread's work, so nothing here is locked, and WorkThreads do no cryptography:
/// they only queue. A cookie or a record costs a few microseconds, so one thread keeps up with some
/// 300,000 datagrams a second; beyond that they are dropped and counted.
final class Doorman implements Runnable {
  /// Most datagrams that wait, of all sources.
  static final int CAPACITY = 4096;

  private static final int BATCH = 256;
  private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /// A handshake that has been silent for so long gives way when there are too many.
  private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private record Arrival(Source source, Datagram datagram) {}

  private final Conversation.Surroundings surroundings;
  private final PacketSender sender;
  private final Ownership ownership;
  private final LineTalk talk;
  private final Cookies cookies;
  private final ConcurrentLinkedQueue<Arrival> arrivals = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final Deque<Conversation> underWay = new ArrayDeque<>();
  private volatile @Nullable Thread thread;
  private volatile boolean stopping;
  private long sweptNanos = System.nanoTime();
  private boolean hasOwned;
  private String reported = "";

  Doorman(Conversation.Surroundings surroundings, AdmissionState state) {
    this.surroundings = surroundings;
    this.sender = state.sender();
    this.ownership = state.ownership();
    this.talk = new LineTalk(surroundings.sessions(), state);
    this.cookies = new Cookies(surroundings.engine().crypto(), System.nanoTime());
  }

  /// Queues a datagram. Any thread; takes no lock.
  ///
  /// @return false if so many wait already, of this source or of all, that it is lost
  boolean offer(Source source, Datagram datagram) {
    if (stopping) {
      return false;
    }
    if (waiting.incrementAndGet() > CAPACITY || !source.queue()) {
      waiting.decrementAndGet();
      return false;
    }
    arrivals.add(new Arrival(source, datagram));
    LockSupport.unpark(thread);
    return true;
  }

  @Override
  public void run() {
    thread = Thread.currentThread();
    try {
      while (!stopping) {
        if (doWork() == 0) {
          LockSupport.parkNanos(this, SWEEP_NANOS / 2);
        }
      }
      drain();
    } catch (RuntimeException | Error e) {
      // Without this thread no lease would ever end: fail closed.
      stopping = true;
      surroundings.events().report(Severity.ALARM, "admission-failed", Map.of("reason", e));
      surroundings.sessions().close();
      throw e;
    }
  }

  void stop() {
    stopping = true;
    LockSupport.unpark(thread);
  }

  /// Has the thread look at once whether there is work.
  void wake() {
    LockSupport.unpark(thread);
  }

  /// Hears what live associations have sent before the end: the next version was not sent it.
  private void drain() {
    while (hasOwned && takeArrivals(System.nanoTime(), System.nanoTime() + SWEEP_NANOS) > 0) {
      Thread.onSpinWait();
    }
  }

  private int doWork() {
    long now = System.nanoTime();
    boolean owns = ownership.isMine();
    hasOwned |= owns;
    if (!hasOwned) {
      return 0;
    }
    if (owns && now - sweptNanos >= SWEEP_NANOS) {
      sweptNanos = now;
      sweep(now);
    }
    return takeArrivals(now, System.nanoTime() + SWEEP_NANOS);
  }

  /// A sweep that fails each time stops the heartbeat, and with it all that the gate lets pass.
  private void sweep(long now) {
    try {
      surroundings.sessions().sweep(now);
    } catch (RuntimeException e) {
      if (!e.toString().equals(reported)) {
        reported = e.toString();
        surroundings.events().report(Severity.ALARM, "sweep-failed", Map.of("reason", reported));
      }
    }
  }

  /// @param until when to stop at the latest: each may have to wait for the lock, and a sweep will
  ///   be due
  private int takeArrivals(long now, long until) {
    int taken = 0;
    Arrival arrival;
    while (taken < BATCH
        && (taken == 0 || System.nanoTime() - until < 0)
        && (arrival = arrivals.poll()) != null) {
      waiting.decrementAndGet();
      arrival.source.unqueue();
      take(arrival.source, arrival.datagram, now);
      taken++;
    }
    return taken;
  }

  private void take(Source source, Datagram datagram, long now) {
    Conversation known = surroundings.associations().find(datagram.peer());
    if (known != null && !known.isAnotherHello(datagram.payload())) {
      // Its association has begun since the datagram was queued.
      known.offer(datagram.payload());
      return;
    }
    if (known == null && talk.isFor(source, datagram)) {
      talk.receive(source, datagram, now);
      return;
    }
    if (!ownership.isMine() || stopping) {
      // The version that owns gets it when the terminal repeats itself, once its flow has gone
      // over.
      return;
    }
    AdmissionSettings.Limits limits = surroundings.sessions().policy().settings().limits();
    cookies.rotate(now, limits.cookieRotationNanos());
    AnswerPath answers = new AnswerPath(datagram, sender);
    DTLSRequest request = verify(source, datagram, answers);
    if (request == null) {
      return;
    }
    Cause full = whatIsFull(source, datagram, limits, now);
    if (full != null) {
      surroundings.events().limitHit(full, source.terminal().id(), datagram.peer(), Map.of());
      return;
    }
    begin(
        source,
        new Conversation(source, datagram, request, answers, surroundings, this::offer),
        datagram);
  }

  private @Nullable DTLSRequest verify(Source source, Datagram datagram, AnswerPath answers) {
    try {
      return cookies.verify(datagram, answers);
    } catch (RuntimeException e) {
      // A hostile datagram that the library did not foresee must not cost this thread its life.
      Map<String, String> detail = Map.of("detail", e.toString());
      surroundings
          .events()
          .refused(Cause.PROTOCOL, source.terminal().id(), datagram.peer(), detail);
      return null;
    }
  }

  private void begin(Source source, Conversation conversation, Datagram datagram) {
    underWay.addLast(conversation);
    source.allowance(datagram.peer()).began(conversation);
    surroundings.associations().add(conversation);
    Thread.ofVirtual().name("terminal-auth " + source.terminal().id()).start(conversation);
  }

  private @Nullable Cause whatIsFull(
      Source source, Datagram datagram, AdmissionSettings.Limits limits, long now) {
    Allowance allowance = source.allowance(datagram.peer());
    if (!allowance.permits(limits.perMinute(), now)) {
      return Cause.RATE;
    }
    allowance.makeRoom(limits.perSource());
    return makeRoom(limits.handshakes(), now) ? null : Cause.BUSY;
  }

  /// Makes room for one more handshake: if there are too many, the one that has been silent longest
  /// gives way. An honest terminal is never silent for long when it is its turn.
  private boolean makeRoom(int most, long now) {
    if (underWay.size() < most) {
      return true;
    }
    underWay.removeIf(conversation -> !conversation.isHalfOpen());
    if (underWay.size() < most) {
      return true;
    }
    Conversation quietest =
        underWay.stream()
            .max(Comparator.comparingLong(conversation -> conversation.silentNanos(now)))
            .orElseThrow();
    if (quietest.silentNanos(now) < SILENT_NANOS) {
      return false;
    }
    underWay.remove(quietest);
    quietest.abandon(Cause.BUSY);
    return true;
  }
}
