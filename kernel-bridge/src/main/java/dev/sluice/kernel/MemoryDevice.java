package dev.sluice.kernel;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/// `memory:NAME`: a port whose wire ends in this process, for tests and for embedding. It needs no
/// privileges. Both ends find each other by the name, whichever comes first.
public final class MemoryDevice implements FrameDevice {
  private static final ConcurrentHashMap<String, MemoryWire> WIRES = new ConcurrentHashMap<>();
  private static final ConcurrentHashMap<String, MemoryDevice> OPEN = new ConcurrentHashMap<>();

  private static final int MTU = 1500;

  private final MemoryWire wire;
  private final FramePool pool;
  private final ChunkStack done;
  private final WallClock clock = new WallClock();
  private final AtomicBoolean closed = new AtomicBoolean();

  private final Tally received = new Tally();

  private final Tally sent = new Tally();

  private MemoryDevice(MemoryWire wire, FramePool pool) {
    this.wire = wire;
    this.pool = pool;
    this.done = new ChunkStack(pool.chunks());
  }

  /// Opens the device.
  ///
  /// @param name what the far end asks [#wire] for; not empty
  /// @throws KernelException if it is open already
  public static MemoryDevice open(String name, FramePool pool) throws KernelException {
    if (name.isEmpty()) {
      throw new KernelException("A memory device needs a name: memory:NAME.");
    }
    MemoryDevice device = new MemoryDevice(wire(name), pool);
    if (OPEN.putIfAbsent(name, device) != null) {
      throw new KernelException("memory:" + name + " is open already.", Errno.EBUSY);
    }
    return device;
  }

  /// The far end of a device that is open or will be. It ends with the device: the next device of
  /// that name has another.
  public static MemoryWire wire(String name) {
    return WIRES.computeIfAbsent(name, MemoryWire::new);
  }

  @Override
  public String name() {
    return "memory:" + wire.name();
  }

  @Override
  public void start() {
    wire.listen(true);
  }

  @Override
  public void stop() {
    wire.listen(false);
  }

  @Override
  public int receive(FrameBatch batch, ChunkStack free) {
    int count = 0;
    while (batch.room() > 0 && free.size() > 0) {
      int chunk = free.pop();
      int length = wire.toDevice().poll(pool.frame(chunk));
      if (length == 0) {
        free.push(chunk);
        break;
      }
      batch.add(chunk, length, 0, clock.nanos());
      count++;
    }
    received.add(count);
    return count;
  }

  @Override
  public int send(FrameBatch batch, int from) {
    int at = from;
    while (at < batch.count()
        && wire.link() == LinkState.UP
        && wire.fromDevice().offer(pool.frame(batch.chunk(at)), batch.length(at))) {
      done.push(batch.chunk(at));
      at++;
    }
    sent.add(at - from);
    return at - from;
  }

  @Override
  public void flush() {}

  @Override
  public int completed(ChunkStack into) {
    int count = done.size();
    for (int i = 0; i < count; i++) {
      into.push(done.pop());
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
    return wire.link();
  }

  @Override
  public long hardwareAddress() {
    return 0;
  }

  @Override
  public int mtu() {
    return MTU;
  }

  @Override
  public DeviceCounters counters() {
    return new DeviceCounters(received.value(), 0, 0, sent.value(), 0);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      wire.listen(false);
      wire.link(LinkState.GONE);
      WIRES.remove(wire.name(), wire);
      OPEN.remove(wire.name(), this);
    }
  }
}
