package dev.sluice.runtime.demo;

import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import dev.sluice.runtime.lab.Lab;
import dev.sluice.runtime.lab.LabBackend;
import dev.sluice.runtime.lab.LabCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// The command `demo`: shows a newcomer what the gateway does, measured, in under a minute.
public final class Demo {
  private static final String USAGE =
      """
      demo [--terminals N] [--backend best|xdp|packet]
          Makes a lab (namespaces of its own), starts a gateway, a master station and N terminals in
          it (3 to 20, 3 if not given), shows what happens step by step, and removes all of it. The
          last line of standard output is a JSON object with what was measured. Exit code 0 if every
          step showed what it should. --backend says what the gateway opens its ports by; best,
          which is the default, takes AF_XDP where this user and this kernel allow it.
      """;

  private static final List<Step> STEPS =
      List.of(
          new StartStep(),
          new SilenceStep(),
          new AuthenticateStep(),
          new TrafficStep(),
          new RefusalStep(),
          new SwapStep(),
          new RevocationStep(),
          new StopStep());

  private Demo() {}

  /// Runs `demo` with its arguments.
  ///
  /// @return 0 everything was as it should be, 1 a step failed, 2 called wrongly
  public static int run(List<String> args) {
    if (args.contains("--help")) {
      System.out.print(USAGE);
      return 0;
    }
    try {
      Arguments arguments = Arguments.parse(args, Set.of("terminals", "backend"), Set.of());
      if (!arguments.operands().isEmpty()) {
        throw new ArgumentException(
            "takes options only, not '" + arguments.operands().getFirst() + "'");
      }
      return play(arguments.number("terminals", 3, 3, 20), LabCommand.backend(arguments));
    } catch (ArgumentException e) {
      System.err.println("sluice demo: " + e.getMessage());
      return 2;
    }
  }

  private static int play(int terminals, LabBackend backend) {
    Path folder;
    try {
      folder = Files.createTempDirectory("sluice-demo-");
    } catch (IOException e) {
      System.err.println("sluice demo: no folder for the lab: " + e.getMessage());
      return 1;
    }
    Lab lab = new Lab("demo" + ProcessHandle.current().pid(), folder, terminals, false, backend);
    Scene scene = new Scene(lab, System.out);
    Thread cleaner = Thread.ofPlatform().unstarted(scene::close);
    Runtime.getRuntime().addShutdownHook(cleaner); // also on Ctrl-C
    try (scene) {
      return play(scene) ? 0 : 1;
    }
  }

  private static boolean play(Scene scene) {
    boolean good = true;
    for (int i = 0; i < STEPS.size() && good; i++) {
      Step step = STEPS.get(i);
      scene.title(i + 1, step.title());
      good = play(scene, step);
    }
    scene.close();
    scene.figures().putTenths("seconds", scene.elapsedMillis() / 100);
    System.out.println();
    System.out.println(scene.figures().json());
    return good;
  }

  private static boolean play(Scene scene, Step step) {
    try {
      step.run(scene);
      return true;
    } catch (StepException e) {
      tell(scene, step, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      tell(scene, step, "the demo was interrupted");
    }
    return false;
  }

  private static void tell(Scene scene, Step step, String sentence) {
    System.out.flush();
    System.err.println();
    System.err.println("sluice demo: the step '" + step.title() + "' failed: " + sentence);
    scene.lastWordsOfStations().forEach(line -> System.err.println("  " + line));
    System.err.println("The gateway's last words and events:");
    scene.gatewayTail().forEach(line -> System.err.println("  " + line));
    System.err.flush();
    scene.figures().putText("failed", sentence);
  }
}
