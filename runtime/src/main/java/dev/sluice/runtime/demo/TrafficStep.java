package dev.sluice.runtime.demo;

import dev.sluice.runtime.lab.LabTerminal;
import java.time.Duration;

/// IEC 104 flows both ways, and both ends count the same.
final class TrafficStep implements Step {
  private static final int RATE = 50;
  private static final int SPONTANEOUS = 50;
  private static final int OBJECTS = 32;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Override
  public String title() {
    return "IEC 60870-5-104 flows: start, interrogation, spontaneous values, a command";
  }

  @Override
  public void run(Scene scene) throws StepException, InterruptedException {
    for (LabTerminal terminal : scene.lab().terminals()) {
      interrogated(scene, terminal);
    }
    scene.tellTerminals("rate " + RATE);
    scene.await(
        () -> SPONTANEOUS <= scene.report().least("spontaneous"),
        SPONTANEOUS + " spontaneous values from every terminal",
        PATIENCE);
    LabTerminal first = scene.lab().terminals().getFirst();
    Commands.executed(scene, first, true);
    scene.tellTerminals("rate 0");
    scene.await(() -> countsAgree(scene), "that both ends count the same frames", PATIENCE);
    StationReport report = scene.report();
    scene.say(
        "%d spontaneous values, %d missing; a single command switched an output of %s."
            .formatted(report.sum("spontaneous"), report.sum("missing"), first.name()));
    scene.say(
        "The master station sent %d and received %d frames; the terminals count the same."
            .formatted(
                report.sum("frames-sent") + report.commands().number("command-frames-sent"),
                report.sum("frames-received")
                    + report.commands().number("command-frames-received")));
    if (report.sum("missing") != 0 || report.sum("broken") != 0) {
      throw new StepException("values are missing or frames are broken: " + report);
    }
  }

  private static void interrogated(Scene scene, LabTerminal terminal)
      throws StepException, InterruptedException {
    Line line =
        scene
            .master()
            .await(
                0,
                seen -> seen.is("interrogated", "terminal", Scene.endpoint(terminal)),
                "the interrogation of " + terminal.name(),
                PATIENCE);
    if (line.number("objects") != OBJECTS) {
      throw new StepException(
          "%s has %d points, must have %d"
              .formatted(terminal.name(), line.number("objects"), OBJECTS));
    }
  }

  /// A command connection is closed as soon as the answer is there, so spontaneous values may die
  /// with it: what was received can be less than what was sent, only there.
  private static boolean countsAgree(Scene scene) throws StepException, InterruptedException {
    LabTerminal commanded = scene.lab().terminals().getFirst();
    StationReport report = scene.report();
    for (LabTerminal terminal : scene.lab().terminals()) {
      Line near = report.station(Scene.endpoint(terminal));
      Line far = scene.report(terminal);
      boolean agrees =
          terminal.equals(commanded)
              || (near.number("information-received") == far.number("information-sent")
                  && near.number("information-sent") == far.number("information-received"));
      if (!agrees) {
        return false;
      }
    }
    return true;
  }
}
