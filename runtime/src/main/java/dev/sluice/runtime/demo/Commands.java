package dev.sluice.runtime.demo;

import dev.sluice.runtime.lab.LabTerminal;
import java.time.Duration;

/// Single commands, and whether they did what they should.
final class Commands {
  private static final int OUTPUT = 1001;
  private static final int PATIENCE_MILLIS = 3_000;
  private static final int SHORT_PATIENCE_MILLIS = 700;
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Commands() {}

  /// Sends a command that must be executed.
  static void executed(Scene scene, LabTerminal terminal, boolean on)
      throws StepException, InterruptedException {
    expect(scene, terminal, on, PATIENCE_MILLIS, "EXECUTED", 1);
  }

  /// Sends a command that must not reach the terminal. Returns when the terminal has seen the end
  /// of the command's connection, so that what TCP does about it disturbs no later measurement.
  static void lost(Scene scene, LabTerminal terminal, boolean on)
      throws StepException, InterruptedException {
    int mark = scene.terminal(terminal).mark();
    expect(scene, terminal, on, SHORT_PATIENCE_MILLIS, "NO_ANSWER", 0);
    scene
        .terminal(terminal)
        .await(mark, line -> line.is("ended"), "the end of the command's connection", LIMIT);
  }

  private static void expect(
      Scene scene, LabTerminal terminal, boolean on, int patience, String outcome, long executions)
      throws StepException, InterruptedException {
    long before = scene.report(terminal).number("commands");
    int mark = scene.master().mark();
    scene
        .master()
        .tell(
            "command %s %d %s %d"
                .formatted(Scene.endpoint(terminal), OUTPUT, on ? "on" : "off", patience));
    Line answer =
        scene.master().await(mark, line -> line.is("command"), "the command's outcome", LIMIT);
    long executed = scene.report(terminal).number("commands") - before;
    if (!answer.text("outcome").equals(outcome) || executed != executions) {
      throw new StepException(
          "a single command to %s ended with %s and was executed %d times, must be %s and %d"
              .formatted(terminal.name(), answer.text("outcome"), executed, outcome, executions));
    }
  }
}
