package dev.sluice.runtime.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.lab.LabTerminal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A bad change of a file that the running gateway uses changes nothing but the event log.
@Tag("privileged")
@Timeout(300)
final class SettingsChangeTest {
  private static LabSite site;

  @BeforeAll
  static void start() throws Exception {
    site = LabSite.open(2, "openssl");
    site.startGateway();
  }

  @AfterAll
  static void end() throws Exception {
    if (site != null) {
      site.close();
    }
  }

  @Test
  void badChangesLeaveTheOldSettingsInForceAndSessionsAlive() throws Exception {
    LabTerminal terminal = site.terminal(1);
    int start = site.events().mark();
    try (OpensslTerminal client = OpensslTerminal.accepted(site, terminal);
        TcpListener listener = TcpListener.of(site, terminal);
        TcpPair connection = listener.connect()) {
      for (Change change : changes()) {
        change.make();
        client.ping();
        connection.exchange(10_000);
      }
      try (TcpPair another = listener.connect()) {
        another.exchange(10_000);
      }
    }
    // What was in force before lets the other terminal in too.
    try (OpensslTerminal client = OpensslTerminal.accepted(site, site.terminal(2));
        TcpListener listener = TcpListener.of(site, site.terminal(2));
        TcpPair connection = listener.connect()) {
      client.ping();
      connection.exchange(10_000);
    }
    assertTrue(
        site.events().since(start).stream()
            .noneMatch(event -> "chain-closed".equals(event.get("event"))),
        () -> "closed: " + site.events().since(start));
  }

  private static Change[] changes() throws Exception {
    return new Change[] {
      cfg("sluice.cfg", "hash = sideways\n", "settings-refused", "cause", "sluice.cfg.*hash"),
      cfg(
          "terminal.auth.cfg",
          "auth-port = 99999\n",
          "settings-refused",
          "reason",
          "auth-port.*99999"),
      cfg(
          "terminal.auth.cfg",
          "gateway-key = none.key\n",
          "settings-refused",
          "reason",
          "none.key"),
      cfg("terminals.ini", "mask = 24\n", "registry-refused", "reason", "terminals.ini.*mask"),
      new Change(site.lab().pki().resolve("ca.crl"), "no list\n", "crl-refused", "reason", "ca.crl")
    };
  }

  /// A line that takes the place of the one with its key, if there is one.
  private static Change cfg(String file, String line, String event, String member, String says)
      throws Exception {
    String key = line.substring(0, line.indexOf(' '));
    String rest = site.configuration(file).replaceAll("(?m)^" + key + " = .*\\n", "");
    return new Change(site.lab().config().resolve(file), rest + line, event, member, says);
  }

  /// A change, and what the event log says of it.
  ///
  /// @param says a regular expression that the event's member contains
  private record Change(Path file, String content, String event, String member, String says) {
    void make() throws Exception {
      int mark = site.events().mark();
      String before = Files.readString(file);
      site.replace(file, content);
      Map<String, String> refused = site.events().await(mark, event, Map.of());
      String sentence = refused.getOrDefault(member, "");
      assertTrue(Pattern.compile(says).matcher(sentence).find(), () -> says + " in " + refused);
      System.out.println(event + ": " + sentence);
      site.replace(file, before);
    }
  }
}
