package dev.sluice.runtime.demo;

import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import dev.sluice.runtime.iec104.LinkCounters;
import dev.sluice.runtime.iec104.LinkTiming;
import dev.sluice.runtime.iec104.SimulatedTerminal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A simulated terminal with its authentication agent, as a process.
final class TerminalProcess implements SimulatedTerminal.Observer, AutoCloseable {
  private static final int HANDSHAKE_MILLIS = 8_000;
  private static final int FAREWELL_MILLIS = 1_000;

  private final SimulatedTerminal terminal;
  private final Optional<InetSocketAddress> gateway;
  private final Optional<GatewayTrust> trust;
  private Optional<AuthenticationAgent> agent = Optional.empty();
  private Thread agentThread = Thread.currentThread();

  TerminalProcess(Arguments arguments) throws ArgumentException, IOException, CredentialException {
    InetSocketAddress listen =
        Addresses.parse("listen", arguments.option("listen").orElse("127.0.0.1:2404"));
    Optional<String> gatewayText = arguments.option("gateway");
    gateway =
        gatewayText.isPresent()
            ? Optional.of(Addresses.parse("gateway", gatewayText.get()))
            : Optional.empty();
    Optional<String> ca = arguments.option("ca");
    trust = ca.isPresent() ? Optional.of(GatewayTrust.read(Path.of(ca.get()))) : Optional.empty();
    terminal =
        new SimulatedTerminal(
            new SimulatedTerminal.Settings(
                listen,
                arguments.number("common-address", 1, 1, 65_534),
                arguments.number("points", 16, 1, 16),
                LinkTiming.STANDARD),
            this);
  }

  /// Takes orders until the last.
  void serve() throws IOException {
    Orders.tell(Line.now("ready", "listen", terminal.address()));
    Orders.serve(this::take);
  }

  private boolean take(List<String> words) throws CredentialException {
    switch (words.getFirst()) {
      case "rate" -> terminal.spontaneousPerSecond(Integer.parseInt(words.get(1)));
      case "authenticate" -> authenticate(words);
      case "try" -> attempt(words);
      case "leave" -> leave();
      case "report" -> report();
      default -> {
        return false;
      }
    }
    return true;
  }

  private void authenticate(List<String> words) throws CredentialException {
    leave();
    AuthenticationAgent next = agent(words, "agent");
    agent = Optional.of(next);
    agentThread = Thread.ofPlatform().name("agent").daemon().start(next);
  }

  /// One handshake beside whatever the agent does, ended at once.
  private void attempt(List<String> words) throws CredentialException {
    AuthenticationAgent once = agent(words, "try");
    once.close();
    Thread.ofPlatform().name("try").daemon().start(once::attempt);
  }

  private AuthenticationAgent agent(List<String> words, String who) throws CredentialException {
    if (words.size() != 3 || gateway.isEmpty() || trust.isEmpty()) {
      throw new IllegalArgumentException("needs CERT and KEY, and the options --gateway and --ca");
    }
    Credentials credentials = Credentials.read(Path.of(words.get(1)), Path.of(words.get(2)));
    return new AuthenticationAgent(
        gateway.get(), credentials, trust.get(), HANDSHAKE_MILLIS, event -> tell(who, event));
  }

  private static void tell(String who, AgentEvent event) {
    Orders.tell(
        switch (event) {
          case AgentEvent.Accepted(int lease, int keepAlive) ->
              Line.now(who + "-accepted", "lease", lease, "keep-alive", keepAlive);
          case AgentEvent.Refused(String alert) -> Line.now(who + "-refused", "alert", alert);
          case AgentEvent.Failed(String cause) -> Line.now(who + "-failed", "cause", cause);
          case AgentEvent.Ended(String cause) -> Line.now(who + "-ended", "cause", cause);
        });
  }

  /// Ends the session; returns when the gateway has been told, or after a moment.
  private void leave() {
    if (agent.isEmpty()) {
      return;
    }
    agent.get().close();
    agent = Optional.empty();
    try {
      agentThread.join(FAREWELL_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void report() {
    LinkCounters counters = terminal.counters();
    Orders.tell(
        Line.now(
            "report",
            "frames-sent",
            counters.framesSent(),
            "frames-received",
            counters.framesReceived(),
            "information-sent",
            counters.informationSent(),
            "information-received",
            counters.informationReceived(),
            "broken",
            counters.brokenFrames() + counters.brokenSequences(),
            "commands",
            terminal.commandsExecuted()));
  }

  @Override
  public void started(SocketAddress master) {
    Orders.tell(Line.now("started", "master", master));
  }

  @Override
  public void ended(SocketAddress master, String cause) {
    Orders.tell(Line.now("ended", "master", master, "cause", cause));
  }

  @Override
  public void executed(int objectAddress, boolean on) {
    Orders.tell(Line.now("executed", "object", objectAddress, "on", on));
  }

  @Override
  public void close() throws IOException {
    leave();
    terminal.close();
  }
}
