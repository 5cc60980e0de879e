package dev.sluice.runtime.command;

import dev.sluice.kernel.FramePool;
import dev.sluice.runtime.host.Run;
import dev.sluice.runtime.lab.Lab;
import dev.sluice.runtime.lab.LabBackend;
import dev.sluice.runtime.lab.LabException;
import java.io.IOException;
import java.lang.module.ModuleReader;
import java.lang.module.ResolvedModule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The command `rehearse`, by which a build ends: a gateway with the built-in bundle and a trial
/// PKI on ports within the process. The JVM that runs it archives the classes it loads, for the
/// starts to come; nothing else uses it.
final class Rehearsal {
  /// Whatever the machine has: the gateway of a rehearsal may run beside one in service.
  private static final String SMALL = "work-threads = 1\nring-frames = 64\naffinity = off\n";

  private Rehearsal() {}

  /// Runs until SIGTERM.
  ///
  /// @param args a folder that does not exist
  static int run(List<String> args) {
    if (args.size() != 1) {
      System.err.println("sluice rehearse: one folder must follow");
      return 2;
    }
    try {
      Lab lab = lab(Path.of(args.getFirst()));
      loadKernelBridge(false);
      return Run.run(
          List.of("--config", lab.config().toString(), "--bundles", lab.bundles().toString()));
    } catch (LabException | IOException e) {
      System.err.println("sluice rehearse: " + e.getMessage());
      return 1;
    }
  }

  /// Writes the files of a gateway with the built-in bundle and ports within the process.
  ///
  /// @param folder that does not exist
  static Lab lab(Path folder) throws IOException, LabException {
    Lab lab = new Lab("rehearsal", folder, 1, false, LabBackend.PACKET);
    lab.writeFiles();
    Path settings = lab.config().resolve("sluice.cfg");
    String text = Files.readString(settings).replace("packet:", "memory:");
    Files.writeString(settings, text + SMALL);
    return lab;
  }

  /// Ports within the process load few of the classes that speak to the kernel.
  ///
  /// @param ready whether they are also made ready for use: functions of the kernel are bound
  static void loadKernelBridge(boolean ready) throws IOException {
    Module bridge = FramePool.class.getModule();
    Optional<ResolvedModule> found =
        ModuleLayer.boot().configuration().findModule(String.valueOf(bridge.getName()));
    if (found.isEmpty()) {
      return; // run from a class path, where nothing is archived
    }
    try (ModuleReader reader = found.get().reference().open();
        Stream<String> files = reader.list()) {
      files
          .filter(file -> file.endsWith(".class") && file.contains("/"))
          .filter(file -> !file.startsWith("META-INF") && !file.endsWith("package-info.class"))
          .map(file -> file.substring(0, file.length() - ".class".length()).replace('/', '.'))
          .forEach(name -> load(bridge, name, ready));
    }
  }

  private static void load(Module module, String name, boolean ready) {
    Class<?> found = Class.forName(module, name);
    if (found != null && ready) {
      try {
        Class.forName(name, true, module.getClassLoader());
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(e); // it was found a moment ago
      }
    }
  }
}
