package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.ChunkStack;
import dev.sluice.kernel.DeviceCounters;
import dev.sluice.kernel.FrameBatch;
import dev.sluice.kernel.FrameDevice;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.LinkState;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;

/// A device without a kernel: it receives the frames of a template over and over, each with a
/// running number in its payload, and keeps chunks it was given to send for one turn, as a real one
/// does.
final class TestDevice implements FrameDevice {
  /// Where the running number stands: behind Ethernet, IPv4 and UDP headers.
  static final int NUMBER_AT = 42;

  private final String name;
  private final FramePool pool;
  private final MemorySegment[] templates;
  private final ChunkStack inFlight;
  private final AtomicLong target = new AtomicLong();
  private volatile boolean started;
  private volatile boolean accepts = true;
  private volatile int keepsBack;
  private volatile Trouble trouble = Trouble.NONE;
  private volatile boolean closed;
  private volatile LinkState link = LinkState.UP;
  private volatile long received;
  private final AtomicLong sent = new AtomicLong();
  private volatile Sink sink = (_, _) -> {};

  /// What a faulty device throws at.
  enum Trouble {
    NONE,
    START,
    RECEIVE,
    STOP_AND_CLOSE
  }

  /// Sees each frame that is sent.
  interface Sink {
    void sent(MemorySegment frame, int length);
  }

  TestDevice(String name, FramePool pool, byte[]... templates) {
    this.name = "test:" + name;
    this.pool = pool;
    this.inFlight = new ChunkStack(pool.chunks());
    this.templates = new MemorySegment[templates.length];
    for (int i = 0; i < templates.length; i++) {
      this.templates[i] = MemorySegment.ofArray(templates[i]);
    }
  }

  /// Lets so many more frames arrive.
  void arrive(long frames) {
    target.addAndGet(frames);
  }

  void accepts(boolean yes) {
    accepts = yes;
  }

  /// Takes all but so many of the frames that wait, as a ring does that is always nearly full.
  void keepsBack(int frames) {
    keepsBack = frames;
  }

  void trouble(Trouble kind) {
    trouble = kind;
  }

  boolean isStarted() {
    return started;
  }

  boolean isClosed() {
    return closed;
  }

  void link(LinkState state) {
    link = state;
  }

  void sink(Sink seen) {
    sink = seen;
  }

  long sentCount() {
    return sent.get();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void start() throws KernelException {
    if (trouble == Trouble.START) {
      throw new KernelException("test");
    }
    started = true;
  }

  @Override
  public void stop() {
    started = false;
    if (trouble == Trouble.STOP_AND_CLOSE) {
      throw new IllegalStateException("test");
    }
  }

  @Override
  public int receive(FrameBatch batch, ChunkStack free) {
    if (trouble == Trouble.RECEIVE) {
      throw new IllegalStateException("test");
    }
    int count = 0;
    long number = received;
    long wanted = target.get();
    while (started && number < wanted && batch.room() > 0 && free.size() > 0) {
      MemorySegment template = templates[(int) (number % templates.length)];
      int chunk = free.pop();
      MemorySegment frame = pool.frame(chunk);
      int length = (int) template.byteSize();
      MemorySegment.copy(template, 0, frame, 0, length);
      if (length >= NUMBER_AT + Long.BYTES) {
        frame.set(ValueLayout.JAVA_LONG_UNALIGNED, NUMBER_AT, number);
      }
      batch.add(chunk, length, 0, number);
      number++;
      count++;
    }
    received = number;
    return count;
  }

  @Override
  public int send(FrameBatch batch, int from) {
    if (!accepts || link != LinkState.UP) {
      return 0;
    }
    int end = Math.max(from, batch.count() - keepsBack);
    for (int i = from; i < end; i++) {
      sink.sent(pool.frame(batch.chunk(i)), batch.length(i));
      inFlight.push(batch.chunk(i));
    }
    sent.getAndAdd(end - from);
    return end - from;
  }

  @Override
  public void flush() {}

  @Override
  public int completed(ChunkStack into) {
    int count = inFlight.size();
    while (inFlight.size() > 0) {
      into.push(inFlight.pop());
    }
    return count;
  }

  @Override
  public int receiveFd() {
    return -1;
  }

  @Override
  public boolean ended() {
    return false;
  }

  @Override
  public LinkState link() {
    return link;
  }

  @Override
  public long hardwareAddress() {
    return 0;
  }

  @Override
  public int mtu() {
    return 1500;
  }

  @Override
  public DeviceCounters counters() {
    return new DeviceCounters(received, 0, 0, sent.get(), 0);
  }

  @Override
  public void close() {
    closed = true;
    if (trouble == Trouble.STOP_AND_CLOSE) {
      throw new IllegalStateException("test");
    }
  }
}
