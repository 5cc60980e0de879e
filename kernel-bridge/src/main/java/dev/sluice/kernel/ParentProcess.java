package dev.sluice.kernel;

/// The process that started this one, as its supervisor.
public final class ParentProcess {
  private static final int SIGKILL = 9; // include/uapi/asm-generic/signal.h

  private ParentProcess() {}

  /// Has the kernel kill this process when its parent ends, prctl(2), `PR_SET_PDEATHSIG`.
  ///
  /// The kernel keeps the signal with the calling thread, so that thread must live as long as the
  /// process; and the end that it waits for is that of the parent's thread which forked, so the
  /// parent must not have several.
  ///
  /// @param parent who is expected to be the parent
  /// @return false if that one is not, or no longer: it may have ended before the kernel knew
  /// @throws KernelException if the kernel refuses
  public static boolean dieWith(long parent) throws KernelException {
    Errno.require(ProcessCalls.setParentDeathSignal(SIGKILL), "Following the supervisor's end");
    return ProcessCalls.parent() == parent;
  }
}
