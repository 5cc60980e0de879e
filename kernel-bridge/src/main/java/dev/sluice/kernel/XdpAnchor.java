package dev.sluice.kernel;

/// Keeps an XDP program attached where no frame ever comes: to the loopback interface of a network
/// namespace of its own, which ends with this. For programs that are run by `BPF_PROG_TEST_RUN`
/// alone, see [XdpBurst#begin]. It needs CAP_SYS_ADMIN.
final class XdpAnchor implements AutoCloseable {
  private static final String OWN_NAMESPACE = "/proc/thread-self/ns/net";

  private final XdpLink link;
  private final int namespace;

  private XdpAnchor(XdpLink link, int namespace) {
    this.link = link;
    this.namespace = namespace;
  }

  /// @throws KernelException if the kernel refuses
  static XdpAnchor attach(BpfProgram program) throws KernelException {
    try {
      return NetworkNamespace.callInNew(() -> attachHere(program));
    } catch (KernelException e) {
      throw e;
    } catch (Exception e) {
      throw new KernelException("Making a network namespace failed: " + e);
    }
  }

  private static XdpAnchor attachHere(BpfProgram program) throws KernelException {
    long outcome = FileCalls.openForReading(OWN_NAMESPACE);
    int namespace = (int) Errno.require(outcome, "Opening " + OWN_NAMESPACE);
    try {
      int loopback = BurstCode.LOOPBACK;
      return new XdpAnchor(
          XdpLink.attach(program, loopback, "lo", XdpLink.Mode.GENERIC), namespace);
    } catch (KernelException e) {
      FileCalls.close(namespace);
      throw e;
    }
  }

  /// To be called once.
  @Override
  public void close() {
    link.close();
    FileCalls.close(namespace);
  }
}
