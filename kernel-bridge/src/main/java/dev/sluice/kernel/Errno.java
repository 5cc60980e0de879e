package dev.sluice.kernel;

import java.util.Map;

/// Numbers of errno(3), `include/uapi/asm-generic/errno-base.h` and `errno.h`, and how the operator
/// reads them.
final class Errno {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int ENXIO = 6;
  static final int EBADF = 9;
  static final int EAGAIN = 11;
  static final int ENOMEM = 12;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int EEXIST = 17;
  static final int ENODEV = 19;
  static final int EINVAL = 22;
  static final int ENOSPC = 28;
  static final int ERANGE = 34;
  static final int ENOSYS = 38;
  static final int EPROTONOSUPPORT = 93;
  static final int EOPNOTSUPP = 95;
  static final int EAFNOSUPPORT = 97;
  static final int EADDRINUSE = 98;
  static final int ENETDOWN = 100;
  static final int ENOBUFS = 105;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(EPERM, "EPERM, it needs CAP_NET_RAW, CAP_NET_ADMIN and, for XDP, CAP_BPF"),
          Map.entry(ENOENT, "ENOENT, there is no such thing"),
          Map.entry(EINTR, "EINTR"),
          Map.entry(ENXIO, "ENXIO, the device is gone"),
          Map.entry(EAGAIN, "EAGAIN"),
          Map.entry(ENOMEM, "ENOMEM, not enough memory"),
          Map.entry(EACCES, "EACCES, no permission"),
          Map.entry(EBUSY, "EBUSY, something else uses it"),
          Map.entry(EBADF, "EBADF"),
          Map.entry(EEXIST, "EEXIST, there is one already"),
          Map.entry(ENOSPC, "ENOSPC, there is no room"),
          Map.entry(ERANGE, "ERANGE, a number is too large"),
          Map.entry(ENOSYS, "ENOSYS, this kernel has no such call"),
          Map.entry(EPROTONOSUPPORT, "EPROTONOSUPPORT, this kernel is built without it"),
          Map.entry(EAFNOSUPPORT, "EAFNOSUPPORT, this kernel is built without it"),
          Map.entry(ENODEV, "ENODEV, there is no such interface"),
          Map.entry(EINVAL, "EINVAL, the kernel knows no such request"),
          Map.entry(EOPNOTSUPP, "EOPNOTSUPP, the driver cannot do it"),
          Map.entry(EADDRINUSE, "EADDRINUSE, something else has that address"),
          Map.entry(ENETDOWN, "ENETDOWN, the interface is down"),
          Map.entry(ENOBUFS, "ENOBUFS"));

  private Errno() {}

  /// Symbol and meaning, or the bare number of one that is not expected.
  static String name(int errno) {
    return NAMES.getOrDefault(errno, "errno " + errno);
  }

  /// The result of a call that must succeed.
  ///
  /// @param outcome as from [Libc#outcome]
  /// @param what the sentence's beginning: what was tried on what
  /// @throws KernelException if it is negative
  static long require(long outcome, String what) throws KernelException {
    if (outcome < 0) {
      int errno = (int) -outcome;
      throw new KernelException(what + " failed: " + name(errno), errno);
    }
    return outcome;
  }
}
