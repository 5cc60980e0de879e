package dev.sluice.runtime.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.wire.Frames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `bundle test`: a rule over the frames of a capture.
final class BundleReplayTest {
  @TempDir Path temp;
  private Path folder;

  @BeforeEach
  void project() {
    folder = temp.resolve("guard");
    assertEquals(0, CommandRun.of("new", folder).code());
  }

  private static byte[] udp(int port) {
    return Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1000, port).bytes();
  }

  /// Classic pcap of Ethernet: a header of 24 bytes, then 16 before each frame.
  private Path capture(byte[]... frames) throws IOException {
    ByteBuffer file = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
    file.putInt(0).putInt(0).putInt(65_535).putInt(1);
    for (byte[] frame : frames) {
      file.putInt(1).putInt(0).putInt(frame.length).putInt(frame.length).put(frame);
    }
    Path written = temp.resolve("a, b.pcap");
    Files.write(written, java.util.Arrays.copyOf(file.array(), file.position()));
    return written;
  }

  @Test
  void verdictsAreCountedByReason() throws Exception {
    byte[] lying = udp(70);
    lying[17] = 10; // the total length of its IP header
    CommandRun done =
        CommandRun.of("test", folder, "--pcap", capture(udp(69), udp(70), udp(69), lying, udp(1)));
    assertEquals(0, done.code(), done.err());
    assertEquals(
        List.of(
            "5 received: 2 passed, 0 answered, 0 held, 3 dropped",
            "       2 guard-blocked",
            "       1 malformed"),
        done.out().lines().toList());
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.noneMatch(file -> file.toString().endsWith(".jar")));
    }
  }

  @Test
  void settingsOfTheFolderHold() throws Exception {
    Files.writeString(folder.resolve("guard.cfg"), "ports = 70\n");
    CommandRun done = CommandRun.of("test", folder, "--pcap", capture(udp(69), udp(70)));
    assertEquals(
        "2 received: 1 passed, 0 answered, 0 held, 1 dropped",
        done.out().lines().findFirst().orElse(done.err()));
  }

  @Test
  void whatIsNoCaptureIsOneSentence() throws Exception {
    Path text = Files.writeString(temp.resolve("text"), "no capture at all, but long enough");
    for (Path file : List.of(text, temp.resolve("nowhere"), temp)) {
      CommandRun refused = CommandRun.of("test", folder, "--pcap", file);
      assertEquals(1, refused.code());
      assertEquals(1, refused.err().lines().count(), refused.err());
      assertTrue(refused.err().startsWith("sluice bundle: " + file + ": "), refused.err());
    }
    assertEquals(2, CommandRun.of("test", folder).code());
  }

  @Test
  void refusedBundleIsOneSentence() throws Exception {
    Files.writeString(folder.resolve("guard.cfg"), "ports = x\n");
    CommandRun refused = CommandRun.of("test", folder, "--pcap", capture(udp(69)));
    assertEquals(1, refused.code());
    assertEquals(
        "sluice bundle: a gateway would refuse it: guard.cfg: ports = x: allowed: UDP ports,"
            + " 0..65535, parted by commas\n",
        refused.err());
  }
}
