package dev.sluice.runtime.embed;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.DeviceException;
import dev.sluice.plugin.FourTupleXor;
import dev.sluice.plugin.Gateway;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.MemorySegment;

/// The paper's order of use: define the callbacks, init, open both devices, dispatch.
final class PaperProgram {
  static Gateway start(MemorySegment greeting) throws DeviceException {
    Gateway gateway = Gateway.create();
    gateway.init(new FourTupleXor(), packet -> received(gateway, packet));
    Device terminals = gateway.openDevice("memory:terminals");
    gateway.openDevice("memory:master");
    gateway.dispatch(2);
    gateway.sendData(terminals, greeting);
    return gateway;
  }

  private static Verdict received(Gateway gateway, Packet packet) {
    gateway.sendPacket(packet.ingress().peer().orElseThrow(), packet);
    return Verdict.TAKEN;
  }

  private PaperProgram() {}
}
