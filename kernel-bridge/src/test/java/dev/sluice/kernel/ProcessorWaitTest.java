package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProcessorWaitTest {
  private static final long SHARED_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

  @Test
  void threadThatSharesItsProcessorWaitsForIt() throws Exception {
    int cpu = Affinity.allowedCpus()[0];
    long[] waited = new long[2];
    Thread[] threads = new Thread[2];
    for (int i = 0; i < threads.length; i++) {
      int which = i;
      threads[i] = Thread.ofPlatform().daemon().start(() -> waited[which] = busyOn(cpu));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertTrue(waited[0] + waited[1] > SHARED_NANOS / 10, waited[0] + " and " + waited[1]);
  }

  private static long busyOn(int cpu) {
    try {
      Affinity.pin(cpu);
    } catch (KernelException e) {
      throw new AssertionError(e);
    }
    ProcessorWait wait = new ProcessorWait();
    long before = wait.nanos();
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < SHARED_NANOS) {
      Thread.onSpinWait();
    }
    return wait.nanos() - before;
  }

  @Test
  void threadThatSleepsDoesNotWait() throws Exception {
    ProcessorWait wait = new ProcessorWait();
    long before = wait.nanos();
    Thread.sleep(TimeUnit.NANOSECONDS.toMillis(SHARED_NANOS));
    assertTrue(wait.nanos() - before < SHARED_NANOS / 2);
  }

  @Test
  void whatTheKernelDoesNotTellIsNegative() {
    assertEquals(-1, new ProcessorWait("/proc/thread-self/no-such-file").nanos());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"'12 345 6'|345", "'12 345'|345", "'12'|0", "''|-1", "'12 x'|0", "' 7 8'|7"})
  void secondNumberCounts(String text, long nanos, @TempDir Path folder) throws Exception {
    Path file = folder.resolve("schedstat");
    Files.writeString(file, text);
    assertEquals(nanos, new ProcessorWait(file.toString()).nanos());
  }

  @Test
  void longestNumberIsRead(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("schedstat");
    Files.writeString(file, Long.MAX_VALUE + " " + Long.MAX_VALUE + " " + Long.MAX_VALUE + "\n");
    assertEquals(Long.MAX_VALUE, new ProcessorWait(file.toString()).nanos());
  }
}
