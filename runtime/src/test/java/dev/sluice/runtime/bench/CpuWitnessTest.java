package dev.sluice.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.kernel.Affinity;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.RealTime;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class CpuWitnessTest {
  private static final long TAKEN_MILLIS = 100;

  private static boolean mayGoFirst() {
    try {
      RealTime.firstInFirstOut(1);
      RealTime.end();
      return true;
    } catch (KernelException e) {
      return false;
    }
  }

  /// Takes a CPU from whoever is there.
  private static void take(int cpu) {
    try {
      Affinity.pin(cpu);
      RealTime.firstInFirstOut(99);
      long begun = System.nanoTime();
      while (System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(TAKEN_MILLIS)) {
        Thread.onSpinWait();
      }
    } catch (KernelException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void processorThatIsTakenAwayIsTold() throws Exception {
    assumeTrue(mayGoFirst(), "needs CAP_SYS_NICE");
    int[] cpus = Affinity.allowedCpus();
    int cpu = cpus[cpus.length - 1];
    try (CpuWitness witness = CpuWitness.of(cpu)) {
      while (witness.probeMicros() == 0) {
        Thread.sleep(10);
      }
      long before = witness.withheldMillis();
      Thread taking = Thread.ofPlatform().start(() -> take(cpu));
      taking.join();
      for (int i = 0; i < 200 && witness.withheldMillis() - before < TAKEN_MILLIS / 2; i++) {
        Thread.sleep(10); // it is told a tenth of a second later
      }
      assertTrue(witness.withheldMillis() - before >= TAKEN_MILLIS / 2);
    }
  }

  @Test
  void oneThatLooksAtNothingTellsNothing() {
    try (CpuWitness witness = CpuWitness.none()) {
      assertEquals(0, witness.withheldMillis());
      assertEquals(0, witness.probeMicros());
    }
  }
}
