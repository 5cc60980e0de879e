package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Privileged
class FrameGeneratorTest {
  private final TrafficLab lab = new TrafficLab();

  @AfterEach
  void close() {
    lab.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 61, 124, 764, 1514})
  void allFramesArriveInOrderAndOnce(int length) throws Exception {
    FramePattern pattern = Patterns.of(length, 1000);
    try (XdpForwarder forwarder = lab.redirect("gw0", "gw1");
        FrameSink sink = lab.sink("snk0", pattern, 0);
        FrameGenerator generator = lab.generator(pattern)) {
      for (int i = 0; i < 1000; i++) {
        generator.send(100);
      }
      assertEquals(100_000, generator.sent());
      TrafficLab.await(100_000, () -> sink.counts().received());
      assertEquals(0, sink.counts().duplicated());
      assertEquals(0, sink.counts().reordered());
      assertEquals(0, sink.counts().others());
      assertEquals(100_000, sink.counts().marks().get(0));
      assertTrue(lab.attached().contains("sluice_redirect"), "not where the test looks");
      forwarder.close();
    }
    assertFalse(lab.attached().contains("sluice_"), lab.attached());
  }
}
