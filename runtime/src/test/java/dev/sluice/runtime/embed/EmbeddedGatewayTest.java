package dev.sluice.runtime.embed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.MemoryDevice;
import dev.sluice.kernel.MemoryWire;
import dev.sluice.plugin.Device;
import dev.sluice.plugin.DeviceException;
import dev.sluice.plugin.Gateway;
import dev.sluice.plugin.RoundRobin;
import dev.sluice.plugin.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class EmbeddedGatewayTest {
  @TempDir Path folder;

  @Test
  void thePapersProgramHashesReceivesAndSends() throws Exception {
    byte[] greeting = frame(60, 1);
    try (Gateway _ = PaperProgram.start(MemorySegment.ofArray(greeting))) {
      MemoryWire terminals = MemoryDevice.wire("terminals");
      MemoryWire master = MemoryDevice.wire("master");
      assertArrayEquals(greeting, next(terminals));
      for (int length = 60; length <= 1514; length += 7) {
        byte[] there = frame(length, length);
        assertTrue(terminals.offer(MemorySegment.ofArray(there), length));
        assertArrayEquals(there, next(master));
        byte[] back = frame(length, -length);
        assertTrue(master.offer(MemorySegment.ofArray(back), length));
        assertArrayEquals(back, next(terminals));
      }
    }
  }

  private static byte[] next(MemoryWire wire) {
    MemorySegment into = MemorySegment.ofArray(new byte[2048]);
    long start = System.nanoTime();
    while (System.nanoTime() - start < 10_000_000_000L) {
      int length = wire.poll(into);
      if (length > 0) {
        return into.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
      }
      LockSupport.parkNanos(50_000);
    }
    throw new AssertionError("no frame within 10 s");
  }

  /// A frame of an EtherType for experiments, filled at random.
  private static byte[] frame(int length, int seed) {
    byte[] frame = new byte[length];
    new Random(seed).nextBytes(frame);
    frame[12] = (byte) 0x88;
    frame[13] = (byte) 0xb5;
    return frame;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void whatIsReplayedFromAFileIsWrittenToAFile(int workThreads) throws Exception {
    Path in = folder.resolve("in.pcap");
    Path out = folder.resolve("out.pcap");
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      frames.add(frame(60 + i % 1455, i));
    }
    writePcap(in, frames);
    try (Gateway gateway = Gateway.create()) {
      gateway.init(_ -> 7, _ -> Verdict.PASS);
      gateway.openDevice("pcap:" + in);
      Device sink = gateway.openDevice("pcap:," + out);
      gateway.dispatch(workThreads);
      assertEquals("," + out, sink.name());
      while (!gateway.ended()) {
        LockSupport.parkNanos(1_000_000);
      }
    }
    assertSame(frames, readPcap(out));
  }

  private static void assertSame(List<byte[]> expected, List<byte[]> found) {
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), found.get(i), "frame " + i);
    }
  }

  private static void writePcap(Path file, List<byte[]> frames) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ByteBuffer head = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    head.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
    head.putInt(0).putInt(0).putInt(65_535).putInt(1);
    bytes.write(head.array());
    for (byte[] frame : frames) {
      ByteBuffer record = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
      record.putInt(1_700_000_000).putInt(0).putInt(frame.length).putInt(frame.length);
      bytes.write(record.array());
      bytes.write(frame);
    }
    Files.write(file, bytes.toByteArray());
  }

  private static List<byte[]> readPcap(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(24);
    List<byte[]> frames = new ArrayList<>();
    while (bytes.hasRemaining()) {
      bytes.getLong();
      byte[] frame = new byte[bytes.getInt()];
      bytes.getInt();
      bytes.get(frame);
      frames.add(frame);
    }
    return frames;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void closingDoesNotBlockAHandlerThatAsksForDevices(int workThreads) throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    Gateway gateway = Gateway.create();
    gateway.init(
        _ -> 0,
        _ -> {
          entered.countDown();
          LockSupport.parkNanos(30_000_000); // within what a handler may take
          gateway.device("asked");
          asked.countDown();
          return Verdict.PASS;
        });
    gateway.openDevice("memory:asked");
    gateway.dispatch(workThreads);
    assertTrue(MemoryDevice.wire("asked").offer(MemorySegment.ofArray(frame(60, 0)), 60));
    entered.await();
    gateway.close();
    assertEquals(0, asked.getCount(), "the handler came to its end before the gateway did");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aHandlerCannotCloseItsGatewayAndItsOwnerStillCan(int workThreads) throws Exception {
    AtomicReference<Throwable> told = new AtomicReference<>();
    Gateway gateway = Gateway.create();
    gateway.init(
        _ -> 0,
        _ -> {
          told.set(assertThrows(IllegalStateException.class, gateway::close));
          return Verdict.PASS;
        });
    gateway.openDevice("memory:self");
    gateway.dispatch(workThreads);
    assertTrue(MemoryDevice.wire("self").offer(MemorySegment.ofArray(frame(60, 0)), 60));
    while (told.get() == null) {
      LockSupport.parkNanos(1_000_000);
    }
    gateway.close();
    Gateway again = Gateway.create();
    again.openDevice("memory:self"); // the name is free: the device was closed
    again.close();
  }

  @Test
  void wrongOrderOfCallsIsRefused() throws Exception {
    try (Gateway gateway = Gateway.create()) {
      assertThrows(IllegalStateException.class, () -> gateway.dispatch(1));
      gateway.init(new RoundRobin(), _ -> Verdict.PASS);
      assertThrows(
          IllegalStateException.class, () -> gateway.init(new RoundRobin(), _ -> Verdict.PASS));
      assertThrows(IllegalStateException.class, () -> gateway.dispatch(1));
      Device device = gateway.openDevice("memory:order");
      MemorySegment frame = MemorySegment.ofArray(frame(60, 0));
      assertThrows(IllegalStateException.class, () -> gateway.sendData(device, frame));
      assertThrows(IllegalArgumentException.class, () -> gateway.dispatch(-1));
      assertThrows(IllegalArgumentException.class, () -> gateway.dispatch(65));
      gateway.dispatch(0);
      assertThrows(IllegalStateException.class, () -> gateway.dispatch(0));
      assertThrows(IllegalStateException.class, () -> gateway.openDevice("memory:late"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "packet:", "floppy:a", "packet:no-such-if", "pcap:no-such-file.pcap"})
  void aDeviceThatIsNotThereIsRefusedWithASentence(String name) {
    try (Gateway gateway = Gateway.create()) {
      DeviceException e = assertThrows(DeviceException.class, () -> gateway.openDevice(name));
      assertTrue(String.valueOf(e.getMessage()).length() > 20, e.getMessage());
    }
  }
}
