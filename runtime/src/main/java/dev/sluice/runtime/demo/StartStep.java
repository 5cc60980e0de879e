package dev.sluice.runtime.demo;

import dev.sluice.runtime.lab.LabTerminal;
import java.time.Duration;

/// Makes the lab and starts everything in it.
final class StartStep implements Step {
  private static final Duration READY = Duration.ofSeconds(30);

  @Override
  public String title() {
    return "A lab: terminals, a switch, the gateway and a master station, each in its namespace";
  }

  @Override
  public void run(Scene scene) throws StepException, InterruptedException {
    scene.labUp();
    long before = scene.elapsedMillis();
    scene.startGateway();
    scene.startMaster();
    for (LabTerminal terminal : scene.lab().terminals()) {
      scene.startTerminal(terminal);
    }
    String ready = scene.gateway().awaitText("sluice: ready", "the word that it is ready", READY);
    if (ready.contains("NOTHING PASSES")) {
      throw new StepException("the gateway has no chain: " + ready);
    }
    long gatewayMillis = scene.elapsedMillis() - before;
    scene.master().await(0, line -> line.is("ready"), "the word that it is ready", READY);
    for (LabTerminal terminal : scene.lab().terminals()) {
      scene
          .terminal(terminal)
          .await(0, line -> line.is("ready"), "the word that it is ready", READY);
    }
    int terminals = scene.lab().terminalCount();
    scene.figures().put("terminals", terminals);
    scene.say(
        "%d terminals, one master station, and the gateway between them: a bump in the wire, no"
            .formatted(terminals));
    scene.say(
        "addresses on its ports. All processes are up; the gateway took %d ms beside the others."
            .formatted(gatewayMillis));
    tellPorts(scene, ready);
  }

  /// What the gateway says of its ports between `ports` and the chain: how each was opened, and
  /// why.
  private static void tellPorts(Scene scene, String ready) throws StepException {
    int from = ready.indexOf(": ports ");
    int to = ready.indexOf("; chain ");
    if (from < 0 || to < from) {
      throw new StepException("the gateway does not say how it opened its ports: " + ready);
    }
    scene.say("Its ports:");
    scene.say("  " + ready.substring(from + ": ports ".length(), to).replace(" <-> ", "\n     "));
  }
}
