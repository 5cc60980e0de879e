package dev.sluice.runtime;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A network namespace of a test's own with two wires: `gl`–`fl` and `gr`–`fr`, gateway's ends
/// first.
public final class TestNamespace implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String name =
      "sluice-test-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();

  private TestNamespace() {}

  /// Skips the test, and says so, where namespaces cannot be made.
  public static void require() {
    try {
      String probe = "sluice-probe-" + ProcessHandle.current().pid();
      if (run(List.of("ip", "netns", "add", probe)) == 0) {
        run(List.of("ip", "netns", "del", probe));
        return;
      }
    } catch (IOException | InterruptedException e) {
      System.out.println("SKIPPED: no ip(8): " + e.getMessage());
    }
    System.out.println("SKIPPED: this test needs root and iproute2 to make a network namespace");
    abort("needs root and iproute2 to make a network namespace");
  }

  public static TestNamespace withTwoWires() throws IOException, InterruptedException {
    TestNamespace made = new TestNamespace();
    must("ip", "netns", "add", made.name);
    made.in("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1");
    made.in("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
    for (String side : List.of("l", "r")) {
      must(
          "ip",
          "-n",
          made.name,
          "link",
          "add",
          "g" + side,
          "type",
          "veth",
          "peer",
          "name",
          "f" + side);
      must("ip", "-n", made.name, "link", "set", "g" + side, "up");
      must("ip", "-n", made.name, "link", "set", "f" + side, "up");
    }
    return made;
  }

  public String name() {
    return name;
  }

  public String gatewayLeft() {
    return "gl";
  }

  public String gatewayRight() {
    return "gr";
  }

  public String farLeft() {
    return "fl";
  }

  public String farRight() {
    return "fr";
  }

  /// Runs a command inside and expects it to end well.
  public void in(String... command) throws IOException, InterruptedException {
    String[] all = new String[command.length + 4];
    System.arraycopy(new String[] {"ip", "netns", "exec", name}, 0, all, 0, 4);
    System.arraycopy(command, 0, all, 4, command.length);
    must(all);
  }

  private static void must(String... command) throws IOException, InterruptedException {
    int code = run(Arrays.asList(command));
    if (code != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + code);
    }
  }

  private static int run(List<String> command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).redirectErrorStream(true).inheritIO().start().waitFor();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    must("ip", "netns", "del", name);
  }
}
