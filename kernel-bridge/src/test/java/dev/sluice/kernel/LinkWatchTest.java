package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LinkWatchTest {
  @Test
  void nobodyAsksTheSocketOfAWatchThatIsClosed() throws Exception {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    for (int i = 0; i < 500; i++) {
      ControlSocket control = new ControlSocket("lo");
      LinkWatch watch = new LinkWatch(control);
      CountDownLatch asking = new CountDownLatch(1);
      Thread asks =
          Thread.ofPlatform()
              .uncaughtExceptionHandler((_, e) -> failure.set(e))
              .start(() -> {
                asking.countDown();
                while (watch.refresh() != LinkState.GONE) {
                  Thread.onSpinWait();
                }
              });
      asking.await();
      watch.close();
      control.close();
      asks.join();
      assertEquals(LinkState.GONE, watch.state());
    }
    assertNull(failure.get());
  }
}
