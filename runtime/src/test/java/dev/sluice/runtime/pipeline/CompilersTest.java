package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class CompilersTest {
  private static int sum;

  private static long compiledMillis() {
    return ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
  }

  /// Asks for a compilation, by code that is new each time.
  @SuppressWarnings("UnusedMethod") // called in another definition of this class
  private static void work() {
    IntUnaryOperator twice = x -> 2 * x + sum;
    for (int i = 0; i < 200_000; i++) {
      sum += twice.applyAsInt(i);
    }
  }

  @Test
  void theFirstLookTellsNothing() {
    assertFalse(new Compilers().areAtRest());
  }

  @Test
  void theyRestSoonerOrLaterWhereNothingIsNew() throws Exception {
    awaitRest();
  }

  private static void awaitRest() throws InterruptedException {
    Compilers compilers = new Compilers();
    do {
      Thread.sleep(100);
    } while (!compilers.areAtRest());
  }

  /// The kernel cuts a name off after 15 bytes, here behind the first of a character's three.
  @Test
  void aThreadWhoseNameIsCutOffInACharacterDoesNotHideThem() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    Thread thread =
        Thread.ofPlatform()
            .name("t-采集线程池")
            .daemon()
            .start(() -> {
              try {
                over.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    try {
      awaitRest();
    } finally {
      over.countDown();
      thread.join();
    }
  }

  @Test
  void theyDoNotRestWhereSomethingWasCompiledSinceTheLastLook() throws Exception {
    Compilers compilers = new Compilers();
    int compiled = 0;
    for (int round = 0; round < 20; round++) {
      compilers.areAtRest();
      long before = compiledMillis();
      new FreshLoader().runWork();
      Thread.sleep(20);
      if (compiledMillis() > before) {
        compiled++;
        assertFalse(compilers.areAtRest(), "round " + round);
      }
    }
    assertTrue(compiled > 0, "nothing was compiled");
  }

  /// Defines this class anew, so that its code is new.
  private static final class FreshLoader extends ClassLoader {
    void runWork() throws Exception {
      String name = CompilersTest.class.getName();
      byte[] bytes;
      try (var in = CompilersTest.class.getResourceAsStream("CompilersTest.class")) {
        bytes = in.readAllBytes();
      }
      Class<?> fresh = defineClass(name, bytes, 0, bytes.length);
      var method = fresh.getDeclaredMethod("work");
      method.setAccessible(true);
      method.invoke(null);
    }
  }
}
