package dev.sluice.plugins.iec104guard;

import dev.sluice.plugin.FramePacket;

/// A packet that would reach a handler.
final class TestPacket extends FramePacket {
  TestPacket(byte[] frame) {
    super(frame);
    if (!reachesHandlers()) {
      throw new IllegalArgumentException("the frame would not reach a handler");
    }
  }
}
