package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.FrameDevice;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.PacketDevice;
import dev.sluice.kernel.PacketOptions;
import dev.sluice.kernel.PortChecks;
import dev.sluice.kernel.XdpDevice;
import dev.sluice.kernel.XdpOptions;
import dev.sluice.kernel.XdpSupport;

/// What choosing and opening interfaces asks of the kernel; a seam for tests.
interface PortKernel {
  /// The kernel of this machine.
  PortKernel REAL =
      new PortKernel() {
        @Override
        public XdpSupport support(String interfaceName, boolean given) throws KernelException {
          // Trying attaches a program: not to the interface that the operator is logged in by.
          PortChecks.require(interfaceName);
          return XdpSupport.forPort(interfaceName, given);
        }

        @Override
        public FrameDevice xdp(String interfaceName, XdpOptions options, FramePool pool)
            throws KernelException {
          return XdpDevice.open(interfaceName, options, pool);
        }

        @Override
        public FrameDevice packet(String interfaceName, PacketOptions options, FramePool pool)
            throws KernelException {
          return PacketDevice.open(interfaceName, options, pool);
        }
      };

  /// What an interface can do, found out by trying.
  ///
  /// @param given whether it is to be opened by AF_XDP and by nothing else
  /// @throws KernelException if there is no such interface, or it is unsafe as a port
  XdpSupport support(String interfaceName, boolean given) throws KernelException;

  FrameDevice xdp(String interfaceName, XdpOptions options, FramePool pool) throws KernelException;

  FrameDevice packet(String interfaceName, PacketOptions options, FramePool pool)
      throws KernelException;
}
