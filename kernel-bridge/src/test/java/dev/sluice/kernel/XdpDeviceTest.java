package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// AF_XDP devices at both ends of a wire, on one pool.
@Privileged
class XdpDeviceTest {
  private static final int CHUNKS = 8192;

  private final LabNetwork network = new LabNetwork(false);
  private final FramePool pool = FramePools.of(2 * CHUNKS);
  private Port near = near();
  private Port far = open("far", CHUNKS);

  private Port near() {
    network.wire("near", "far");
    return open("near", 0);
  }

  private Port open(String name, int firstChunk) {
    try {
      XdpDevice device = network.call(() -> XdpDevice.open(name, XdpOptions.DEFAULT, pool));
      return new Port(device, pool, firstChunk, CHUNKS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /// The kernel has no chunk to receive into before the first call of `receive`.
  @BeforeEach
  void start() throws Exception {
    near.drain(1);
    far.drain(1);
    near.device.start();
    far.device.start();
  }

  @AfterEach
  void close() {
    near.close();
    far.close();
    network.close();
    pool.close();
  }

  @Test
  void everyLengthPassesBothWaysByteForByte() throws InterruptedException {
    for (int length = 60; length <= 1514; length++) {
      assertTrue(near.send(Frames.plain(length, length)));
      assertTrue(far.send(Frames.plain(length, -length)));
      if (length % 50 == 0 || length == 1514) {
        compare(length);
      }
    }
  }

  private void compare(int until) throws InterruptedException {
    int from = until == 1514 ? 1501 : Math.max(60, until - 49);
    List<byte[]> there = far.receive(until - from + 1);
    List<byte[]> back = near.receive(until - from + 1);
    for (int length = from; length <= until; length++) {
      assertArrayEquals(Frames.plain(length, length), there.get(length - from));
      assertArrayEquals(Frames.plain(length, -length), back.get(length - from));
    }
  }
}
