package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@Privileged
class NetworkNamespaceTest {
  private final LabNetwork network = new LabNetwork(false);

  @AfterEach
  void close() {
    network.close();
  }

  private static String here() throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
  }

  @Test
  void taskRunsInsideAndTheCallerStaysOutside() throws Exception {
    String before = here();
    String inside = network.call(NetworkNamespaceTest::here);
    assertNotEquals(before, inside);
    assertEquals(before, here());
    assertEquals(inside, NetworkNamespace.call("/run/netns/" + network.name(), () -> here()));
  }

  @Test
  void processOfTheTaskIsInside() throws Exception {
    network.ip("link", "add", "name", "only-here", "type", "veth", "peer", "name", "other");
    assertTrue(network.call(() -> LabNetwork.run("ip", "link")).contains("only-here"));
  }

  @Test
  void unknownNamespaceIsRefused() {
    KernelException e =
        assertThrows(KernelException.class, () -> NetworkNamespace.call("no-such", () -> ""));
    assertEquals(
        "Entering the network namespace /run/netns/no-such failed: ENOENT, there is no such thing",
        e.getMessage());
    assertThrows(KernelException.class, () -> NetworkNamespace.call("/proc/self/ns/mnt", () -> ""));
  }

  @Test
  void whatTheTaskThrowsIsThrown() {
    assertThrows(
        IOException.class,
        () ->
            network.call(() -> {
              throw new IOException("from inside");
            }));
  }

  @Test
  void transmitOffloadsOfAFarEndAreSwitchedOff() throws Exception {
    network.ip("link", "add", "name", "one", "type", "veth", "peer", "name", "other");
    Set<String> off = network.call(() -> Ethtool.disableTransmitOffloads("one"));
    assertTrue(
        off.containsAll(
            Set.of("tx-checksum-ip-generic", "tx-tcp-segmentation", "tx-generic-segmentation")),
        off.toString());
    Set<String> left = network.call(() -> Ethtool.activeFeatures("one"));
    assertFalse(left.stream().anyMatch(f -> f.startsWith("tx-checksum") || f.contains("-segment")));
    assertEquals(Set.of(), network.call(() -> Ethtool.disableTransmitOffloads("one")));
    assertTrue(network.inside("ethtool", "-k", "one").contains("tx-checksumming: off"));
  }
}
