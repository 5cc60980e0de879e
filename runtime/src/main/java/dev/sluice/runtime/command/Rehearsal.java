package dev.sluice.runtime.command;

import dev.sluice.runtime.host.Run;
import dev.sluice.runtime.lab.Lab;
import dev.sluice.runtime.lab.LabBackend;
import dev.sluice.runtime.lab.LabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The command `rehearse`, by which a build ends: a gateway with the built-in bundle and a trial
/// PKI on ports within the process. The JVM that runs it archives the classes it loads, for the
/// starts to come; nothing else uses it.
final class Rehearsal {
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
      Lab lab = new Lab("rehearsal", Path.of(args.getFirst()), 1, false, LabBackend.PACKET);
      lab.writeFiles();
      Path settings = lab.config().resolve("sluice.cfg");
      Files.writeString(settings, Files.readString(settings).replace("packet:", "memory:"));
      return Run.run(
          List.of("--config", lab.config().toString(), "--bundles", lab.bundles().toString()));
    } catch (LabException | IOException e) {
      System.err.println("sluice rehearse: " + e.getMessage());
      return 1;
    }
  }
}
