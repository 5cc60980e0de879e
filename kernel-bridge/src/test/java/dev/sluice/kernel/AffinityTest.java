package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AffinityTest {
  @Test
  void pinnedThreadMayRunOnThatCpuAlone() throws Exception {
    int[] before = Affinity.allowedCpus();
    assertTrue(before.length > 0);
    int last = before[before.length - 1];
    CompletableFuture<int[]> pinned = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            Affinity.pin(last);
            pinned.complete(Affinity.allowedCpus());
          } catch (KernelException e) {
            pinned.completeExceptionally(e);
          }
        });
    assertArrayEquals(new int[] {last}, pinned.get());
    assertArrayEquals(before, Affinity.allowedCpus());
  }

  @Test
  void onlyThreadsThatMayRunOnTheGivenCpusAreMoved() throws Exception {
    int[] all = Affinity.allowedCpus();
    int[] last = {all[all.length - 1]};
    CompletableFuture<int[]> moved = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            Affinity.pin(last[0]);
            // No thread may run there alone.
            Affinity.moveThreads(new int[] {8191}, all);
            assertArrayEquals(last, Affinity.allowedCpus());
            assertTrue(Affinity.moveThreads(last, all) >= 1);
            moved.complete(Affinity.allowedCpus());
          } catch (KernelException | AssertionError e) {
            moved.completeExceptionally(e);
          }
        });
    assertArrayEquals(all, moved.get());
    assertArrayEquals(all, Affinity.allowedCpus());
  }

  @Test
  void theCallerAloneIsLetRunOnSomeCpus() throws Exception {
    int[] all = Affinity.allowedCpus();
    int[] last = {all[all.length - 1]};
    CompletableFuture<int[]> back = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            Affinity.runOn(last);
            assertArrayEquals(last, Affinity.allowedCpus());
            assertThrows(KernelException.class, () -> Affinity.runOn(new int[0]));
            Affinity.runOn(all);
            back.complete(Affinity.allowedCpus());
          } catch (KernelException | AssertionError e) {
            back.completeExceptionally(e);
          }
        });
    assertArrayEquals(all, back.get());
    assertArrayEquals(all, Affinity.allowedCpus());
  }

  @Test
  void unknownCpuIsRefused() {
    for (int cpu : new int[] {Integer.MIN_VALUE, -1, 8191, 8192, Integer.MAX_VALUE}) {
      KernelException e = assertThrows(KernelException.class, () -> Affinity.pin(cpu));
      assertEquals(Errno.EINVAL, e.errno());
    }
  }
}
