package dev.sluice.runtime.e2e;

import dev.sluice.kernel.Ethtool;
import dev.sluice.kernel.NetworkNamespace;
import dev.sluice.runtime.lab.LabTerminal;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Puts a terminal behind an access port of a VLAN: its address moves to an interface whose frames
/// go out by the terminal's wire with a tag, and those that come with this tag go to it. It needs
/// no 8021q in the kernel. The terminal stays so.
final class VlanWire implements AutoCloseable {
  /// The interface that has the address now.
  static final String STATION = "sta0";

  private static final String FAR = "sta1";
  private static final int TAG_AT = 12;
  private static final int TAG_BYTES = 4;
  private static final short TYPE = (short) 0x8100;

  private final short vlan;
  private final RawPort inside;
  private final RawPort outside;
  private final Thread thread;
  private volatile boolean closing;
  private volatile @Nullable Throwable failure;

  VlanWire(LabTerminal terminal, int vlan) throws Exception {
    this.vlan = (short) vlan;
    String namespace = terminal.namespace();
    LabSite.ip(namespace, "address flush dev " + LabTerminal.WIRE);
    LabSite.ip(namespace, "link add " + STATION + " type veth peer name " + FAR);
    LabSite.ip(namespace, "link set " + FAR + " addrgenmode none up");
    LabSite.ip(namespace, "link set " + STATION + " address " + terminal.hardwareAddress() + " up");
    LabSite.ip(namespace, "address add " + terminal.address() + "/24 dev " + STATION);
    LabSite.ip(namespace, "address add " + terminal.address6() + "/64 nodad dev " + STATION);
    NetworkNamespace.call(
        namespace,
        () -> {
          Ethtool.disableTransmitOffloads(STATION);
          return STATION;
        });
    inside = new RawPort(namespace, FAR);
    outside = new RawPort(namespace, LabTerminal.WIRE);
    thread = Thread.ofPlatform().name("vlan wire").daemon().start(this::carry);
  }

  private void carry() {
    try {
      while (!closing) {
        boolean idle = true;
        for (byte[] frame : inside.receive()) {
          outside.send(tagged(frame));
          idle = false;
        }
        for (byte[] frame : outside.receive()) {
          idle = false;
          if (isOurs(frame)) {
            inside.send(untagged(frame));
          }
        }
        if (idle) {
          LockSupport.parkNanos(200_000);
        }
      }
    } catch (InterruptedException | RuntimeException | Error e) {
      failure = e;
    }
  }

  private byte[] tagged(byte[] frame) {
    return ByteBuffer.allocate(frame.length + TAG_BYTES)
        .put(frame, 0, TAG_AT)
        .putShort(TYPE)
        .putShort(vlan)
        .put(frame, TAG_AT, frame.length - TAG_AT)
        .array();
  }

  private boolean isOurs(byte[] frame) {
    ByteBuffer bytes = ByteBuffer.wrap(frame);
    return frame.length >= TAG_AT + TAG_BYTES
        && bytes.getShort(TAG_AT) == TYPE
        && (bytes.getShort(TAG_AT + 2) & 0xfff) == vlan;
  }

  private static byte[] untagged(byte[] frame) {
    return ByteBuffer.allocate(frame.length - TAG_BYTES)
        .put(frame, 0, TAG_AT)
        .put(frame, TAG_AT + TAG_BYTES, frame.length - TAG_AT - TAG_BYTES)
        .array();
  }

  @Override
  public void close() throws InterruptedException {
    closing = true;
    thread.join();
    inside.close();
    outside.close();
    if (failure != null) {
      throw new AssertionError("the wire has failed", failure);
    }
  }
}
