package dev.sluice.runtime.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;

/// tcpdump(1) on one interface: a line for each frame that comes in there, or for each that leaves
/// by it. A port that AF_XDP receives from shows tcpdump nothing of what comes in: to be watched at
/// the other end of its wire.
final class Tcpdump implements AutoCloseable {
  /// Local experimental EtherType 1 (IEEE 802), which nobody else here uses.
  private static final String MARK_TYPE = "0x88b5";

  private static final byte[] MARK =
      HexFormat.of().parseHex("ffffffffffff" + "025500000001" + "88b5" + "00".repeat(46));

  private final Spawned process;

  private Tcpdump(Spawned process) {
    this.process = process;
  }

  /// What comes in. Returns when it watches.
  static Tcpdump on(String namespace, String interfaceName) throws Exception {
    return start(namespace, interfaceName, "in");
  }

  /// What leaves. Returns when it watches.
  static Tcpdump leaving(String namespace, String interfaceName) throws Exception {
    return start(namespace, interfaceName, "out");
  }

  private static Tcpdump start(String namespace, String interfaceName, String direction)
      throws Exception {
    Spawned process =
        Spawned.in(
            namespace,
            "tcpdump",
            "-i",
            interfaceName,
            "-Q",
            direction,
            "-l",
            "-e",
            "-n",
            "-tt",
            "--immediate-mode",
            "-Z",
            "root",
            "-B",
            "16384",
            "-s",
            "128");
    process.await("listening on");
    return new Tcpdump(process);
  }

  /// The frames so far, after everything that has come before this call is certainly among them: a
  /// marked frame is sent from further off, and looked for here. That shows as well that the
  /// witness is awake.
  ///
  /// @param farNamespace of an interface whose frames come by here
  List<String> frames(String farNamespace, String farInterface) throws Exception {
    long before = marks();
    try (RawPort far = new RawPort(farNamespace, farInterface)) {
      far.send(MARK);
      Await.until(() -> before < marks(), () -> "the marked frame");
    }
    return frames();
  }

  private List<String> frames() {
    return process.lines().stream()
        .filter(line -> line.contains("ethertype") && !line.contains(MARK_TYPE))
        .toList();
  }

  private long marks() {
    return process.lines().stream().filter(line -> line.contains(MARK_TYPE)).count();
  }

  /// Ends it, and checks that it has missed no frame.
  @Override
  public void close() throws InterruptedException {
    process.terminate();
    process.awaitEnd(LabSite.PATIENCE);
    assertTrue(
        process.lines().contains("0 packets dropped by kernel"),
        () -> "tcpdump missed frames: " + tail());
  }

  private List<String> tail() {
    List<String> lines = process.lines();
    return lines.subList(Math.max(0, lines.size() - 10), lines.size());
  }
}
