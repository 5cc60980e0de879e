package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.FramePacket;

/// A packet that came in by one of two paired ports.
final class TestPacket extends FramePacket {
  TestPacket(TestDevice ingress, byte[] frame) {
    super(frame, ingress, ingress.other());
  }
}
