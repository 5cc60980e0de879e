package dev.sluice.runtime.bench;

import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import dev.sluice.runtime.pipeline.QueueKind;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// `bench pipeline`: packets per second and WorkThread through queues and handlers, without any
/// device. Each kind of queue is measured in a JVM of its own, some times over and by turns, since
/// the machine may be busy with other things.
public final class PipelineBench {
  static final String USAGE =
      """
      bench pipeline [--seconds 1] [--runs 3] [--json FILE]
          Packets per second and WorkThread through two queues and 0, 1, 2, 4 hosted handlers. A
          run whose cores the host of a virtual machine has moved apart is repeated.
      """;

  static final List<Integer> HANDLERS = List.of(0, 1, 2, 4);
  static final PacketHandler PASSING = _ -> Verdict.PASS;

  private static final long CHILD_MINUTES = 30;
  private static final Path PROC = Path.of("/proc");

  private PipelineBench() {}

  /// Measures and prints a table.
  ///
  /// @return the exit code: 2 if the arguments are wrong, 1 if nothing could be measured
  public static int run(List<String> args) {
    try {
      Arguments arguments =
          Arguments.parse(args, Set.of("seconds", "runs", "json"), Set.of("help"));
      if (arguments.has("help")) {
        System.out.print(USAGE);
        return 0;
      }
      if (!arguments.operands().isEmpty()) {
        throw new ArgumentException(
            "'" + arguments.operands().getFirst() + "' is not understood; there are options only");
      }
      int seconds = arguments.number("seconds", 1, 1, 600);
      int runs = arguments.number("runs", 3, 1, 100);
      PipelineFigures figures = new PipelineFigures();
      for (int run = 0; run < runs; run++) {
        for (QueueKind kind : QueueKind.values()) {
          Measured kept = undisturbed(kind, seconds);
          kept.lines().forEach(line -> figures.add(kind, line));
          figures.others(kept.others());
        }
      }
      return told(figures, arguments.option("json"));
    } catch (ArgumentException e) {
      System.err.println("sluice bench pipeline: " + e.getMessage());
      return 2;
    } catch (IOException e) {
      System.err.println("sluice bench pipeline: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private static int told(PipelineFigures figures, Optional<String> json) throws IOException {
    System.out.print(figures.table());
    if (json.isPresent()) {
      Files.writeString(Path.of(json.get()), figures.json(), StandardCharsets.UTF_8);
    }
    return 0;
  }

  /// What one JVM measured.
  ///
  /// @param others share of one CPU that others used meanwhile
  private record Measured(List<String> lines, double others) {}

  /// Measures up to three times, and keeps the first undisturbed run, else the least disturbed.
  private static Measured undisturbed(QueueKind kind, int seconds)
      throws IOException, InterruptedException {
    Measured best = measured(kind, seconds);
    for (int repeat = 0;
        repeat < Undisturbed.REPEATS && OneInFlight.QUIET_SHARE < best.others();
        repeat++) {
      Measured next = measured(kind, seconds);
      if (next.others() < best.others()) {
        best = next;
      }
    }
    return best;
  }

  private static Measured measured(QueueKind kind, int seconds)
      throws IOException, InterruptedException {
    OtherLoad before = OtherLoad.now(PROC);
    long begun = System.nanoTime();
    List<String> lines = linesOf(kind, seconds);
    double others = OtherLoad.now(PROC).secondsSince(before, OtherLoad.ours());
    return new Measured(lines, others / ((System.nanoTime() - begun) / 1e9));
  }

  /// What a JVM of its own measured, in lines.
  private static List<String> linesOf(QueueKind kind, int seconds)
      throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(command(kind, seconds))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      child.getOutputStream().close();
      String out = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!child.waitFor(CHILD_MINUTES, TimeUnit.MINUTES) || child.exitValue() != 0) {
        throw new IOException("the JVM that measures " + kind.word() + " failed");
      }
      return out.lines().toList();
    } finally {
      child.destroyForcibly();
    }
  }

  /// This JVM's own command with another main class, so that modules and flags are the product's.
  private static List<String> command(QueueKind kind, int seconds) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(PipelineTrial.class.getName());
    command.addAll(List.of(kind.name(), String.valueOf(seconds * 1000L)));
    return command;
  }

  /// The first 60 bytes of a UDP datagram over IPv4.
  static byte[] datagram() {
    byte[] frame = new byte[60];
    byte[] head = {
      2,
      0,
      0,
      0,
      0,
      2,
      2,
      0,
      0,
      0,
      0,
      1,
      8,
      0, // Ethernet
      0x45,
      0,
      0,
      46,
      0,
      0,
      0,
      0,
      64,
      17,
      0,
      0,
      10,
      1,
      0,
      11,
      10,
      1,
      0,
      1, // IPv4
      15,
      (byte) 160,
      0,
      0,
      0,
      26,
      0,
      0 // UDP
    };
    System.arraycopy(head, 0, frame, 0, head.length);
    return frame;
  }
}
