package dev.sluice.runtime.command;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.sluice.kernel.Background;
import dev.sluice.kernel.KernelException;
import dev.sluice.plugin.SettingsException;
import dev.sluice.runtime.host.HostException;
import dev.sluice.runtime.host.HostedGateway;
import dev.sluice.runtime.host.Run;
import dev.sluice.runtime.lab.Lab;
import dev.sluice.runtime.lab.LabException;
import dev.sluice.runtime.supervisor.Supervision;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The command `run`, also where the supervisor has it stand by: a process that will be the gateway
/// as soon as the one that is has died. Most of a start is loading and compiling classes, so it
/// does that beforehand, by starting and stopping gateways of its own, in a folder of their own and
/// with ports within the process. Of the operator's files it reads none before its time comes, and
/// it runs no bundle but the built-in one.
///
/// Meanwhile it goes behind all others for processor time, where it may come back from that.
final class Standby {
  /// The gateway has just started, and its own compilers are not at rest yet.
  private static final long DELAY_MILLIS = 3000;

  /// So often that what a start runs through is compiled.
  private static final int TRIALS = 3;

  private static final String SOFT_MAX_HEAP = "SoftMaxHeapSize";

  /// Some two thirds are alive in a gateway with the built-in bundle.
  private static final String SMALL_HEAP = String.valueOf(96L << 20);

  private Standby() {}

  /// Runs a gateway to its end, at once or when it is told to.
  ///
  /// @return the exit code
  static int run(List<String> words) {
    if (!Supervision.standsBy(System.getenv())) {
      return Run.run(words);
    }
    try {
      Supervision supervision = Supervision.of(System.getenv());
      // This thread lives as long as the process.
      if (!supervision.bind()) {
        return 1;
      }
      String heap = softMaxHeap(SMALL_HEAP);
      Background background = Background.enter();
      Thread trials = Thread.ofPlatform().daemon().name("standby").start(Standby::rehearse);
      Supervision ordered = supervision.awaitOrder();
      long begun = System.nanoTime();
      trials.interrupt();
      background.leave();
      softMaxHeap(heap);
      return Run.run(words, ordered, begun);
    } catch (IOException | KernelException e) {
      System.err.println("sluice run: the process that stood by: " + e.getMessage());
      return 1;
    }
  }

  /// How far the heap may grow if that is enough; the gateway has that by its options.
  ///
  /// @return what it was; empty where the JVM has no such option
  private static String softMaxHeap(String bytes) {
    HotSpotDiagnosticMXBean jvm =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    try {
      String before = jvm.getVMOption(SOFT_MAX_HEAP).getValue();
      jvm.setVMOption(SOFT_MAX_HEAP, bytes);
      return before;
    } catch (IllegalArgumentException e) {
      return ""; // another collector, or a heap that is smaller than that
    }
  }

  private static void rehearse() {
    try {
      Thread.sleep(DELAY_MILLIS);
      Path folder = Files.createTempDirectory("sluice-standby-");
      try {
        trials(folder);
      } finally {
        delete(folder);
      }
      System.gc(); // what is left over would lie there for as long as nothing happens
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // its time has come
    } catch (IOException | LabException | HostException | SettingsException e) {
      System.err.println(
          "sluice: the process that stands by starts no faster than a fresh one, since it could not"
              + " rehearse: "
              + e.getMessage());
    }
  }

  private static void trials(Path folder)
      throws IOException, LabException, HostException, SettingsException, InterruptedException {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Rehearsal.loadKernelBridge(true);
    Lab lab = Rehearsal.lab(folder.resolve("lab"));
    for (int i = 0; i < TRIALS && !Thread.interrupted(); i++) {
      Path state = Files.createDirectory(folder.resolve("state" + i));
      HostedGateway.start(lab.config(), lab.bundles(), state, nowhere).close();
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
