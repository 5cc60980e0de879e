package dev.sluice.runtime.command;

import static java.util.Map.entry;

import dev.sluice.runtime.bench.BenchCommand;
import dev.sluice.runtime.bundle.BundleCommand;
import dev.sluice.runtime.control.CtlCommand;
import dev.sluice.runtime.demo.Agent;
import dev.sluice.runtime.demo.Demo;
import dev.sluice.runtime.demo.Sim;
import dev.sluice.runtime.lab.LabCommand;
import dev.sluice.runtime.pki.PkiCommand;
import dev.sluice.runtime.probe.ProbeCommand;
import dev.sluice.runtime.trust.DistributionSigner;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToIntFunction;

/// Where every Sluice process starts: the first word chooses the command.
public final class Main {
  private static final Map<String, ToIntFunction<List<String>>> COMMANDS =
      Map.ofEntries(
          entry("agent", Agent::run),
          entry("bench", BenchCommand::run),
          entry("bundle", BundleCommand::run),
          entry("ctl", CtlCommand::run),
          entry("demo", Demo::run),
          entry("lab", LabCommand::run),
          entry("pki", PkiCommand::run),
          entry("probe", ProbeCommand::run),
          entry("rehearse", Rehearsal::run),
          entry("run", Standby::run),
          entry("seal", DistributionSigner::run),
          entry("sign", SignCommand::run),
          entry("sim", Sim::run),
          entry("unsign", JarSignatures::run),
          entry("verify", VerifyCommand::run),
          entry("version", Version::run));

  private Main() {}

  /// Runs one command and ends the process with its exit code.
  ///
  /// @param args the command's name and its own arguments
  public static void main(String[] args) {
    System.exit(run(Arrays.asList(args)));
  }

  /// Runs one command.
  ///
  /// @return its exit code; 2 if there is no such command
  static int run(List<String> args) {
    String name = args.isEmpty() ? "" : args.getFirst();
    ToIntFunction<List<String>> command = COMMANDS.get(name);
    if (command == null) {
      System.err.println(
          "sluice: there is no command '"
              + name
              + "'; there are "
              + new TreeSet<>(COMMANDS.keySet()));
      return 2;
    }
    return command.applyAsInt(args.subList(1, args.size()));
  }
}
