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
      Errno.require(SchedCalls.affinity(0, mask), "Asking for the CPUs of this thread");
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

  /// Has the calling thread, and no other, run on any of some CPUs; a process that it starts may
  /// run there too.
  ///
  /// @throws KernelException if there is none of them, or this process may use none
  public static void runOn(int[] cpus) throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = mask(arena, cpus);
      Errno.require(SchedCalls.setAffinity(0, mask), "Letting this thread run on some CPUs");
    }
  }

  private static MemorySegment mask(Arena arena, int[] cpus) {
    MemorySegment mask = arena.allocate(MOST_CPUS / 8);
    byte[] bits = set(cpus).toByteArray();
    MemorySegment.copy(bits, 0, mask, JAVA_BYTE, 0, bits.length);
    return mask;
  }

  /// Has threads of this process run on other CPUs, and so those that they will start: the JVM's
  /// compilers and collectors too. Only those are moved that may run on exactly the given CPUs now;
  /// whoever has bound a thread otherwise finds it as it was. A thread that ends meanwhile, or may
  /// not be bound, is passed over.
  ///
  /// @param from CPUs that the threads may run on now
  /// @param to CPUs that they are to run on
  /// @return how many threads were moved
  /// @throws KernelException if the threads cannot be listed
  public static int moveThreads(int[] from, int[] to) throws KernelException {
    Set<String> moved = new HashSet<>();
    BitSet now = set(from);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(MOST_CPUS / 8);
      MemorySegment next = mask(arena, to);
      // Twice, for a thread that starts another between its listing and its binding.
      for (int round = 0; round < 2; round++) {
        for (String name : threads()) {
          int thread = Integer.parseInt(name);
          mask.fill((byte) 0);
          if (SchedCalls.affinity(thread, mask) >= 0
              && BitSet.valueOf(mask.toArray(JAVA_BYTE)).equals(now)
              && SchedCalls.setAffinity(thread, next) == 0) {
            moved.add(name);
          }
        }
      }
    }
    return moved.size();
  }

  private static BitSet set(int[] cpus) {
    BitSet set = new BitSet(MOST_CPUS);
    for (int cpu : cpus) {
      set.set(cpu);
    }
    return set;
  }

  private static String[] threads() throws KernelException {
    String[] threads = new File("/proc/self/task").list();
    if (threads == null) {
      throw new KernelException("Listing the threads of this process", Errno.EINVAL);
    }
    return threads;
  }
}
