package dev.sluice.kernel;

/// The kernel, or the state of the machine, refuses what was asked. The message is one sentence for
/// the operator: what was tried on what, what came back, and the remedy where there is one.
public final class KernelException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /// A refusal that has no errno.
  public KernelException(String message) {
    super(message);
    this.errno = 0;
  }

  /// A system call that failed.
  ///
  /// @param errno as in errno(3)
  public KernelException(String message, int errno) {
    super(message);
    this.errno = errno;
  }

  /// The call's errno, or 0 if no call failed.
  public int errno() {
    return errno;
  }
}
