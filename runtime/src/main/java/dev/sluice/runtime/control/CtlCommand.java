package dev.sluice.runtime.control;

import dev.sluice.plugin.SettingsException;
import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import dev.sluice.runtime.config.GatewaySettings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The command `sluice ctl`: asks a running gateway, and tells it what to do.
///
/// Exit codes: 0 done; 1 refused or failed, with a sentence on the error stream; 2 wrong call; 3 no
/// gateway there.
public final class CtlCommand {
  private static final String USAGE =
      """
      sluice ctl [--socket PATH | --config DIR | --state DIR] COMMAND [--json]
        asks a running gateway, and tells it what to do
        bundles                    what is deployed, in which state, and why
        deploy FILE [--downgrade]  copies a bundle into the folder; waits for what becomes of it
        undeploy NAME              takes a bundle out of the folder
        rollback NAME              puts the version before back
        quarantine                 bundles that were taken out because they did harm
        release NAME               lets one of them in again
        generations                the last chains, and how long each switch took
        pipeline                   what each thread, queue and bundle does with packets
        trace [N] [FILTER] [--for SECONDS]
                                   follows N packets (10) through the bundles, for 10 seconds
        events [N] [-f] [--severity S] [--event GLOB]
                                   the last N events (20); -f goes on with those to come
        status                     what this gateway is, and how it does
        --socket  the gateway's control socket (as sluice.cfg says)
        --config  folder of sluice.cfg (config)
        --state   the gateway's state folder, if it was started with --state
        --json    as JSON, for programs
      A FILTER is made of host A, net A/LEN, port N, each also with src or dst before it, tcp, udp,
      icmp, icmp6, arp, ip, ip6, vlan N, in PORT, out PORT, joined by and, or, not, ( ).
      """;

  private static final long PATIENCE_MILLIS = 30_000;

  private static final int DONE = 0;
  private static final int REFUSED = 1;
  private static final int WRONG_CALL = 2;
  private static final int NOBODY = 3;

  private CtlCommand() {}

  /// Runs one command.
  ///
  /// @return the exit code
  public static int run(List<String> words) {
    return run(words, System.out, System.err);
  }

  static int run(List<String> words, PrintStream out, PrintStream err) {
    try {
      Arguments arguments = Arguments.parse(words, CtlWords.OPTIONS, CtlWords.FLAGS);
      if (arguments.has("help")) {
        out.print(USAGE);
        return DONE;
      }
      Map<String, Object> request = CtlWords.request(arguments);
      try (CtlConnection connection = CtlConnection.open(socket(arguments), PATIENCE_MILLIS)) {
        connection.send(request);
        String command = arguments.operands().getFirst();
        return show(connection, command, arguments.has("json"), out, err);
      }
    } catch (ArgumentException e) {
      err.println("sluice ctl: " + e.getMessage());
      return WRONG_CALL;
    } catch (CtlConnection.NobodyThereException e) {
      err.println("sluice ctl: " + e.getMessage());
      return NOBODY;
    } catch (SettingsException | ControlException e) {
      err.println("sluice ctl: " + e.getMessage());
      return REFUSED;
    } catch (IOException e) {
      err.println("sluice ctl: the gateway cannot be asked: " + e.getMessage());
      return REFUSED;
    }
  }

  private static Path socket(Arguments arguments)
      throws ArgumentException, SettingsException, ControlException {
    Optional<String> socket = arguments.option("socket");
    if (socket.isPresent()) {
      if (arguments.has("state") || arguments.has("config")) {
        throw new ArgumentException("--socket takes the place of --config and --state");
      }
      return Path.of(socket.get()).toAbsolutePath().normalize();
    }
    Path home = Path.of(System.getProperty("sluice.home", ""));
    Path config = arguments.option("config").map(Path::of).orElse(home.resolve("config"));
    GatewaySettings settings = GatewaySettings.read(config);
    if (arguments.has("state")) {
      settings = settings.withState(Path.of(arguments.option("state").orElseThrow()));
    }
    Path path = settings.files().controlSocket();
    if (path == null) {
      throw new ControlException(config + " says control-socket = none: there is no way to ask");
    }
    return path;
  }

  private static int show(
      CtlConnection connection, String command, boolean json, PrintStream out, PrintStream err)
      throws IOException, ControlException {
    String first =
        connection.line().orElseThrow(() -> new IOException("it ended without an answer"));
    Members answer = new Members(JsonReader.object(first));
    boolean ok = answer.flag("ok");
    if (json && !command.equals("events")) {
      out.println(first);
    }
    if (!answer.text("error").isEmpty()) {
      err.println("sluice ctl: " + CtlTables.printable(answer.text("error")));
      return answer.text("fault").equals("call") ? WRONG_CALL : REFUSED;
    }
    if (command.equals("events")) {
      return events(connection, json, out);
    }
    if (!json && ok) {
      out.print(CtlTables.text(command, answer));
    }
    if (!ok) {
      Members outcome = answer.object("answer");
      String sentence = outcome.text("outcome") + ": " + outcome.text("sentence");
      err.println("sluice ctl: " + CtlTables.printable(sentence));
    }
    return ok ? DONE : REFUSED;
  }

  private static int events(CtlConnection connection, boolean json, PrintStream out)
      throws IOException, ControlException {
    Optional<String> line = connection.line();
    while (line.isPresent()) {
      out.println(json ? line.get() : CtlTables.event(JsonReader.object(line.get())));
      if (out.checkError()) {
        return DONE; // whoever reads it, as head(1), has enough
      }
      line = connection.line();
    }
    return DONE;
  }
}
