package dev.sluice.kernel;

import dev.sluice.kernel.XdpLink.Mode;
import java.util.ArrayDeque;
import java.util.Deque;

/// What a measuring instrument has made in the kernel: maps, programs and links, taken down in
/// reverse order. Not for concurrent use.
final class XdpParts implements AutoCloseable {
  private final Deque<Runnable> endings = new ArrayDeque<>();

  /// Memory that programs reach by [BpfAssembler#element].
  BpfMap memory(int bytes) throws KernelException {
    return array(bytes, 1);
  }

  BpfMap array(int valueBytes, int entries) throws KernelException {
    return owned(BpfMap.array(valueBytes, entries));
  }

  /// A map with one interface in it.
  BpfMap wayOut(int interfaceIndex) throws KernelException {
    BpfMap map = owned(BpfMap.interfaces(1));
    map.put(0, interfaceIndex);
    return map;
  }

  BpfProgram program(String name, BpfAssembler code) throws KernelException {
    BpfProgram program = BpfProgram.load(name, code);
    endings.push(program::close);
    return program;
  }

  LiveFrames liveFrames(BpfProgram program, byte[] frame) {
    LiveFrames frames = new LiveFrames(program, frame);
    endings.push(frames::close);
    return frames;
  }

  /// Attaches a program in one mode.
  void attach(BpfProgram program, String interfaceName, Mode mode) throws KernelException {
    XdpLink link = XdpLink.attach(program, index(interfaceName), interfaceName, mode);
    endings.push(link::close);
  }

  /// Attaches a program in the driver, or behind it if the driver cannot.
  void attach(BpfProgram program, String interfaceName) throws KernelException {
    try {
      attach(program, interfaceName, Mode.NATIVE);
    } catch (KernelException e) {
      if (e.errno() != Errno.EOPNOTSUPP) {
        throw e;
      }
      attach(program, interfaceName, Mode.GENERIC);
    }
  }

  /// An interface of the network namespace of this thread.
  static int index(String interfaceName) throws KernelException {
    try (ControlSocket control = new ControlSocket(interfaceName)) {
      return control.index();
    }
  }

  /// Idempotent.
  @Override
  public void close() {
    while (!endings.isEmpty()) {
      endings.pop().run();
    }
  }

  private BpfMap owned(BpfMap map) {
    endings.push(map::close);
    return map;
  }
}
