package dev.sluice.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.wire.Layers.Finding;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Mutated and random frames, each in memory of its own length, so that one byte too far is an
/// exception, and in longer memory, whose rest must not count. What a finding shows is read with
/// every getter of its view.
final class LayersFuzzTest {
  private static final int FRAMES = 150_000;
  private static final int SLACK_BYTES = 300;
  private static final byte[] POISONS = {0, 0x68, -1};

  private final Layers layers = new Layers();
  private final Layers inSteps = new Layers();
  private final ViewReading reading = new ViewReading();
  private final Map<Finding, Integer> findings = new EnumMap<>(Finding.class);
  private final int[] transports = new int[256];

  static LongStream seeds() {
    return FuzzRun.seeds();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void noFrameMakesAViewReachOutOfIt(long seed) {
    FrameMutator mutator = new FrameMutator(seed, WireFrames.all());
    int frames = FuzzRun.frames(FRAMES);
    for (int round = 0; round < frames; round++) {
      byte[] frame = {};
      try {
        frame = mutator.next();
        check(frame, (byte) round);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(FuzzRun.hint(seed, round) + ": " + hex(frame), e);
      }
    }
    for (Finding finding : Finding.values()) {
      assertTrue(findings.getOrDefault(finding, 0) > frames / 100, () -> "too few: " + finding);
    }
    for (int protocol : new int[] {1, 6, 17, 58, 59, 50}) {
      assertTrue(transports[protocol] > frames / 1000, () -> "too few: protocol " + protocol);
    }
    assertTrue(reading.apdus() > frames / 100, "too few APDUs");
  }

  @Test
  void noFrameCutShortAnywhereMakesAViewReachOutOfIt() {
    for (byte[] honest : WireFrames.all()) {
      for (int length = 0; length <= honest.length; length++) {
        for (byte poison : POISONS) {
          check(Arrays.copyOf(honest, length), poison);
        }
        // The rest of the frame itself is the most deceptive poison.
        long alone = digest(MemorySegment.ofArray(Arrays.copyOf(honest, length)), length);
        assertEquals(alone, digest(MemorySegment.ofArray(honest), length));
      }
    }
  }

  private void check(byte[] frame, byte poison) {
    MemorySegment memory = MemorySegment.ofArray(frame);
    Finding finding = layers.parse(memory, frame.length);
    findings.merge(finding, 1, Integer::sum);
    assertEquals(inSteps.parseInSteps(memory, frame.length), finding);
    assertEquals(found(inSteps), found(layers), "the short way finds something else");
    checkHidden(finding, frame.length);
    long alone = reading.read(memory, frame.length, layers, finding);
    if (layers.transportProtocol() >= 0) {
      transports[layers.transportProtocol()]++;
    }
    if (layers.payloadAt() >= 0) {
      checkChecksums(frame);
    }
    byte[] longer = new byte[frame.length + SLACK_BYTES];
    Arrays.fill(longer, poison);
    System.arraycopy(frame, 0, longer, 0, frame.length);
    assertEquals(alone, digest(MemorySegment.ofArray(longer), frame.length), "bytes behind count");
  }

  private static List<Integer> found(Layers of) {
    return List.of(
        of.vlanTags(),
        of.vlanKey(),
        of.etherType(),
        of.networkAt(),
        of.transportProtocol(),
        of.transportAt(),
        of.payloadAt(),
        of.endAt());
  }

  private long digest(MemorySegment memory, int length) {
    Finding finding = layers.parse(memory, length);
    return reading.read(memory, length, layers, finding);
  }

  private void checkHidden(Finding finding, int length) {
    assertTrue(0 <= layers.vlanTags() && layers.vlanTags() <= 2);
    assertEquals(layers.transportProtocol() == -1, layers.transportAt() == -1);
    if (finding != Finding.OK) {
      assertEquals(-1, layers.transportProtocol());
      assertEquals(-1, layers.payloadAt());
    }
    if (finding == Finding.MALFORMED) {
      assertEquals(-1, layers.networkAt());
      assertEquals(length, layers.endAt());
    }
  }

  /// Holds the checksum of transport against one that is computed as RFC 1071 and the RFCs of the
  /// pseudo headers have it, byte by byte.
  private void checkChecksums(byte[] frame) {
    MemorySegment memory = MemorySegment.ofArray(frame);
    int protocol = layers.transportProtocol();
    int at = layers.transportAt();
    int network = layers.networkAt();
    boolean udp = protocol == Udp.PROTOCOL;
    int end = udp ? at + Udp.datagramBytes(memory, at) : layers.endAt();
    int field = at + (protocol == Tcp.PROTOCOL ? 16 : udp ? 6 : 2);
    int found = ((frame[field] & 0xff) << 8) | (frame[field + 1] & 0xff);
    byte[] blank = frame.clone();
    blank[field] = 0;
    blank[field + 1] = 0;
    int naive = naive(blank, network, protocol, at, end);
    int expected = udp && naive == 0 ? 0xffff : naive;
    assertEquals(expected, Checksum.transport(memory, network, protocol, at, end));
    boolean none = udp && found == 0;
    boolean right =
        none ? frame[network] >>> 4 == 4 : naive(frame, network, protocol, at, end) == 0;
    assertEquals(right, Checksum.isTransportRight(memory, network, protocol, at, end));
  }

  private static int naive(byte[] frame, int network, int protocol, int at, int end) {
    boolean v6 = frame[network] >>> 4 == 6;
    ByteBuffer summed = ByteBuffer.allocate(40 + end - at);
    if (protocol != Icmp.PROTOCOL) {
      summed.put(frame, network + (v6 ? 8 : 12), v6 ? 32 : 8);
      summed.putInt(end - at).putInt(protocol);
    }
    summed.put(frame, at, end - at);
    return Frames.checksum(summed, 0, summed.position(), 0) & 0xffff;
  }

  private static String hex(byte[] frame) {
    return HexFormat.of().formatHex(frame);
  }
}
