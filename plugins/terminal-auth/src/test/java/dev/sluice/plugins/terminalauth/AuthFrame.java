package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.FramePacket;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A frame that arrived at a port, as the runtime would present it.
final class AuthFrame extends FramePacket {
  AuthFrame(Device ingress, MemorySegment frame) {
    super(frame.toArray(ValueLayout.JAVA_BYTE), ingress, ingress);
  }
}
