package dev.sluice.runtime.bench;

import dev.sluice.kernel.FramePattern;
import java.nio.ByteBuffer;

/// The frames of a pattern, as its documentation says they are.
final class PatternFrames {
  private PatternFrames() {}

  /// Frame `sequence` of flow `flow`, with a stamp where the pattern has one.
  static byte[] frame(FramePattern pattern, int flow, int sequence, long stamp) {
    byte[] frame = pattern.frame().clone();
    ByteBuffer buffer = ByteBuffer.wrap(frame);
    add(buffer, pattern.flowAt(), flow);
    add(buffer, pattern.flowCheckAt(), -flow);
    buffer.putInt(pattern.sequenceAt(), sequence);
    long sum = (long) flow + (sequence >>> 16) + (sequence & 0xffff);
    if (pattern.stampAt() >= 0) {
      buffer.putLong(pattern.stampAt(), stamp);
      for (int shift = 0; shift < Long.SIZE; shift += 16) {
        sum += stamp >>> shift & 0xffff;
      }
    }
    sum += ~buffer.getShort(pattern.checkAt()) & 0xffff;
    while (sum > 0xffff) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    buffer.putShort(pattern.checkAt(), (short) ~sum);
    return frame;
  }

  private static void add(ByteBuffer buffer, int at, int number) {
    buffer.putShort(at, (short) (buffer.getShort(at) + number));
  }
}
