package dev.sluice.wire;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Makes hostile frames out of honest ones, the same for the same seed. The tests of other modules
/// may use it.
///
/// It knows where headers start, so that half of what it writes hits a length, a type or an option,
/// with the numbers at which bounds checks go wrong. Half of the frames get right checksums again,
/// or few would come past those who verify them.
public final class FrameMutator {
  /// Longest frame that a chunk of the pool holds, in bytes.
  public static final int MAX_BYTES = 1792;

  private static final int[] OCTETS = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 0x0f, 0x11, 0x28, 0x2b, 0x2c, 0x33, 0x3a, 0x3c, 0x40, 0x44, 0x45,
    0x46, 0x4f, 0x50, 0x60, 0x68, 0x7f, 0x80, 0xf0, 0xfd, 0xfe, 0xff
  };
  private static final int[] WORDS = {
    0, 1, 7, 8, 19, 20, 21, 39, 40, 41, 46, 0x0800, 0x0806, 0x1fff, 0x2000, 0x5dc, 0x7fff, 0x8000,
    0x8100, 0x86dd, 0x88a8, 0xfff7, 0xffff
  };
  private static final int MAX_STEPS = 4;
  private static final int HEAD_BYTES = 40;

  private final SplittableRandom random;
  private final List<byte[]> honest;
  private final Layers layers = new Layers();

  /// @param honest frames to begin with, at least one
  public FrameMutator(long seed, List<byte[]> honest) {
    this.random = new SplittableRandom(seed);
    this.honest = List.copyOf(honest);
  }

  /// The next frame, 0 to [#MAX_BYTES] bytes.
  public byte[] next() {
    int kind = random.nextInt(16);
    byte[] frame = kind == 0 ? noise() : kind == 1 ? splice() : pick();
    return kind == 0 ? finished(frame) : mutated(frame);
  }

  /// This frame, changed or not.
  public byte[] mutated(byte[] frame) {
    byte[] changed = frame.clone();
    for (int steps = random.nextInt(MAX_STEPS); steps > 0; steps--) {
      changed = step(changed);
    }
    return finished(changed);
  }

  private byte[] finished(byte[] frame) {
    byte[] made = frame.length > MAX_BYTES ? Arrays.copyOf(frame, MAX_BYTES) : frame;
    if (random.nextBoolean()) {
      repair(made);
    }
    return made;
  }

  /// Writes right checksums into a frame, so far as its headers can be found.
  public void repair(byte[] frame) {
    MemorySegment memory = MemorySegment.ofArray(frame);
    layers.parse(memory, frame.length);
    int network = layers.networkAt();
    if (network >= 0 && layers.etherType() == Ethernet.TYPE_IPV4) {
      Ipv4.updateChecksum(memory, network);
    }
    if (layers.payloadAt() >= 0) {
      int protocol = layers.transportProtocol();
      int at = layers.transportAt();
      int end = protocol == Udp.PROTOCOL ? at + Udp.datagramBytes(memory, at) : layers.endAt();
      Checksum.updateTransport(memory, network, protocol, at, end);
    }
  }

  private byte[] pick() {
    return honest.get(random.nextInt(honest.size())).clone();
  }

  /// Nothing but noise, half of it with an EtherType and version that let it into a parser.
  private byte[] noise() {
    byte[] frame = new byte[random.nextInt(MAX_BYTES + 1)];
    random.nextBytes(frame);
    if (frame.length > 14 && random.nextBoolean()) {
      boolean v4 = random.nextBoolean();
      put16(frame, 12, v4 ? Ethernet.TYPE_IPV4 : Ethernet.TYPE_IPV6);
      frame[14] = (byte) (v4 ? 0x45 : 0x60);
    }
    return frame;
  }

  /// The front of one frame and the rear of another.
  private byte[] splice() {
    byte[] front = pick();
    byte[] rear = pick();
    int from = random.nextInt(rear.length);
    return replaced(front, random.nextInt(front.length + 1), front.length, rear, from, rear.length);
  }

  private byte[] step(byte[] frame) {
    if (frame.length == 0) {
      return frame;
    }
    switch (random.nextInt(12)) {
      case 0 -> {
        int at = anywhere(frame);
        frame[at] = (byte) (frame[at] ^ 1 << random.nextInt(8));
      }
      case 1 -> frame[anywhere(frame)] = (byte) random.nextInt();
      case 2 -> frame[anywhere(frame)] = (byte) (random.nextBoolean() ? 0 : 0xff);
      case 3, 4, 5, 6 -> frame[inHeader(frame)] = (byte) OCTETS[random.nextInt(OCTETS.length)];
      case 7, 8 -> put16(frame, inHeader(frame), word(frame));
      case 9 -> {
        return Arrays.copyOf(frame, random.nextInt(frame.length + 1));
      }
      case 10 -> {
        return Arrays.copyOf(frame, frame.length + random.nextInt(64));
      }
      default -> {
        return recut(frame);
      }
    }
    return frame;
  }

  /// A chunk is doubled, moved, taken out, or comes in from another frame.
  private byte[] recut(byte[] frame) {
    byte[] source = random.nextBoolean() ? frame : pick();
    int from = random.nextInt(source.length);
    int until = Math.min(source.length, from + random.nextInt(40));
    int at = random.nextInt(frame.length + 1);
    int end = random.nextBoolean() ? at : Math.min(frame.length, at + random.nextInt(24));
    return replaced(frame, at, end, source, from, until);
  }

  /// The frame with `[at, end)` replaced by `[from, until)` of another.
  private static byte[] replaced(
      byte[] frame, int at, int end, byte[] source, int from, int until) {
    int inserted = until - from;
    byte[] made = Arrays.copyOf(frame, frame.length - (end - at) + inserted);
    System.arraycopy(source, from, made, at, inserted);
    System.arraycopy(frame, end, made, at + inserted, frame.length - end);
    return made;
  }

  private int anywhere(byte[] frame) {
    return random.nextInt(frame.length);
  }

  /// A place in the first bytes of some layer, or anywhere if the frame does not have that one.
  private int inHeader(byte[] frame) {
    layers.parse(MemorySegment.ofArray(frame), frame.length);
    int start =
        switch (random.nextInt(4)) {
          case 0 -> layers.networkAt();
          case 1 -> layers.transportAt();
          case 2 -> layers.payloadAt();
          default -> (int) Ethernet.TYPE_AT;
        };
    int at = start + random.nextInt(HEAD_BYTES);
    return start < 0 || at >= frame.length ? anywhere(frame) : at;
  }

  /// A number that lengths go wrong at, often one near what is left of the frame.
  private int word(byte[] frame) {
    return random.nextBoolean()
        ? WORDS[random.nextInt(WORDS.length)]
        : frame.length - 14 + random.nextInt(64) - 48;
  }

  private static void put16(byte[] frame, int at, int value) {
    frame[at] = (byte) (value >>> 8);
    if (at + 1 < frame.length) {
      frame[at + 1] = (byte) value;
    }
  }
}
