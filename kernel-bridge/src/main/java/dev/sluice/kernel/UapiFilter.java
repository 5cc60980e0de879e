package dev.sluice.kernel;

import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/// Names, numbers and layouts of `include/uapi/linux/filter.h` and `bpf_common.h`, Linux 6.1.
///
/// Every layout and number here is compared with the installed header by `KernelHeadersTest`.
final class UapiFilter {
  static final int BPF_RET = 6;

  static final StructLayout STRUCT_SOCK_FILTER =
      structLayout(
              JAVA_SHORT.withName("code"),
              JAVA_BYTE.withName("jt"),
              JAVA_BYTE.withName("jf"),
              JAVA_INT.withName("k"))
          .withName("sock_filter");

  static final StructLayout STRUCT_SOCK_FPROG =
      structLayout(JAVA_SHORT.withName("len"), paddingLayout(6), ADDRESS.withName("filter"))
          .withName("sock_fprog");

  private UapiFilter() {}
}
