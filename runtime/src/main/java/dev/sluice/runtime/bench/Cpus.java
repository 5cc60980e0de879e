package dev.sluice.runtime.bench;

import dev.sluice.kernel.Affinity;
import dev.sluice.kernel.KernelException;
import java.util.Arrays;
import java.util.List;

/// Which CPU does what.
///
/// @param generator makes the frames and, since a virtual wire hands them over at once, does what
///   the first port's driver does
/// @param forwarder runs what forwards, and the sink behind it
/// @param spare others
record Cpus(int generator, int forwarder, List<Integer> spare) {
  Cpus {
    spare = List.copyOf(spare);
  }

  /// The first two CPUs that this process may use, and the others.
  ///
  /// @throws BenchException if there are fewer than two
  static Cpus choose() throws BenchException {
    try {
      return of(Arrays.stream(Affinity.allowedCpus()).boxed().toList());
    } catch (KernelException e) {
      throw new BenchException(String.valueOf(e.getMessage()), e);
    }
  }

  static Cpus of(List<Integer> allowed) throws BenchException {
    if (allowed.size() < 2) {
      throw new BenchException(
          "a generator and a forwarder need a CPU each, but this process may use only "
              + allowed.size());
    }
    return new Cpus(allowed.get(0), allowed.get(1), allowed.subList(2, allowed.size()));
  }

  /// Cores for a pipelined gateway as its setting `affinity` wants them, `off` where there are too
  /// few.
  ///
  /// @param threads of the gateway
  String pipelined(int threads) {
    if (1 + spare.size() < threads) {
      return "off";
    }
    StringBuilder cores = new StringBuilder(String.valueOf(forwarder));
    spare.subList(0, threads - 1).forEach(core -> cores.append(", ").append(core));
    return cores.toString();
  }
}
