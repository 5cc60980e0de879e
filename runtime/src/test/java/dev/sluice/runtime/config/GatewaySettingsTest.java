package dev.sluice.runtime.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.XdpOptions;
import dev.sluice.plugin.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewaySettingsTest {
  private static final String PORTS = "ports = a, b\n";

  @TempDir Path folder;

  private GatewaySettings read(String text) throws IOException, SettingsException {
    Files.writeString(folder.resolve("sluice.cfg"), text);
    return GatewaySettings.read(folder);
  }

  private static List<String> row(String settings, String about) {
    return List.of(settings, about);
  }

  @Test
  void whatIsNotSetHasItsDefault() throws Exception {
    GatewaySettings settings = read(PORTS + "work-threads = 3\n");
    assertEquals(List.of("a", "b"), strings(settings.ports()));
    assertEquals(XdpOptions.DEFAULT, settings.xdp());
    assertEquals(2048 * (2 + 2 * 2 + 3), settings.cut().poolFrames(0, 0));
    assertEquals(2048 * (2 + 2 * 2 + 3 + 6), settings.cut().poolFrames(6, 0));
    assertEquals(2048 * (2 + 2 * 2 + 3) + 2 * 12_288, settings.cut().poolFrames(0, 12_288));
    assertEquals(128, settings.cut().batch());
    assertEquals(64, read(PORTS + "send-queue = 64\n").cut().batch());
    assertEquals(4096, settings.cut().recvQueue());
    assertEquals(3 * 2048, settings.cut().sendQueue());
    assertEquals(HashStrategy.FLOW, settings.policy().hash());
    assertEquals(FramePolicy.DROP, settings.policy().fragments());
    assertEquals(Set.of(GatewaySettings.TERMINAL_AUTH), settings.policy().requiredBundles());
    assertEquals(Duration.ofSeconds(2), settings.policy().swapPatience());
    Path state = folder.resolveSibling("state").toAbsolutePath();
    assertEquals(state.resolve("events.jsonl"), settings.files().eventLog());
    assertEquals(state.resolve("counters.json"), settings.files().counters());
    Path elsewhere = folder.resolve("elsewhere");
    assertEquals(
        elsewhere.resolve("events.jsonl"), settings.withState(elsewhere).files().eventLog());
  }

  @Test
  void controlSocketIsInTheStateFolderOrWhereItIsSetOrNowhere() throws Exception {
    Path state = folder.resolveSibling("state").toAbsolutePath();
    GatewaySettings settings = read(PORTS);
    assertEquals(state.resolve("control.sock"), settings.files().controlSocket());
    Path elsewhere = folder.resolve("elsewhere");
    assertEquals(
        elsewhere.resolve("control.sock"), settings.withState(elsewhere).files().controlSocket());
    GatewaySettings set = read(PORTS + "control-socket = /run/s.sock\n");
    assertEquals(Path.of("/run/s.sock"), set.files().controlSocket());
    assertEquals(Path.of("/run/s.sock"), set.withState(elsewhere).files().controlSocket());
    GatewaySettings none = read(PORTS + "control-socket = none\n");
    assertNull(none.files().controlSocket());
    assertNull(none.withState(elsewhere).files().controlSocket());
  }

  @Test
  void controlSocketThatIsTooLongIsOneSentence() throws Exception {
    String longest = "/" + "a".repeat(105);
    assertEquals(
        Path.of(longest),
        read(PORTS + "control-socket = " + longest + "\n").files().controlSocket());
    SettingsException wrong =
        assertThrows(
            SettingsException.class, () -> read(PORTS + "control-socket = " + longest + "a\n"));
    assertTrue(
        String.valueOf(wrong.getMessage())
            .endsWith("a: allowed: none, or a path of at most 106 bytes, not 107"),
        wrong.getMessage());
  }

  @Test
  void xdpKeysAreReadAndRingsAreRoundedUp() throws Exception {
    GatewaySettings settings =
        read(
            PORTS
                + """
                ring-frames = 3000
                pool-frames = 9000
                xdp-mode = native
                xdp-copy = zero-copy
                xdp-need-wakeup = off
                xdp-transmit-budget = 4096
                xdp-busy-poll-us = 20
                """);
    assertEquals(
        new XdpOptions(
            XdpOptions.Mode.NATIVE, XdpOptions.Copy.ZERO_COPY, 4096, 4096, false, 20, -1),
        settings.xdp());
    assertEquals(9000, settings.cut().poolFrames(6, 100), "what the operator sets is not added to");
    assertEquals(64, read(PORTS + "ring-frames = 64\n").xdp().transmitBudget());
    assertEquals(XdpOptions.Transmit.RING, read(PORTS + "transmit = ring\n").xdp().transmit());
    assertEquals(1 << 17, read(PORTS + "ring-frames = 131072\n").xdp().ringFrames());
  }

  private static List<String> strings(List<?> all) {
    return all.stream().map(Object::toString).toList();
  }

  @Test
  void portsArePartedByBlanksOrCommas() throws Exception {
    Map<String, List<String>> rows =
        Map.of(
            "a,b", List.of("a", "b"),
            "xdp:a, xdp:b@4095", List.of("xdp:a", "xdp:b@4095"),
            "xdp:a@0 packet:b", List.of("xdp:a@0", "packet:b"),
            "packet:a   memory:b", List.of("packet:a", "memory:b"),
            "pcap:i.pcap,o.pcap, memory:b", List.of("pcap:i.pcap,o.pcap", "memory:b"),
            "pcap:i.pcap,o.pcap pcap:j.pcap", List.of("pcap:i.pcap,o.pcap", "pcap:j.pcap"));
    for (Map.Entry<String, List<String>> row : rows.entrySet()) {
      assertEquals(row.getValue(), strings(read("ports = " + row.getKey() + "\n").ports()));
    }
  }

  @Test
  void shippedFileSetsOnlyWhatIsKnown() throws Exception {
    Path shipped = Path.of("..", "config");
    GatewaySettings settings = GatewaySettings.read(shipped);
    assertEquals(2, settings.ports().size());
    assertEquals(Set.of(GatewaySettings.TERMINAL_AUTH), settings.policy().requiredBundles());
    String text = Files.readString(shipped.resolve("sluice.cfg"));
    for (String key :
        List.of(
            "ports",
            "work-threads",
            "hash",
            "fragments",
            "malformed",
            "pool-frames",
            "data-frames",
            "ring-frames",
            "xdp-mode",
            "xdp-copy",
            "xdp-need-wakeup",
            "xdp-transmit-budget",
            "xdp-busy-poll-us",
            "recv-queue",
            "send-queue",
            "batch",
            "idle",
            "affinity",
            "required-bundles",
            "swap-patience-ms",
            "state-dir",
            "event-log",
            "counters-file")) {
      assertTrue(text.contains("\n" + key + " =") || text.contains("\n#" + key + " ="), key);
    }
  }

  @Test
  void eachErrorNamesFileKeyValueAndWhatIsAllowed() throws Exception {
    List<List<String>> rows =
        List.of(
            row("", "ports is not set: give an even number of ports"),
            row("\ufeffports = a, b\n", "begins with a byte order mark"),
            row("ports = a\n", "ports = a: allowed: an even number"),
            row("ports = a, b, c\n", "ports = a, b, c: allowed: an even number"),
            row(
                "ports = a, a\n",
                "ports = a, a: allowed: an even number of ports up to 64, each once"),
            row("ports = a, packet:a\n", "ports = a, packet:a: allowed: each interface once"),
            row("ports = a,,b\n", "ports = a,,b: allowed"),
            row("ports = eth/0, b\n", "ports = eth/0, b: allowed"),
            row("ports = a234567890123456, b\n", "ports = a234567890123456, b: allowed"),
            row("ports = dpdk:a, b\n", "ports = dpdk:a, b: allowed: an even number"),
            row("ports = XDP:a, b\n", "ports = XDP:a, b: allowed: an even number"),
            row("ports = :a, b\n", "ports = :a, b: allowed: an even number"),
            row("ports = xdp:, b\n", "ports = xdp:, b: allowed: an even number"),
            row("ports = xdp:@0, b\n", "ports = xdp:@0, b: allowed: an even number"),
            row("ports = xdp:a@, b\n", "ports = xdp:a@, b: allowed: a queue 0..4095"),
            row("ports = xdp:a@x, b\n", "behind the @, not 'x'"),
            row("ports = xdp:a@-1, b\n", "behind the @, not '-1'"),
            row("ports = xdp:a@1@2, b\n", "behind the @, not '1@2'"),
            row("ports = xdp:a@4096, b\n", "behind the @, not '4096'"),
            row("ports = xdp:a@99999, b\n", "behind the @, not '99999'"),
            row("ports = a@0, b\n", "allowed: a queue for xdp: alone, as in xdp:a@0"),
            row("ports = packet:a@0, b\n", "allowed: a queue for xdp: alone"),
            row("ports = xdp:a@0, xdp:a@1\n", "allowed: each interface once; all queues of a"),
            row("ports = xdp:a, packet:a\n", "allowed: each interface once"),
            row("ports = a, xdp:a@1\n", "allowed: each interface once"),
            row("ports = xdp:a, xdp:a\n", "allowed: an even number of ports up to 64, each once"),
            row(PORTS + "xdp-mode = skb\n", "xdp-mode = skb: allowed: one of best, native, gen"),
            row(PORTS + "xdp-copy = zerocopy\n", "allowed: one of best, zero-copy, copy"),
            row(PORTS + "xdp-copy = zero-copy\nxdp-mode = generic\n", "allowed: best or copy"),
            row(PORTS + "xdp-need-wakeup = true\n", "allowed: one of on, off"),
            row(PORTS + "xdp-transmit-budget = 31\n", "allowed: 32..131072"),
            row(PORTS + "xdp-transmit-budget = all\n", "allowed: a whole number, 32..131072"),
            row(
                PORTS + "xdp-transmit-budget = 257\nring-frames = 200\n",
                "xdp-transmit-budget = 257: allowed: at most ring-frames, here 32..256"),
            row(PORTS + "xdp-busy-poll-us = 1001\n", "xdp-busy-poll-us = 1001: allowed: 0..1000"),
            row(PORTS + "xdp-busy-poll-us = -1\n", "xdp-busy-poll-us = -1: allowed: 0..1000"),
            row(PORTS + "xdp-queue = 1\n", "xdp-queue = 1: unknown key"),
            row("ports = pcap:, b\n", "ports = pcap:, b: allowed"),
            row(PORTS + "work-threads = 65\n", "work-threads = 65: allowed: 0..64"),
            row(PORTS + "work-threads = -1\n", "work-threads = -1: allowed: 0..64"),
            row(
                PORTS + "work-threads = two\n",
                "work-threads = two: allowed: a whole number, 0..64"),
            row(PORTS + "hash = md5\n", "hash = md5: allowed: one of flow, four-tuple-xor"),
            row(
                PORTS + "hash = round-robin\nwork-threads = 2\n",
                "hash = round-robin: allowed: flow"),
            row(PORTS + "fragments = keep\n", "fragments = keep: allowed: one of drop, pass"),
            row(PORTS + "malformed = keep\n", "malformed = keep: allowed: one of drop, pass"),
            row(PORTS + "pool-frames = 63\n", "pool-frames = 63: allowed: 64..2097152"),
            row(PORTS + "data-frames = 0\n", "data-frames = 0: allowed: 64..1048576"),
            row(PORTS + "ring-frames = 1\n", "ring-frames = 1: allowed: 64..131072"),
            row(PORTS + "ring-frames = 131073\n", "ring-frames = 131073: allowed: 64..131072"),
            row(PORTS + "recv-queue = 1\n", "recv-queue = 1: allowed: 64..1048576"),
            row(PORTS + "send-queue = 99999999\n", "send-queue = 99999999: allowed: 64..8388608"),
            row(PORTS + "batch = 1025\n", "batch = 1025: allowed: 1..1024"),
            row(PORTS + "batch = 65\nrecv-queue = 64\n", "batch = 65: allowed: at most recv-queue"),
            row(PORTS + "idle = sleep\n", "idle = sleep: allowed: one of spin, yield, poll"),
            row(
                PORTS + "affinity = 1\nwork-threads = 2\n",
                "affinity = 1: allowed: auto, off, or 4 different"),
            row(
                PORTS + "affinity = 1,1,2,3\nwork-threads = 2\n",
                "affinity = 1,1,2,3: allowed: auto"),
            row(
                PORTS + "affinity = 1024\nwork-threads = 0\n",
                "affinity = 1024: allowed: auto, off, or one"),
            row(PORTS + "required-bundles =\n", "required-bundles = : allowed: symbolic names"),
            row(
                PORTS + "required-bundles = a b\n",
                "required-bundles = a b: allowed: symbolic names"),
            row(PORTS + "required-bundles = none, a\n", "required-bundles = none, a: allowed"),
            row(PORTS + "swap-patience-ms = 1\n", "swap-patience-ms = 1: allowed: 10..60000"),
            row(
                PORTS + "worker-threads = 1\n",
                "worker-threads = 1: unknown key; known keys: ports,"),
            row(PORTS + "idle = spin\nidle = poll\n", "idle = poll: set a second time"),
            row(PORTS + "hash = \\u00zz\n", "has \\u without four hexadecimal digits"));
    for (List<String> row : rows) {
      SettingsException refused =
          assertThrows(SettingsException.class, () -> read(row.getFirst()), row.toString());
      String told = String.valueOf(refused.getMessage());
      assertTrue(told.contains("sluice.cfg: ") && told.contains(row.getLast()), told);
    }
  }

  @Test
  void fileThatIsNoTextOrNotThereIsRefused() throws Exception {
    Files.write(folder.resolve("sluice.cfg"), new byte[] {'p', (byte) 0xff, (byte) 0xfe});
    SettingsException noText =
        assertThrows(SettingsException.class, () -> GatewaySettings.read(folder));
    assertTrue(String.valueOf(noText.getMessage()).endsWith("is not a text in UTF-8"));
    SettingsException missing =
        assertThrows(
            SettingsException.class, () -> GatewaySettings.read(folder.resolve("nowhere")));
    assertTrue(String.valueOf(missing.getMessage()).contains("no such file"));
  }

  @Test
  void roundRobinIsFineWhereNoConnectionIsTracked() throws Exception {
    String text = PORTS + "hash = round-robin\n";
    assertEquals(HashStrategy.ROUND_ROBIN, read(text + "work-threads = 1\n").policy().hash());
    assertEquals(
        HashStrategy.ROUND_ROBIN,
        read(text + "work-threads = 4\nrequired-bundles = none\n").policy().hash());
  }
}
