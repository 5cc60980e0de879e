package dev.sluice.runtime.demo;

import dev.sluice.runtime.lab.LabException;
import dev.sluice.runtime.lab.LabTerminal;
import dev.sluice.runtime.trust.JarSigning;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A rule bundle is deployed, replaced and removed while traffic flows, and no frame is lost by it.
///
/// TCP would hide a loss by sending again, so a loss is looked for in three places: in the
/// gateway's own counters, in what the kernels of both ends had to send again, and in the numbers
/// of the spontaneous values and of the IEC 104 frames.
final class SwapStep implements Step {
  private static final int RATE = 200;
  private static final int VALUES_BEFORE = 50;
  private static final int VALUES_AFTER = 120;
  private static final List<String> LATER_VERSIONS = List.of("1.0.1", "1.0.2", "1.1.0");
  private static final Duration ACTIVE = Duration.ofSeconds(60);
  private static final Duration FLOW = Duration.ofSeconds(10);

  /// One change of the folder.
  private interface Change {
    void make() throws StepException;
  }

  @Override
  public String title() {
    return "A rule bundle comes, changes and goes while "
        + RATE
        + " values a second flow from each";
  }

  @Override
  public void run(Scene scene) throws StepException, InterruptedException {
    RuleBundle guard =
        new RuleBundle(
            Path.of(System.getProperty("sluice.home", ""))
                .resolve("runtime/target/dist/plugins/iec104-guard.jar"),
            scene.lab().folder().resolve("state"),
            scene.lab().bundles(),
            signing(scene));
    LabTerminal first = scene.lab().terminals().getFirst();
    scene.figures().put("swapLost", 0);
    scene.tellTerminals("rate " + RATE);
    flow(scene, VALUES_BEFORE);

    swap(scene, "deployed 1.0.0", () -> guard.deploy("1.0.0"), guard, "1.0.0");
    GatewayCounters before = scene.counters();
    Commands.lost(scene, first, false);
    scene.say(
        "   a single command to %s: dropped, the terminal did nothing.".formatted(first.name()));
    for (String version : LATER_VERSIONS) {
      swap(scene, "replaced by " + version, () -> guard.deploy(version), guard, version);
    }
    scene.say("   dropped meanwhile, by reason: " + scene.counters().droppedSince(before));
    Commands.lost(scene, first, false);
    swap(scene, "removed", guard::remove, guard, "");
    Commands.executed(scene, first, false);
    scene.say("   the same command again: executed.");
    requireNoLoss(scene);
  }

  private static JarSigning signing(Scene scene) throws StepException {
    try {
      return scene.lab().signing();
    } catch (LabException e) {
      throw new StepException("the bundle cannot be signed: " + e.getMessage(), e);
    }
  }

  /// Makes one change and measures what it cost.
  ///
  /// @param version what must be in force afterwards; empty if the bundle must be gone
  private static void swap(
      Scene scene, String words, Change change, RuleBundle bundle, String version)
      throws StepException, InterruptedException {
    StationReport flowBefore = scene.report();
    GatewayCounters before = scene.counters();
    TcpCounters tcpBefore = scene.tcpCounters();
    long startedMillis = scene.elapsedMillis();
    change.make();
    scene.await(
        () -> scene.counters().hasHandler(bundle.symbolicName(), version) != version.isEmpty(),
        "that the bundle is " + words,
        ACTIVE);
    long activeMillis = scene.elapsedMillis() - startedMillis;
    flow(scene, VALUES_AFTER);
    TcpCounters tcp = scene.tcpCounters().minus(tcpBefore);
    GatewayCounters after = scene.counters();
    StationReport flowAfter = scene.report();
    long ownFault = after.droppedByOwnFault() - before.droppedByOwnFault();
    long missing = flowAfter.sum("missing") - flowBefore.sum("missing");
    long lost = ownFault + missing + tcp.unexplained();
    scene.figures().add("swaps", 1);
    scene.figures().add("swapLost", lost);
    scene.figures().add("retransmitted", tcp.retransmitted());
    scene.say(
        "%s, in force within %d ms; %d frames passed meanwhile, lost %d%s"
            .formatted(
                words,
                activeMillis,
                after.forwarded() - before.forwarded(),
                lost,
                lost == 0 ? "" : ": " + details(before, after, tcp)));
  }

  private static String details(GatewayCounters before, GatewayCounters after, TcpCounters tcp) {
    return "dropped by the gateway %s, by the kernel before it %d; TCP %s"
        .formatted(after.droppedSince(before), after.kernelDropped() - before.kernelDropped(), tcp);
  }

  /// Waits until every terminal that is connected has sent so many more values.
  static void flow(Scene scene, int values) throws StepException, InterruptedException {
    StationReport before = scene.report();
    scene.await(
        () -> {
          StationReport now = scene.report();
          for (Line station : before.stations()) {
            long more =
                now.station(station.text("terminal")).number("spontaneous")
                    - station.number("spontaneous");
            if (station.text("started").equals("true") && more < values) {
              return false;
            }
          }
          return true;
        },
        "that " + values + " more values came from every terminal",
        FLOW);
  }

  private static void requireNoLoss(Scene scene) throws StepException, InterruptedException {
    StationReport report = scene.report();
    if (report.sum("connections") != scene.lab().terminalCount() || report.sum("broken") != 0) {
      throw new StepException("a connection did not survive the changes: " + report);
    }
    if (scene.figures().number("swapLost") != 0) {
      throw new StepException(
          "the changes lost %d frames, must be 0".formatted(scene.figures().number("swapLost")));
    }
  }
}
