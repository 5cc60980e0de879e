package dev.sluice.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// `pcap:IN[,OUT]`: a port that receives the frames of one capture file and writes what it sends to
/// another. Without IN it receives nothing; without OUT what it sends is counted and thrown away.
///
/// Files are classic pcap, not pcapng, of link type Ethernet. A file that turns out to be broken
/// ends at that place, and what is broken counts as `tooLong`; so do frames that the file holds
/// only in part.
public final class PcapDevice implements FrameDevice {
  /// How fast a file is replayed.
  public enum Pace {
    /// As fast as the pipeline takes the frames.
    FULL_SPEED,
    /// Each frame as long after the first one as it was recorded.
    RECORDED
  }

  private static final int MTU = 1500;

  private final String name;
  private final @Nullable PcapReader in;
  private final @Nullable PcapWriter out;
  private final Pace pace;
  private final FramePool pool;
  private final ChunkStack done;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean started;
  private volatile boolean ended;

  /// When the first frame was received, on the monotonic clock, and when it was recorded.
  private long firstAt;

  private long firstRecorded;
  private boolean first = true;

  private final Tally received = new Tally();

  private final Tally tooLong = new Tally();

  private final Tally sent = new Tally();

  private final Tally sendFailed = new Tally();

  private PcapDevice(
      String files, @Nullable PcapReader in, @Nullable PcapWriter out, Pace pace, FramePool pool) {
    this.name = "pcap:" + files;
    this.in = in;
    this.out = out;
    this.pace = pace;
    this.pool = pool;
    this.done = new ChunkStack(pool.chunks());
    this.ended = in == null;
  }

  /// Opens the files.
  ///
  /// @param files `IN`, `IN,OUT` or `,OUT`
  /// @throws KernelException if one cannot be opened, or IN is no capture file of Ethernet
  public static PcapDevice open(String files, Pace pace, FramePool pool) throws KernelException {
    int comma = files.indexOf(',');
    String inFile = comma < 0 ? files : files.substring(0, comma);
    String outFile = comma < 0 ? "" : files.substring(comma + 1);
    if (inFile.isEmpty() && outFile.isEmpty()) {
      throw new KernelException("A pcap device needs a file: pcap:IN, pcap:IN,OUT or pcap:,OUT.");
    }
    if (sameFile(inFile, outFile)) {
      throw new KernelException("The capture file " + outFile + " is the one to read from.");
    }
    PcapReader in = inFile.isEmpty() ? null : new PcapReader(Path.of(inFile));
    try {
      PcapWriter out = outFile.isEmpty() ? null : new PcapWriter(Path.of(outFile));
      return new PcapDevice(files, in, out, pace, pool);
    } catch (KernelException e) {
      if (in != null) {
        in.close();
      }
      throw e;
    }
  }

  private static boolean sameFile(String inFile, String outFile) {
    try {
      return !inFile.isEmpty()
          && !outFile.isEmpty()
          && Files.isSameFile(Path.of(inFile), Path.of(outFile));
    } catch (IOException _) {
      return false; // one of them does not exist: opening it says so, or makes it
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void start() {
    started = true;
  }

  @Override
  public void stop() {
    started = false;
  }

  @Override
  public int receive(FrameBatch batch, ChunkStack free) {
    PcapReader reader = in;
    if (reader == null || !started) {
      return 0;
    }
    int before = batch.count();
    while (batch.room() > 0 && free.size() > 0 && reader.ready() && due(reader)) {
      take(reader, batch, free);
    }
    int added = batch.count() - before;
    received.add(added);
    // Not with the last frames: whoever sees the end must find them counted by the caller.
    if (added == 0 && reader.ended() && !ended) {
      tooLong.add(reader.broken() ? 1 : 0);
      ended = true;
    }
    return added;
  }

  private void take(PcapReader reader, FrameBatch batch, ChunkStack free) {
    int length = reader.capturedBytes();
    if (reader.whole() && 0 < length && length <= FramePool.FRAME_BYTES) {
      int chunk = free.pop();
      reader.copy(pool.frame(chunk));
      batch.add(chunk, length, 0, reader.timeNanos());
    } else {
      tooLong.add(1);
    }
    reader.advance();
  }

  private boolean due(PcapReader reader) {
    if (pace == Pace.FULL_SPEED) {
      return true;
    }
    if (first) {
      first = false;
      firstAt = System.nanoTime();
      firstRecorded = reader.timeNanos();
    }
    return System.nanoTime() - firstAt >= reader.timeNanos() - firstRecorded;
  }

  @Override
  public int send(FrameBatch batch, int from) {
    if (link() == LinkState.GONE) {
      return 0;
    }
    int written = 0;
    for (int at = from; at < batch.count(); at++) {
      int chunk = batch.chunk(at);
      if (out == null || out.write(pool.frame(chunk), batch.length(at))) {
        written++;
      }
      done.push(chunk);
    }
    int accepted = batch.count() - from;
    sent.add(written);
    sendFailed.add(accepted - written);
    return accepted;
  }

  @Override
  public void flush() {
    if (out != null) {
      out.flush();
    }
  }

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

  /// True at the end of IN, and from the start where there is none.
  @Override
  public boolean ended() {
    return ended;
  }

  @Override
  public boolean canWait() {
    return true;
  }

  /// `GONE` once OUT cannot be written any more.
  @Override
  public LinkState link() {
    return out != null && out.failed() ? LinkState.GONE : LinkState.UP;
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
    return new DeviceCounters(
        received.value(), 0, tooLong.value(), sent.value(), sendFailed.value());
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      if (in != null) {
        in.close();
      }
      if (out != null) {
        out.close();
      }
    }
  }
}
