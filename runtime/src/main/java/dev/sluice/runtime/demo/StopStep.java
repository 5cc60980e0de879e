package dev.sluice.runtime.demo;

import java.time.Duration;
import java.util.Optional;

/// Everything ends in order, and the gateway accounts for every frame.
final class StopStep implements Step {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @Override
  public String title() {
    return "Everything stops";
  }

  @Override
  public void run(Scene scene) throws StepException, InterruptedException {
    StationReport report = scene.report();
    scene.figures().put("iec104Frames", report.frames());
    if (report.frames() <= 0) {
      throw new StepException("no IEC 104 frame was counted");
    }
    scene.tellTerminals("rate 0");
    scene.tellTerminals("leave");
    scene.master().tell("quit");
    scene.tellTerminals("quit");
    long before = scene.elapsedMillis();
    Optional<Integer> status = scene.gateway().terminate(LIMIT);
    if (status.isEmpty()) {
      throw new StepException("the gateway did not stop within " + LIMIT.toMillis() + " ms");
    }
    GatewayCounters counters = scene.counters();
    scene.say(
        "The gateway stopped within %d ms. It had received %d frames and accounts for each:"
            .formatted(scene.elapsedMillis() - before, counters.received()));
    scene.say(
        "%d forwarded, %d answered, %d dropped by name, %d held."
            .formatted(
                counters.forwarded(), counters.answered(), counters.allDropped(), counters.held()));
    if (!counters.isConserved() || counters.held() != 0) {
      throw new StepException("the gateway's counters do not add up: " + counters);
    }
  }
}
