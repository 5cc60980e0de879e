package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

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
      Errno.require(SchedCalls.setAffinity(0, mask), "Binding this thread to CPU " + cpu);
    }
  }

  /// Has every thread that this process has now, and so those that they will start, run on these
  /// CPUs alone: the JVM's compilers and collectors too. A thread that ends meanwhile, or may not
  /// be bound, is passed over.
  ///
  /// @return how many threads were bound
  /// @throws KernelException if the threads cannot be listed
  public static int confineProcess(int[] cpus) throws KernelException {
    Set<String> bound = new HashSet<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(MOST_CPUS / 8);
      for (int cpu : cpus) {
        int at = cpu / 8;
        mask.set(JAVA_BYTE, at, (byte) (mask.get(JAVA_BYTE, at) | 1 << cpu % 8));
      }
      // Twice, for a thread that starts another between its listing and its binding.
      for (int round = 0; round < 2; round++) {
        for (String thread : threads()) {
          if (SchedCalls.setAffinity(Integer.parseInt(thread), mask) == 0) {
            bound.add(thread);
          }
        }
      }
    }
    return bound.size();
  }

  private static String[] threads() throws KernelException {
    String[] threads = new File("/proc/self/task").list();
    if (threads == null) {
      throw new KernelException("Listing the threads of this process", Errno.EINVAL);
    }
    return threads;
  }
}
