package dev.sluice.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.sluice.wire.Frames;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class PaperStrategiesTest {
  private static final HashFunction FOUR = new FourTupleXor();
  private static final HashFunction TWO = new TwoTupleXor();

  private final byte[] there =
      Frames.ethernet().ipv4("10.1.2.3", "192.168.0.9").tcp(50_000, 2404, 0x18).hex("68").bytes();
  private final byte[] back =
      Frames.ethernet().ipv4("192.168.0.9", "10.1.2.3").tcp(2404, 50_000, 0x10).padded(60);

  @Test
  void roundRobinCountsFromZero() {
    RoundRobin roundRobin = new RoundRobin();
    FramePacket packet = new FramePacket(there);
    for (int i = 0; i < 100; i++) {
      assertEquals(i, roundRobin.hash(packet));
    }
    assertEquals(0, new RoundRobin().hash(packet));
  }

  @Test
  void twoTupleIsTheXorOfTheAddresses() {
    assertEquals(0x0a010203 ^ 0xc0a80009, TWO.hash(new FramePacket(there)));
  }

  @Test
  void fourTupleIsTheXorOfAddressesAndPorts() {
    int expected = 0x0a010203 ^ 0xc0a80009 ^ 50_000 ^ 2404;
    assertEquals(expected, FOUR.hash(new FramePacket(there)));
  }

  @Test
  void bothDirectionsGetTheSameNumber() {
    assertEquals(FOUR.hash(new FramePacket(there)), FOUR.hash(new FramePacket(back)));
    assertEquals(TWO.hash(new FramePacket(there)), TWO.hash(new FramePacket(back)));
  }

  @Test
  void exactlyTheNamedBytesCount() {
    for (int at = 0; at < there.length; at++) {
      byte[] changed = there.clone();
      changed[at] = (byte) (changed[at] ^ 0x40);
      assertCounts(FOUR, changed, 26 <= at && at <= 37);
      assertCounts(TWO, changed, 26 <= at && at <= 33);
    }
  }

  private void assertCounts(HashFunction strategy, byte[] changed, boolean counts) {
    int before = strategy.hash(new FramePacket(there));
    int after = strategy.hash(new FramePacket(changed));
    if (counts) {
      assertNotEquals(before, after);
    } else {
      assertEquals(before, after);
    }
  }

  @Test
  void shorterFrameHashesWhatIsThere() {
    for (int bytes = 14; bytes < there.length; bytes++) {
      byte[] zeroed = Arrays.copyOf(Arrays.copyOf(there, bytes), there.length);
      FramePacket cut = new FramePacket(there);
      cut.setLength(bytes);
      assertEquals(FOUR.hash(new FramePacket(zeroed)), FOUR.hash(cut), "cut to " + bytes);
      assertEquals(TWO.hash(new FramePacket(zeroed)), TWO.hash(cut), "cut to " + bytes);
      assertEquals(there[30], cut.memory().get(ValueLayout.JAVA_BYTE, 30), "stale bytes stay");
    }
  }
}
