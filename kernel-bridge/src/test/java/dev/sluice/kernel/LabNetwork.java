package dev.sluice.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/// A network namespace that one test made and removes.
final class LabNetwork implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String name =
      "kernel-bridge-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();

  /// A namespace in which new interfaces have no IPv6, unless `ipv6`.
  LabNetwork(boolean ipv6) {
    run("ip", "netns", "add", name);
    if (!ipv6) {
      run("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
    }
  }

  String name() {
    return name;
  }

  /// Two interfaces joined by a wire, both up, with segmentation and checksum offloads off.
  void wire(String one, String other) {
    ip("link", "add", "name", one, "type", "veth", "peer", "name", other);
    for (String each : new String[] {one, other}) {
      inside(
          "ethtool", "-K", each, "rx", "off", "tx", "off", "gro", "off", "gso", "off", "tso",
          "off");
      ip("link", "set", each, "up");
    }
  }

  /// Runs ip(8) on this namespace.
  String ip(String... arguments) {
    String[] command = new String[arguments.length + 3];
    command[0] = "ip";
    command[1] = "-n";
    command[2] = name;
    System.arraycopy(arguments, 0, command, 3, arguments.length);
    return run(command);
  }

  /// Runs a command in this namespace.
  String inside(String... arguments) {
    String[] command = new String[arguments.length + 4];
    command[0] = "ip";
    command[1] = "netns";
    command[2] = "exec";
    command[3] = name;
    System.arraycopy(arguments, 0, command, 4, arguments.length);
    return run(command);
  }

  <T> T call(Callable<T> task) throws Exception {
    return NetworkNamespace.call(name, task);
  }

  /// An interface without the checks and changes of a port.
  PacketDevice attach(String interfaceName, FramePool pool) throws Exception {
    return call(() -> PacketDevice.attach(interfaceName, PacketOptions.DEFAULT, pool));
  }

  @Override
  public void close() {
    run("ip", "netns", "del", name);
  }

  static String run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + code + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
