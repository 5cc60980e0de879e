package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/// The CPUs that the calling thread may run on, sched_setaffinity(2).
public final class Affinity {
  private static final int MOST_CPUS = 8192; // CONFIG_NR_CPUS of the largest distribution kernels

  private Affinity() {}

  /// Numbers of the CPUs the calling thread may run on, ascending.
  ///
  /// @throws KernelException if the kernel refuses
  public static int[] allowedCpus() throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(MOST_CPUS / 8);
      Errno.require(SchedCalls.affinity(mask), "Asking for the CPUs of this thread");
      return BitSet.valueOf(mask.toArray(JAVA_BYTE)).stream().toArray();
    }
  }

  /// Binds the calling thread, and no other, to one CPU.
  ///
  /// @throws KernelException if there is no such CPU or this process may not use it
  public static void pin(int cpu) throws KernelException {
    if (cpu < 0 || MOST_CPUS <= cpu) {
      throw new KernelException("There is no CPU " + cpu + ".", Errno.EINVAL);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(MOST_CPUS / 8);
      mask.set(JAVA_BYTE, cpu / 8, (byte) (1 << cpu % 8));
      Errno.require(SchedCalls.setAffinity(mask), "Binding this thread to CPU " + cpu);
    }
  }
}
