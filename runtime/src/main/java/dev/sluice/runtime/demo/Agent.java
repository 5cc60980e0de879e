package dev.sluice.runtime.demo;

import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/// The command `agent`: authenticates the machine it runs on to the gateway and stays, for trials
/// on a real terminal.
public final class Agent {
  private static final String USAGE =
      """
      agent --gateway ADDRESS:PORT --cert FILE --key FILE --ca FILE [--once] [--timeout MS]
          Authenticates this host to its gateway by DTLS 1.2 and keeps the session alive until
          SIGTERM or SIGINT. By default the gateway listens at the master station's address,
          port 2405. The files are PEM: this host's certificate, its key, the authorities.
          --once     one attempt; ends the session at once; exit code 0 if it was accepted
          --timeout  for one handshake, 500 to 60000 ms, 8000 if not given
      """;
  private static final Set<String> OPTIONS = Set.of("gateway", "cert", "key", "ca", "timeout");

  private Agent() {}

  /// Runs `agent` with its arguments.
  ///
  /// @return 0 accepted, 1 refused or failed, 2 called wrongly
  public static int run(List<String> args) {
    if (args.contains("--help")) {
      System.out.print(USAGE);
      return 0;
    }
    try {
      return authenticate(Arguments.parse(args, OPTIONS, Set.of("once")));
    } catch (ArgumentException e) {
      System.err.println("sluice agent: " + e.getMessage());
      return 2;
    } catch (CredentialException e) {
      System.err.println("sluice agent: " + e.getMessage());
      return 1;
    }
  }

  private static int authenticate(Arguments arguments)
      throws ArgumentException, CredentialException {
    if (!arguments.operands().isEmpty()) {
      throw new ArgumentException(
          "takes options only, not '" + arguments.operands().getFirst() + "'");
    }
    InetSocketAddress gateway = Addresses.parse("gateway", required(arguments, "gateway"));
    Credentials credentials =
        Credentials.read(Path.of(required(arguments, "cert")), Path.of(required(arguments, "key")));
    GatewayTrust trust = GatewayTrust.read(Path.of(required(arguments, "ca")));
    int handshakeMillis = arguments.number("timeout", 8_000, 500, 60_000);
    AtomicBoolean accepted = new AtomicBoolean();
    AuthenticationAgent agent =
        new AuthenticationAgent(
            gateway,
            credentials,
            trust,
            handshakeMillis,
            event -> {
              System.out.println(inWords(event));
              accepted.compareAndSet(false, event instanceof AgentEvent.Accepted);
            });
    if (arguments.has("once")) {
      agent.close();
      agent.attempt();
    } else {
      stayUntilSignalled(agent);
    }
    return accepted.get() ? 0 : 1;
  }

  private static void stayUntilSignalled(AuthenticationAgent agent) {
    Thread running = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(() -> {
                  agent.close();
                  try {
                    running.join(1_000);
                  } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                  }
                }));
    agent.run();
  }

  private static String required(Arguments arguments, String option) throws ArgumentException {
    return arguments
        .option(option)
        .orElseThrow(() -> new ArgumentException("--" + option + " is missing; see agent --help"));
  }

  private static String inWords(AgentEvent event) {
    return switch (event) {
      case AgentEvent.Accepted(int lease, int keepAlive) ->
          "accepted: lease " + lease + " s, keep-alive " + keepAlive + " s";
      case AgentEvent.Refused(String alert) -> "refused: " + alert;
      case AgentEvent.Failed(String cause) -> "failed: " + cause;
      case AgentEvent.Ended(String cause) -> "ended: " + cause;
    };
  }
}
