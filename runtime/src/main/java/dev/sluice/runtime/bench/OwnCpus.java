package dev.sluice.runtime.bench;

import dev.sluice.kernel.Affinity;
import dev.sluice.kernel.KernelException;
import java.io.IOException;
import java.util.Arrays;

/// Where the benchmark's own threads run: off the forwarder's CPU, as if they were on the machines
/// at the other ends of the wires. Programs that it starts run wherever it might at first.
final class OwnCpus implements AutoCloseable {
  private final int[] all;
  private final int[] left;

  private OwnCpus(int[] all, int[] left) {
    this.all = all;
    this.left = left;
  }

  /// Moves all threads of this process, and so those that they will start.
  ///
  /// @throws BenchException if the kernel refuses
  static OwnCpus without(int forwarder) throws BenchException {
    try {
      int[] all = Affinity.allowedCpus();
      int[] left = Arrays.stream(all).filter(cpu -> cpu != forwarder).toArray();
      Affinity.moveThreads(all, left);
      return new OwnCpus(all, left);
    } catch (KernelException e) {
      throw new BenchException("leaving the forwarder its CPU: " + e.getMessage(), e);
    }
  }

  /// Starts a program that may run on all of them.
  Process start(ProcessBuilder builder) throws IOException {
    Process process;
    try {
      Affinity.runOn(all);
      process = builder.start();
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      try {
        Affinity.runOn(left);
      } catch (KernelException e) {
        System.err.println("sluice bench: " + e.getMessage());
      }
    }
    return process;
  }

  /// Lets all threads run where they did.
  @Override
  public void close() {
    try {
      Affinity.moveThreads(left, all);
    } catch (KernelException e) {
      System.err.println("sluice bench: " + e.getMessage());
    }
  }
}
