package dev.sluice.runtime.events;

import dev.sluice.plugin.EventLog;
import dev.sluice.runtime.supervisor.FatalErrors;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The event log: any thread reports, one thread writes JSON lines to a file and the same, shorter,
/// to a terminal.
///
/// The queue between them holds [#CAPACITY] lines; a line that finds it full is lost, and the next
/// that is written is preceded by an `events-lost` line with their number. A disk that fails costs
/// lines, which are counted too, but never the gateway: the file is tried again with each line, and
/// the terminal is told once a minute.
public final class EventWriter implements EventLog, AutoCloseable {
  /// Lines that can wait for the writer.
  public static final int CAPACITY = 8192;

  private static final long FLUSH_NANOS = 100_000_000L;
  private static final long ROTATION_NANOS = 1_000_000_000L;
  private static final long COMPLAINT_NANOS = 60_000_000_000L;

  private final EventFile file;
  private final Path path;
  private final PrintStream terminal;
  private final BlockingQueue<EventLine> queue;
  private final AtomicLong lost = new AtomicLong();
  private final EventTail tail = new EventTail();
  private final Thread thread;
  private volatile boolean closing;

  /// For the writer's thread alone, as all that follow.
  private long flushedAt = System.nanoTime();

  private long rotationLookedAt = System.nanoTime();
  private long complainedAt = System.nanoTime() - COMPLAINT_NANOS;

  private EventWriter(Path path, PrintStream terminal, int capacity) {
    this.path = path;
    this.file = new EventFile(path);
    this.terminal = terminal;
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.thread =
        Thread.ofPlatform()
            .name("events")
            .uncaughtExceptionHandler(FatalErrors.handler())
            .daemon()
            .unstarted(this::run);
  }

  /// Starts a log.
  ///
  /// @param path the file of JSON lines, made when the first is written
  /// @param terminal where the short form goes
  public static EventWriter start(Path path, PrintStream terminal) {
    EventWriter writer = new EventWriter(path, terminal, CAPACITY);
    writer.thread.start();
    return writer;
  }

  /// A log whose writer does not run until [#begin], so that a test can fill the queue.
  static EventWriter paused(Path path, PrintStream terminal, int capacity) {
    return new EventWriter(path, terminal, capacity);
  }

  void begin() {
    thread.start();
  }

  @Override
  public void report(Severity severity, String event, Map<String, ?> fields) {
    if (!queue.offer(EventLine.of(Instant.now(), severity, event, fields))) {
      lost.incrementAndGet();
    }
  }

  /// Events that are lost and not yet told in the log.
  public long lost() {
    return lost.get();
  }

  /// The file that the lines go to.
  public Path path() {
    return path;
  }

  /// The newest events, and a way to hear the next.
  public EventTail tail() {
    return tail;
  }

  private void run() {
    try {
      while (!closing || !queue.isEmpty()) {
        EventLine line = queue.poll(FLUSH_NANOS, TimeUnit.NANOSECONDS);
        if (line != null) {
          write(line);
        }
        upkeep();
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread but to end it; what is queued is lost with the process.
      Thread.currentThread().interrupt();
    }
    try {
      file.close();
    } catch (IOException e) {
      complain(e);
    }
  }

  private void write(EventLine line) {
    terminal.println(line.human());
    long missing = lost.getAndSet(0);
    String before = "";
    if (missing > 0) {
      EventLine told = lostLine(missing);
      tail.add(told);
      before = told.json() + "\n";
    }
    tail.add(line);
    try {
      file.append(before + line.json(), missing + 1);
    } catch (IOException e) {
      complain(e);
    }
  }

  private static EventLine lostLine(long missing) {
    return EventLine.of(Instant.now(), Severity.ALARM, "events-lost", Map.of("count", missing));
  }

  private void upkeep() {
    long now = System.nanoTime();
    try {
      if (queue.isEmpty() || now - flushedAt >= FLUSH_NANOS) {
        file.flush();
        flushedAt = now;
      }
      if (now - rotationLookedAt >= ROTATION_NANOS) {
        rotationLookedAt = now;
        file.followRotation();
      }
    } catch (IOException e) {
      complain(e);
    }
  }

  private void complain(IOException cause) {
    lost.addAndGet(file.abandon());
    long now = System.nanoTime();
    if (now - complainedAt >= COMPLAINT_NANOS) {
      complainedAt = now;
      terminal.println("sluice: the event log " + path + " cannot be written: " + cause);
    }
  }

  /// Writes what is queued, waiting at most two seconds for it. Events reported later are lost.
  @Override
  public void close() {
    closing = true;
    try {
      thread.join(2000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
