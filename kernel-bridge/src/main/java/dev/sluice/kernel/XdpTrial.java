package dev.sluice.kernel;

import java.util.ArrayList;
import java.util.List;

/// What came of trying AF_XDP on an interface. Each trial is undone before the next.
///
/// @param refusals why what failed did
record XdpTrial(boolean nativeXdp, boolean genericXdp, boolean zeroCopy, List<String> refusals) {
  private static final int CHUNKS = 256;
  private static final XdpOptions ZERO_COPY =
      new XdpOptions(XdpOptions.Mode.NATIVE, XdpOptions.Copy.ZERO_COPY, 64, 32, true, 0, 0);
  private static final XdpOptions COPY =
      new XdpOptions(XdpOptions.Mode.BEST, XdpOptions.Copy.COPY, 64, 32, true, 0, 0);

  /// One thing that the kernel does or refuses.
  private interface Attempt {
    void run() throws KernelException;
  }

  /// How much is tried: a start waits for each attaching and detaching until all processors have
  /// been through, some 10 ms and more under load.
  enum Extent {
    /// Everything.
    ALL,

    /// Not what nobody needs who has the better.
    CHOICE,

    /// Nor whether sockets work at all: the back-end is given, and its opening finds out.
    GIVEN
  }

  static XdpTrial on(ControlSocket port, Extent extent) {
    List<String> refusals = new ArrayList<>();
    // While the name is ours no gateway can start in between.
    try (PortName _ = PortName.take(port.name(), port.index())) {
      boolean sockets = extent == Extent.GIVEN || works(refusals, () -> bind(port, COPY));
      boolean inDriver = works(refusals, () -> attach(port, XdpLink.Mode.NATIVE));
      boolean behind =
          (inDriver && extent != Extent.ALL)
              || works(refusals, () -> attach(port, XdpLink.Mode.GENERIC));
      boolean zeroCopy = sockets && inDriver && works(refusals, () -> bind(port, ZERO_COPY));
      return new XdpTrial(sockets && inDriver, sockets && behind, zeroCopy, refusals);
    } catch (KernelException e) {
      return new XdpTrial(false, false, false, List.of(e.getMessage()));
    }
  }

  private static boolean works(List<String> refusals, Attempt attempt) {
    try {
      attempt.run();
      return true;
    } catch (KernelException e) {
      refusals.add(e.getMessage());
      return false;
    }
  }

  /// Attaches a program that lets the host have every frame. A leftover stays, since the interface
  /// is to be as before; whoever opens it as a port replaces that, and sees then.
  private static void attach(ControlSocket port, XdpLink.Mode mode) throws KernelException {
    if (AttachedProgram.of(port).filter(AttachedProgram::isLeftover).isPresent()) {
      return;
    }
    BpfAssembler pass = new BpfAssembler().exit(UapiBpf.XDP_PASS);
    try (BpfProgram program = BpfProgram.load("sluice_probe", pass)) {
      AttachedProgram.attach(program, port, mode).close();
    }
  }

  private static void bind(ControlSocket port, XdpOptions options) throws KernelException {
    try (FramePool pool = FramePool.create(CHUNKS)) {
      pool.umem().close(pool.umem().open(port, 0, options));
    }
  }
}
