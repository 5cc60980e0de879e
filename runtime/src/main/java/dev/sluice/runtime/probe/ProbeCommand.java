package dev.sluice.runtime.probe;

import dev.sluice.kernel.KernelException;
import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// The command `probe`.
public final class ProbeCommand {
  private static final String USAGE =
      """
      probe IF [IF..] [--json] [--try]
          What these interfaces can do as the ports of one gateway, found out by trying: driver,
          XDP, zero-copy, queues, MTU, what the name alone in sluice.cfg would be opened by and
          why, and what to change to get better. An interface that the host uses, as by an
          address, is not tried unless --try is given: attaching a program may interrupt its
          traffic for a moment. --json prints one JSON object.
      """;

  private ProbeCommand() {}

  /// Runs `probe` with its arguments.
  ///
  /// @return 0 told, 1 there is no such interface, or the kernel refuses, 2 called wrongly
  public static int run(List<String> args) {
    try {
      Arguments arguments = Arguments.parse(args, Set.of(), Set.of("json", "try", "help"));
      if (arguments.has("help")) {
        System.out.print(USAGE);
        return 0;
      }
      List<String> names = names(arguments);
      Machine machine = Machine.read(Path.of("/proc"));
      ProbeReport report = new Probe(machine, Probe.Kernel.REAL).look(names, arguments.has("try"));
      System.out.print(arguments.has("json") ? report.json() + "\n" : report.table());
      return 0;
    } catch (ArgumentException e) {
      System.err.println("sluice probe: " + e.getMessage());
      return 2;
    } catch (KernelException e) {
      System.err.println("sluice probe: " + e.getMessage());
      return 1;
    }
  }

  /// Interfaces alone: what a back-end in front of the name would say is what is to be found out.
  private static List<String> names(Arguments arguments) throws ArgumentException {
    List<String> names = arguments.operands();
    if (names.isEmpty()) {
      throw new ArgumentException("give the names of interfaces, as in: sluice probe eth1 eth2");
    }
    for (String name : names) {
      if (name.contains(":") || name.contains("@")) {
        throw new ArgumentException(
            "'" + name + "' is no name of an interface; give it alone, as eth1");
      }
    }
    if (Set.copyOf(names).size() < names.size()) {
      throw new ArgumentException("give each interface once");
    }
    return names;
  }
}
