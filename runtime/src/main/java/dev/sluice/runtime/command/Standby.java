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
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The command `run`, also where the supervisor has it stand by: a process that will be the gateway
/// as soon as the one that is has died. Most of a start is loading and compiling classes, so it
/// does that beforehand, by starting and stopping gateways of its own, in a folder of their own and
/// with ports within the process. Of the operator's files it reads none before its time comes, and
/// it runs no bundle but the built-in one.
///
/// Meanwhile it goes behind all others for processor time, where it may come back from that, and
/// before all others when the kernel wants memory. It takes nobody's place before it has ended all
/// that, so that no two gateways are ever in one process.
final class Standby {
  /// So often that what a start runs through is compiled.
  private static final int TRIALS = 3;

  private static final String SOFT_MAX_HEAP = "SoftMaxHeapSize";

  /// Some two thirds are alive in a gateway with the built-in bundle.
  private static final String SMALL_HEAP = String.valueOf(96L << 20);

  /// proc_pid_oom_score_adj(5).
  private static final Path OOM_SCORE = Path.of("/proc/self/oom_score_adj");

  private static final String FIRST_OF_ALL = "1000";

  private Standby() {}

  /// Runs a gateway to its end, at once or when it is told to.
  ///
  /// @return the exit code
  static int run(List<String> words) {
    Optional<Path> place = Supervision.standsBy(System.getenv());
    if (place.isEmpty()) {
      return Run.run(words);
    }
    try {
      Supervision supervision = Supervision.of(System.getenv());
      // This thread lives as long as the process.
      if (!supervision.bind()) {
        return 1;
      }
      String heap = softMaxHeap(SMALL_HEAP);
      String score = oomScore(FIRST_OF_ALL);
      Background background = Background.enter();
      rehearse(place.get());
      supervision.tellStands();
      Supervision ordered = supervision.awaitOrder();
      long begun = System.nanoTime();
      if (!background.leave()) {
        throw new IOException("it cannot come back from the background");
      }
      softMaxHeap(heap);
      oomScore(score);
      return Run.run(words, ordered, begun);
    } catch (IOException
        | KernelException
        | LabException
        | HostException
        | SettingsException
        | InterruptedException e) {
      System.err.println("sluice: the process that stood by ends: " + e);
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

  /// Who is to end first when memory is scarce: the larger process would be the gateway.
  ///
  /// @return what it was
  private static String oomScore(String score) throws IOException {
    String before = Files.readString(OOM_SCORE).strip();
    if (Files.isWritable(OOM_SCORE)) {
      Files.writeString(OOM_SCORE, score);
    }
    return before;
  }

  /// @param place the supervisor's folder
  private static void rehearse(Path place)
      throws IOException, LabException, HostException, SettingsException, InterruptedException {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Rehearsal.loadKernelBridge(true);
    Path folder =
        Files.createDirectory(place.resolve(Long.toString(ProcessHandle.current().pid())));
    try {
      Lab lab = Rehearsal.lab(folder.resolve("lab"));
      for (int i = 0; i < TRIALS; i++) {
        Path state = Files.createDirectory(folder.resolve("state" + i));
        try (HostedGateway gateway =
            HostedGateway.start(lab.config(), lab.bundles(), state, nowhere)) {
          if (!gateway.closedBecause().isEmpty()) {
            throw new HostException("its rehearsal went wrong: " + gateway.closedBecause());
          }
        }
      }
    } finally {
      delete(folder);
    }
    System.gc(); // what is left over would lie there for as long as nothing happens
  }

  /// What cannot be deleted now the supervisor deletes at its end.
  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      return; // a framework that is late to end still writes
    }
  }
}
