package dev.sluice.runtime.demo;

import dev.sluice.runtime.lab.LabTerminal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Certificates with a fault are refused, each with its cause.
final class RefusalStep implements Step {
  private static final Duration LIMIT = Duration.ofSeconds(15);

  /// By the key of the lab's properties: the fault in words, and the alerts of RFC 5246 that name
  /// it.
  private static final Map<String, Fault> FAULTS = new LinkedHashMap<>();

  static {
    FAULTS.put("unknown_authority", new Fault("of an unknown authority", List.of("unknown_ca")));
    FAULTS.put("revoked", new Fault("that is revoked", List.of("certificate_revoked")));
    FAULTS.put("expired", new Fault("that has expired", List.of("certificate_expired")));
    FAULTS.put("wrong_usage", new Fault("made for gateways", List.of("unsupported_certificate")));
  }

  private record Fault(String words, List<String> alerts) {}

  @Override
  public String title() {
    return "Wrong certificates, from the address of a listed terminal";
  }

  @Override
  public void run(Scene scene) throws StepException, InterruptedException {
    LabTerminal first = scene.lab().terminals().getFirst();
    Map<String, String> lab = scene.lab().properties();
    for (Map.Entry<String, Fault> entry : FAULTS.entrySet()) {
      String certificate = lab.getOrDefault(entry.getKey() + ".cert", "");
      String key = lab.getOrDefault(entry.getKey() + ".key", "");
      Line outcome = attempt(scene.terminal(first), certificate, key);
      Fault fault = entry.getValue();
      if (!outcome.is("try-refused") || !fault.alerts().contains(outcome.text("alert"))) {
        throw new StepException(
            "a certificate %s ended with %s, must be refused with %s"
                .formatted(fault.words(), outcome, fault.alerts()));
      }
      scene.figures().add("refused", 1);
      scene.say("a certificate %s: refused, %s".formatted(fault.words(), outcome.text("alert")));
    }
    requireUndisturbed(scene, first);
  }

  private static Line attempt(Child terminal, String certificate, String key)
      throws StepException, InterruptedException {
    int mark = terminal.mark();
    terminal.tell("try " + certificate + " " + key);
    return terminal.await(
        mark, line -> line.text("event").startsWith("try-"), "the handshake's outcome", LIMIT);
  }

  private static void requireUndisturbed(Scene scene, LabTerminal terminal)
      throws StepException, InterruptedException {
    Line station = scene.report().station(Scene.endpoint(terminal));
    if (!station.text("started").equals("true") || station.number("connections") != 1) {
      throw new StepException("the attempts disturbed the session of " + terminal.name());
    }
    scene.say(terminal.name() + " itself, authenticated from the same address, was not disturbed.");
  }
}
