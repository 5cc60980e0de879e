package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapDeviceTest {
  private static final int MICROSECONDS = 0xa1b2c3d4;
  private static final int NANOSECONDS = 0xa1b23c4d;

  private final FramePool pool = FramePools.of(1024);

  @TempDir private Path folder;

  @AfterEach
  void close() {
    pool.close();
  }

  private static ByteBuffer header(int magic, ByteOrder order) {
    ByteBuffer file = ByteBuffer.allocate(1 << 16).order(order);
    return file.putInt(magic)
        .putShort((short) 2)
        .putShort((short) 4)
        .putLong(0)
        .putInt(65535)
        .putInt(1);
  }

  private static ByteBuffer record(ByteBuffer file, int seconds, int fraction, byte[] frame) {
    return file.putInt(seconds)
        .putInt(fraction)
        .putInt(frame.length)
        .putInt(frame.length)
        .put(frame);
  }

  /// What was put into a buffer so far.
  private static byte[] bytes(ByteBuffer file) {
    byte[] bytes = new byte[file.position()];
    file.get(0, bytes);
    return bytes;
  }

  private Path write(String name, ByteBuffer file) throws IOException {
    Path path = folder.resolve(name);
    Files.write(path, bytes(file));
    return path;
  }

  private Port open(String files, PcapDevice.Pace pace) throws KernelException {
    return new Port(PcapDevice.open(files, pace, pool), pool, 0, 1024);
  }

  private Port replay(Path file) throws KernelException {
    Port port = open(file.toString(), PcapDevice.Pace.FULL_SPEED);
    port.device.start();
    return port;
  }

  @Test
  void bothByteOrdersAndBothUnitsAreRead() throws Exception {
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      for (int magic : new int[] {MICROSECONDS, NANOSECONDS}) {
        ByteBuffer file = header(magic, order);
        record(file, -2, 999, Frames.plain(60, 1)); // past 2038: seconds are unsigned
        try (Port port = replay(write("in", file))) {
          FrameBatch batch = port.batch;
          assertEquals(1, port.device.receive(batch, port.free));
          long nanos = magic == NANOSECONDS ? 999 : 999_000;
          assertEquals(4_294_967_294L * 1_000_000_000 + nanos, batch.arrivalNanos(0));
          assertEquals(60, batch.length(0));
        }
      }
    }
  }

  @Test
  void framesComeOutAsTheyWentIn() throws Exception {
    ByteBuffer file = header(NANOSECONDS, ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 40; i++) {
      record(file, i, i, Frames.plain(60 + i * 37, i));
    }
    Path in = write("in", file);
    Path out = folder.resolve("out");
    try (Port port = open(in + "," + out, PcapDevice.Pace.FULL_SPEED)) {
      port.device.start();
      for (byte[] frame : port.receive(40)) {
        assertTrue(port.send(frame));
      }
      assertEquals(new DeviceCounters(40, 0, 0, 40, 0), port.device.counters());
      assertEquals(1024, port.free.size());
    }
    try (Port port = replay(out)) {
      List<byte[]> frames = port.receive(40);
      for (int i = 0; i < 40; i++) {
        assertArrayEquals(Frames.plain(60 + i * 37, i), frames.get(i));
      }
    }
  }

  @Test
  void largeFileIsReadAndWrittenThroughItsBuffers() throws Exception {
    Path out = folder.resolve("large");
    try (Port port = open("," + out, PcapDevice.Pace.FULL_SPEED)) {
      for (int i = 0; i < 3000; i++) {
        assertTrue(port.send(Frames.plain(14 + i % 1700, i)));
      }
    }
    try (Port port = replay(out)) {
      List<byte[]> frames = port.receive(3000);
      for (int i = 0; i < 3000; i++) {
        assertArrayEquals(Frames.plain(14 + i % 1700, i), frames.get(i));
      }
      assertEquals(0, port.drain(2).size());
      assertTrue(port.device.ended());
    }
  }

  @Test
  void fileEndsOnceItIsRead() throws Exception {
    Path in = write("in", record(header(MICROSECONDS, ByteOrder.BIG_ENDIAN), 0, 0, new byte[60]));
    try (Port port = replay(in)) {
      assertFalse(port.device.ended());
      assertEquals(1, port.drain(300).size());
      assertTrue(port.device.ended());
      assertEquals(0, port.device.counters().tooLong());
    }
  }

  @Test
  void theEndIsNotToldBeforeTheLastFramesWereHandedOver() throws Exception {
    Path in = write("in", record(header(MICROSECONDS, ByteOrder.BIG_ENDIAN), 0, 0, new byte[60]));
    try (Port port = replay(in)) {
      assertEquals(1, port.device.receive(port.batch, port.free));
      assertFalse(port.device.ended(), "the caller has not counted the frame yet");
      port.batch.clear();
      assertEquals(0, port.device.receive(port.batch, port.free));
      assertTrue(port.device.ended());
    }
  }

  @Test
  void nothingArrivesBeforeStart() throws Exception {
    Path in = write("in", record(header(MICROSECONDS, ByteOrder.BIG_ENDIAN), 0, 0, new byte[60]));
    try (Port port = open(in.toString(), PcapDevice.Pace.FULL_SPEED)) {
      assertEquals(0, port.drain(3).size());
      assertFalse(port.device.ended());
    }
  }

  @Test
  void withoutInputItHasEndedAndWithoutOutputItCounts() throws Exception {
    Path in = write("in", header(MICROSECONDS, ByteOrder.BIG_ENDIAN));
    try (Port port = replay(in)) {
      assertTrue(port.send(new byte[60]));
      assertEquals(1, port.device.counters().sent());
    }
    try (Port port = open("," + folder.resolve("out"), PcapDevice.Pace.FULL_SPEED)) {
      assertTrue(port.device.ended());
      assertEquals(0, port.device.receive(port.batch, port.free));
    }
  }

  @Test
  void recordedPaceKeepsTheGaps() throws Exception {
    ByteBuffer file = header(MICROSECONDS, ByteOrder.LITTLE_ENDIAN);
    record(file, 5, 0, new byte[60]);
    record(file, 5, 60_000, new byte[60]);
    record(file, 4, 0, new byte[60]); // earlier than its predecessor: due at once
    try (Port port = open(write("in", file).toString(), PcapDevice.Pace.RECORDED)) {
      port.device.start();
      long begun = System.nanoTime();
      assertEquals(1, port.device.receive(port.batch, port.free));
      assertEquals(2, port.receive(2).size());
      assertTrue(System.nanoTime() - begun >= 60_000_000);
    }
  }

  @Test
  void framesHeldInPartOrTooLongAreCountedAndPassedOver() throws Exception {
    ByteBuffer file = header(MICROSECONDS, ByteOrder.LITTLE_ENDIAN);
    file.putLong(0).putInt(60).putInt(61).put(new byte[60]);
    record(file, 0, 0, new byte[FramePool.FRAME_BYTES + 1]);
    record(file, 0, 0, new byte[0]);
    record(file, 0, 0, Frames.plain(FramePool.FRAME_BYTES, 1));
    try (Port port = replay(write("in", file))) {
      assertArrayEquals(Frames.plain(FramePool.FRAME_BYTES, 1), port.receive(1).getFirst());
      assertEquals(new DeviceCounters(1, 0, 3, 0, 0), port.device.counters());
    }
  }

  @Test
  void everyCutEndsTheFileAndIsCounted() throws Exception {
    ByteBuffer file = header(MICROSECONDS, ByteOrder.LITTLE_ENDIAN);
    record(file, 0, 0, new byte[60]);
    int whole = file.position();
    record(file, 0, 0, new byte[60]);
    for (int length = whole; length < file.position(); length++) {
      Path cut = folder.resolve("cut");
      Files.write(cut, Arrays.copyOf(bytes(file), length));
      try (Port port = replay(cut)) {
        assertEquals(1, port.receive(1).size());
        assertEquals(0, port.device.receive(port.batch, port.free));
        assertTrue(port.device.ended());
        assertEquals(length == whole ? 0 : 1, port.device.counters().tooLong());
      }
    }
  }

  @Test
  void lyingRecordLengthEndsTheFile() throws Exception {
    for (int captured : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, (1 << 18) + 1, 101}) {
      ByteBuffer file = header(MICROSECONDS, ByteOrder.LITTLE_ENDIAN);
      file.putLong(0).putInt(captured).putInt(captured).put(new byte[100]);
      try (Port port = replay(write("in", file))) {
        assertEquals(0, port.drain(2).size());
        assertTrue(port.device.ended());
        assertEquals(1, port.device.counters().tooLong());
      }
    }
  }

  @Test
  void everyShorterHeaderIsRefused() throws Exception {
    byte[] header = bytes(header(MICROSECONDS, ByteOrder.LITTLE_ENDIAN));
    Path cut = folder.resolve("cut");
    for (int length = 0; length < 24; length++) {
      Files.write(cut, Arrays.copyOf(header, length));
      refused(cut.toString(), "The capture file " + cut + " is refused: it is shorter than");
    }
  }

  @Test
  void otherFilesAreRefusedWithTheRemedy() throws Exception {
    Path next = write("ng", ByteBuffer.allocate(32).putInt(0x0a0d0d0a).position(32));
    refused(next.toString(), "convert it with `editcap -F pcap IN OUT`");
    Path text =
        write(
            "text",
            ByteBuffer.wrap("not a capture file at all".getBytes(StandardCharsets.UTF_8))
                .position(25));
    refused(text.toString(), "it does not begin as a pcap file does");
    ByteBuffer cooked = header(MICROSECONDS, ByteOrder.BIG_ENDIAN);
    cooked.putInt(20, 113);
    refused(write("sll", cooked).toString(), "its link type is 113, not 1 (Ethernet)");
    ByteBuffer old = header(MICROSECONDS, ByteOrder.BIG_ENDIAN);
    old.putShort(4, (short) 1);
    refused(write("old", old).toString(), "its version is 1, not 2");
    refused(folder.resolve("none").toString(), "cannot be opened");
    refused("," + folder.resolve("no/folder"), "cannot be written");
    refused("", "A pcap device needs a file");
    refused(",", "A pcap device needs a file");
  }

  private void refused(String files, String sentence) {
    KernelException e =
        assertThrows(KernelException.class, () -> open(files, PcapDevice.Pace.FULL_SPEED));
    assertTrue(String.valueOf(e.getMessage()).contains(sentence), e.getMessage());
  }

  @Test
  void fullDiskIsRefusedAtOpening() {
    refused(",/dev/full", "The capture file /dev/full cannot be written");
  }

  @Test
  void fileIsNotReplayedOntoItself() throws Exception {
    Path in = write("in", record(header(MICROSECONDS, ByteOrder.BIG_ENDIAN), 0, 0, new byte[60]));
    refused(in + "," + folder.resolve("./in"), "is the one to read from");
    assertEquals(24 + 16 + 60, Files.size(in));
  }

  @Test
  void framesAllocateNothing() throws Exception {
    Path in = folder.resolve("many");
    try (Port port = open("," + in, PcapDevice.Pace.FULL_SPEED)) {
      byte[] frame = Frames.plain(60, 1);
      for (int i = 0; i < 1000; i++) {
        port.send(frame);
      }
    }
    FrameBatch batch = new FrameBatch(64);
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 200 && least > 0; round++) {
      try (Port port = open(in + "," + folder.resolve("copy"), PcapDevice.Pace.FULL_SPEED)) {
        port.device.start();
        long before = Exchange.allocatedBytes();
        while (!port.device.ended()) {
          batch.clear();
          port.device.receive(batch, port.free);
          port.device.send(batch, 0);
          port.device.flush();
          port.device.completed(port.free);
        }
        least = Math.min(least, Exchange.allocatedBytes() - before);
        assertEquals(1000, port.device.counters().sent());
      }
    }
    assertTrue(least < 1000, least + " bytes for 1000 frames"); // a read of the file allocates some
  }
}
