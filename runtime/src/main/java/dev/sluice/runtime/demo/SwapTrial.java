package dev.sluice.runtime.demo;

import dev.sluice.runtime.lab.Lab;
import dev.sluice.runtime.lab.LabBackend;
import dev.sluice.runtime.lab.LabException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A lab in which terminals and a master station, real processes with the kernel's TCP, talk IEC
/// 60870-5-104 through a gateway with terminal-auth and rule-firewall, for whoever replaces these
/// meanwhile: what TCP and the stations have noticed of it. Not for concurrent use, but for
/// [#close].
public final class SwapTrial implements AutoCloseable {
  /// What the stations say to each other passes by the last two.
  private static final String RULES =
      """
      rule.10 = drop tcp to any port 22-23 name no-shell
      rule.20 = drop tcp from 192.168.0.0/16
      rule.30 = pass tcp to any port 2404
      rule.40 = pass tcp from any port 2404
      """;

  private static final Duration IN_FORCE = Duration.ofSeconds(60);
  private static final int VALUES_A_SECOND = 200;
  private static final int VALUES_BEFORE = 50;
  private static final int VALUES_AFTER = 100;

  private final Scene scene;
  private final Thread cleaner;
  private TcpCounters tcpBefore = new TcpCounters(0, 0);
  private StationReport before = new StationReport(List.of(), new Line(Map.of()));

  /// It could not be made, or its traffic does not flow any more.
  public static final class TrialException extends Exception {
    private static final long serialVersionUID = 1;

    TrialException(StepException cause) {
      super(cause.getMessage(), cause);
    }
  }

  private SwapTrial(Scene scene) {
    this.scene = scene;
    this.cleaner = Thread.ofPlatform().unstarted(scene::close);
  }

  /// Makes the lab, authenticates every terminal, and has values flow.
  ///
  /// @param folder empty, or not there
  /// @param terminals 1..20
  public static SwapTrial open(Path folder, int terminals, LabBackend backend)
      throws TrialException, InterruptedException {
    Lab lab = new Lab("swap" + ProcessHandle.current().pid(), folder, terminals, false, backend);
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    SwapTrial trial = new SwapTrial(new Scene(lab, nowhere));
    Runtime.getRuntime().addShutdownHook(trial.cleaner);
    try {
      trial.begin();
      return trial;
    } catch (StepException e) {
      trial.close();
      throw new TrialException(e);
    }
  }

  private void begin() throws StepException, InterruptedException {
    new StartStep().run(scene);
    new AuthenticateStep().run(scene);
    addRules();
    scene.tellTerminals("rate " + VALUES_A_SECOND);
    SwapStep.flow(scene, VALUES_BEFORE);
    tcpBefore = scene.tcpCounters();
    before = scene.report();
  }

  /// Has rule-firewall stand in the chain, too.
  private void addRules() throws StepException, InterruptedException {
    Path plugins =
        Path.of(System.getProperty("sluice.home", "")).resolve("runtime/target/dist/plugins");
    RuleBundle firewall;
    try {
      Files.writeString(scene.lab().config().resolve("rule.firewall.cfg"), RULES);
      firewall =
          new RuleBundle(
              plugins.resolve("rule-firewall.jar"),
              scene.lab().folder().resolve("state"),
              bundles(),
              scene.lab().signing());
    } catch (IOException | LabException e) {
      throw new StepException("rule-firewall cannot be added: " + e.getMessage(), e);
    }
    firewall.deploy("1.0.0");
    scene.await(
        () -> scene.counters().hasHandler(firewall.symbolicName(), ""),
        "that rule-firewall is in force",
        IN_FORCE);
  }

  /// The gateway's folder of bundles.
  public Path bundles() {
    return scene.lab().bundles();
  }

  /// The same JAR file, signed by the lab's signer.
  ///
  /// @throws IOException if it cannot be
  public Path sealed(byte[] jar) throws IOException {
    try {
      Path made = Files.write(events().resolveSibling("raised.jar"), jar);
      Path signed = events().resolveSibling("raised-signed.jar");
      scene.lab().signing().sign(made, signed);
      return signed;
    } catch (LabException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /// The gateway's event log.
  public Path events() {
    return scene.lab().events();
  }

  /// What has come of it so far: `retransmitted` segments, `unexplainedRetransmissions` of them
  /// which each may stand for a lost frame, `reconnections` of the master station, `values`,
  /// `missingValues` and `brokenFrames`. Values must flow still.
  ///
  /// @throws TrialException if they do not
  public Map<String, Object> figures() throws TrialException, InterruptedException {
    try {
      boolean flows = flows();
      TcpCounters tcp = scene.tcpCounters().minus(tcpBefore);
      StationReport now = scene.report();
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("terminals", scene.lab().terminals().size());
      figures.put("valuesFlowAtTheEnd", flows);
      figures.put("retransmitted", tcp.retransmitted());
      figures.put("unexplainedRetransmissions", tcp.unexplained());
      figures.put("reconnections", now.sum("connections") - before.sum("connections"));
      figures.put("values", now.sum("spontaneous") - before.sum("spontaneous"));
      figures.put("missingValues", now.sum("missing") - before.sum("missing"));
      figures.put("brokenFrames", now.sum("broken") - before.sum("broken"));
      return figures;
    } catch (StepException e) {
      throw new TrialException(e);
    }
  }

  private boolean flows() throws InterruptedException {
    try {
      long values = scene.report().least("spontaneous");
      SwapStep.flow(scene, VALUES_AFTER);
      return values + VALUES_AFTER <= scene.report().least("spontaneous");
    } catch (StepException e) {
      return false; // which is told
    }
  }

  /// Ends every process and removes the lab. Idempotent.
  @Override
  public void close() {
    scene.close();
    try {
      Runtime.getRuntime().removeShutdownHook(cleaner);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook runs, or has run, and finds nothing left to do.
      return;
    }
  }
}
