package dev.sluice.runtime.bench;

import dev.sluice.runtime.demo.Association;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Shows for many sessions that their terminals live: one thread, which goes through all of them in
/// [#ROUND_MILLIS], a little at a time, so that it never disturbs a measurement for long.
final class KeepAlive implements AutoCloseable {
  /// Half of the 30 s that the settings of [SessionFiles] ask for.
  private static final long ROUND_MILLIS = 15_000;

  private static final long END_MILLIS = 10_000;

  private final List<Association> associations;
  private final long pauseMillis;
  private final CountDownLatch ending = new CountDownLatch(1);
  private final Thread thread =
      Thread.ofPlatform().name("keep-alive").daemon().unstarted(this::run);
  private volatile int live;

  private KeepAlive(List<Association> associations) {
    this.associations = new ArrayList<>(associations);
    this.pauseMillis = Math.max(1, ROUND_MILLIS / Math.max(1, associations.size()));
    this.live = associations.size();
  }

  /// Begins at once.
  static KeepAlive of(List<Association> associations) {
    KeepAlive begun = new KeepAlive(associations);
    begun.thread.start();
    return begun;
  }

  int live() {
    return live;
  }

  private void run() {
    try {
      while (!ending.await(pauseMillis, TimeUnit.MILLISECONDS)) {
        goRound();
      }
    } catch (InterruptedException e) {
      // Nobody interrupts it but a JVM that ends.
      Thread.currentThread().interrupt();
    }
    associations.forEach(Association::close);
  }

  private void goRound() throws InterruptedException {
    for (Iterator<Association> all = associations.iterator(); all.hasNext(); ) {
      if (ending.await(pauseMillis, TimeUnit.MILLISECONDS)) {
        return;
      }
      Association association = all.next();
      try {
        association.say("");
        association.take(1);
      } catch (IOException e) {
        // The gateway has ended it.
        association.close();
        all.remove();
        live = associations.size();
      }
    }
  }

  /// Ends the sessions; returns when they are over, or after ten seconds.
  @Override
  public void close() {
    ending.countDown();
    try {
      thread.join(END_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
