package dev.sluice.runtime.demo;

import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/// The command `sim`: a simulated station as a process of its own, worked by lines on its standard
/// input and telling what happens by [Line]s on its standard output. It ends when its input does,
/// so that it never outlives whoever started it.
public final class Sim {
  private static final String USAGE =
      """
      sim terminal --listen ADDRESS:PORT [--points N] [--common-address N]
                   [--gateway ADDRESS:PORT --ca FILE]
          standard input: rate N | authenticate CERT KEY | try CERT KEY | leave | report | quit
      sim master --terminals ADDRESS:PORT,... [--common-address N] [--retry MS]
          standard input: command ADDRESS:PORT OBJECT on|off MILLIS | report | quit
      """;

  private Sim() {}

  /// Runs `sim` with its arguments.
  ///
  /// @return 0 ended, 1 failed, 2 called wrongly
  public static int run(List<String> args) {
    if (args.isEmpty() || args.contains("--help")) {
      System.out.print(USAGE);
      return args.isEmpty() ? 2 : 0;
    }
    List<String> rest = args.subList(1, args.size());
    try {
      switch (args.getFirst()) {
        case "terminal" -> terminal(rest);
        case "master" -> master(rest);
        default ->
            throw new ArgumentException(
                "there is no '" + args.getFirst() + "'; there are terminal and master");
      }
      return 0;
    } catch (ArgumentException e) {
      System.err.println("sluice sim: " + e.getMessage());
      return 2;
    } catch (IOException | CredentialException e) {
      System.err.println("sluice sim: " + e.getMessage());
      return 1;
    }
  }

  private static void terminal(List<String> words)
      throws ArgumentException, IOException, CredentialException {
    Arguments arguments =
        Arguments.parse(
            words, Set.of("listen", "points", "common-address", "gateway", "ca"), Set.of());
    try (TerminalProcess process = new TerminalProcess(arguments)) {
      process.serve();
    }
  }

  private static void master(List<String> words) throws ArgumentException, IOException {
    Arguments arguments =
        Arguments.parse(words, Set.of("terminals", "common-address", "retry"), Set.of());
    try (MasterProcess process = new MasterProcess(arguments)) {
      process.serve();
    }
  }
}
