package dev.sluice.runtime.demo;

import dev.sluice.runtime.lab.LabTerminal;
import java.time.Duration;

/// Every terminal authenticates, and the master station's connections come up.
final class AuthenticateStep implements Step {
  private static final Duration HANDSHAKE = Duration.ofSeconds(15);
  private static final Duration CONNECTION = Duration.ofSeconds(10);

  @Override
  public String title() {
    return "The terminals authenticate by DTLS 1.2 with their certificates";
  }

  @Override
  public void run(Scene scene) throws StepException, InterruptedException {
    long before = scene.elapsedMillis();
    for (LabTerminal terminal : scene.lab().terminals()) {
      scene
          .terminal(terminal)
          .tell("authenticate " + terminal.certificate() + " " + terminal.key());
    }
    int accepted = 0;
    for (LabTerminal terminal : scene.lab().terminals()) {
      accept(scene, terminal);
      accepted++;
    }
    scene.figures().put("authenticated", accepted);
    scene.say(
        "%d of %d accepted, the last after %d ms. The master station dials again:"
            .formatted(accepted, scene.lab().terminalCount(), scene.elapsedMillis() - before));
    for (LabTerminal terminal : scene.lab().terminals()) {
      scene
          .master()
          .await(
              0,
              line -> line.is("started", "terminal", Scene.endpoint(terminal)),
              "data transfer with " + terminal.name(),
              CONNECTION);
    }
    scene.say(
        "every connection is up, %d ms after the first handshake began."
            .formatted(scene.elapsedMillis() - before));
  }

  private static void accept(Scene scene, LabTerminal terminal)
      throws StepException, InterruptedException {
    Line outcome =
        scene
            .terminal(terminal)
            .await(
                0,
                line -> line.text("event").startsWith("agent-"),
                "its authentication",
                HANDSHAKE);
    if (!outcome.is("agent-accepted")) {
      throw new StepException(
          terminal.name() + " was not accepted: " + outcome.text("alert") + outcome.text("cause"));
    }
  }
}
