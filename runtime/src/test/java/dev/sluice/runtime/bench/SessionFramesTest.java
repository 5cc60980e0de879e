package dev.sluice.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.FramePattern;
import dev.sluice.wire.Checksum;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionFramesTest {
  private static final long MAC = 0x02_00_00_00_01_00L;
  private static final int IP = 14;
  private static final int TCP = 34;

  private static void assertChecksumsAreRight(byte[] bytes) {
    MemorySegment frame = MemorySegment.ofArray(bytes);
    assertTrue(Ipv4.isChecksumRight(frame, IP));
    int end = IP + Ipv4.totalBytes(frame, IP);
    assertTrue(Checksum.isTransportRight(frame, IP, Tcp.PROTOCOL, TCP, end));
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 61, 67, 68, 69, 124, 764, 1514})
  void checksumsAreRightInEveryFrameOfAPattern(int bytes) {
    FramePattern pattern = SessionFrames.pattern(MAC, bytes, SessionFrames.MOST_TERMINALS);
    assertEquals(bytes, pattern.frame().length);
    assertEquals(bytes >= 68, pattern.stampAt() >= 0);
    Random random = new Random(bytes);
    assertChecksumsAreRight(PatternFrames.frame(pattern, 0, 0, 0));
    assertChecksumsAreRight(PatternFrames.frame(pattern, 0, -1, -1));
    for (int i = 0; i < 10_000; i++) {
      int flow = random.nextInt(SessionFrames.MOST_TERMINALS);
      byte[] frame = PatternFrames.frame(pattern, flow, random.nextInt(), random.nextLong());
      assertChecksumsAreRight(frame);
      assertEquals(flow, SessionFrames.terminal(frame, Tcp.PSH | Tcp.ACK));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 54, 59, 1515})
  void otherLengthsAreRefused(int bytes) {
    assertThrows(IllegalArgumentException.class, () -> SessionFrames.pattern(MAC, bytes, 1));
  }

  @Test
  void segmentsOfTheHandshakeAreToldApart() {
    SessionFrames frames = new SessionFrames(MAC);
    for (int terminal : new int[] {0, 1, 255, 256, 999, SessionFrames.MOST_TERMINALS - 1}) {
      byte[][] segments = {
        frames.dial(terminal), frames.answer(terminal), frames.complete(terminal)
      };
      int[] flags = {Tcp.SYN, Tcp.SYN | Tcp.ACK, Tcp.ACK};
      for (int segment = 0; segment < segments.length; segment++) {
        assertChecksumsAreRight(segments[segment]);
        for (int asked = 0; asked < flags.length; asked++) {
          assertEquals(
              segment == asked ? terminal : -1,
              SessionFrames.terminal(segments[segment], flags[asked]));
        }
      }
    }
  }

  @Test
  void frameThatIsCutShortIsNoTerminals() {
    byte[] frame = new SessionFrames(MAC).dial(7);
    for (int length = 0; length < frame.length; length++) {
      assertEquals(-1, SessionFrames.terminal(Arrays.copyOf(frame, length), Tcp.SYN));
    }
  }

  @Test
  void frameOfAnotherKindIsNoTerminals() {
    byte[] frame = new SessionFrames(MAC).dial(7);
    for (int at : new int[] {12, 14, 16, 23, 47}) {
      byte[] other = frame.clone();
      other[at] ^= 0x11;
      assertEquals(-1, SessionFrames.terminal(other, Tcp.SYN), "byte " + at);
    }
  }
}
