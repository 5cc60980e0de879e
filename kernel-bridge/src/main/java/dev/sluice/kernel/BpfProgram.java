package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/// A program that the kernel has verified and compiled. One for XDP runs once it is attached, by an
/// [XdpLink].
final class BpfProgram implements AutoCloseable {
  private static final int LOG_BYTES = 1 << 16;
  private static final int NAME_BYTES = 15;

  /// Of one loading.
  private static final int MOST_INTERRUPTIONS = 5;

  private final int fd;
  private final AtomicBoolean closed = new AtomicBoolean();

  private BpfProgram(int fd) {
    this.fd = fd;
  }

  /// Gives a program to the kernel.
  ///
  /// @param name what bpftool(8) shows, 1..15 letters, digits and underscores
  /// @throws KernelException if the kernel refuses, with the verifier's last line
  static BpfProgram load(String name, BpfAssembler code) throws KernelException {
    return load(UapiBpf.BPF_PROG_TYPE_XDP, name, code);
  }

  /// The same for a program of any type, one of `BPF_PROG_TYPE_*`.
  static BpfProgram load(int type, String name, BpfAssembler code) throws KernelException {
    boolean xdp = type == UapiBpf.BPF_PROG_TYPE_XDP;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment instructions = code.assemble(arena);
      MemorySegment attributes = arena.allocate(UapiBpf.ATTR_PROG_LOAD);
      attributes.set(JAVA_INT, 0, type);
      attributes.set(JAVA_INT, 4, (int) (instructions.byteSize() / Long.BYTES));
      attributes.set(JAVA_LONG, 8, instructions.address());
      attributes.set(JAVA_LONG, 16, arena.allocateFrom("Apache-2.0").address());
      attributes.set(JAVA_INT, 68, xdp ? UapiBpf.BPF_XDP : 0);
      attributes.setString(48, name.substring(0, Math.min(NAME_BYTES, name.length())));
      long outcome = load(attributes);
      if (outcome < 0 && outcome != -Errno.EPERM) { // EPERM comes before the verifier
        outcome = explained(name, attributes, (int) -outcome, arena);
      }
      return new BpfProgram(
          (int)
              BpfCalls.require(outcome, "Loading the " + (xdp ? "XDP " : "") + "program " + name));
    }
  }

  int fd() {
    return fd;
  }

  /// Not while it runs in [#fd]'s hands of another thread; attached programs stay. Idempotent.
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      FileCalls.close(fd);
    }
  }

  /// A signal, as a profiler sends them, makes the verifier give up with EAGAIN.
  private static long load(MemorySegment attributes) {
    long outcome = BpfCalls.bpf(UapiBpf.BPF_PROG_LOAD, attributes);
    for (int i = 0; outcome == -Errno.EAGAIN && i < MOST_INTERRUPTIONS; i++) {
      outcome = BpfCalls.bpf(UapiBpf.BPF_PROG_LOAD, attributes);
    }
    return outcome;
  }

  /// Asks again with a log.
  ///
  /// @return the program, if the kernel takes it now
  /// @throws KernelException with the line of the log that says why it does not
  private static long explained(String name, MemorySegment attributes, int errno, Arena arena)
      throws KernelException {
    MemorySegment log = arena.allocate(LOG_BYTES);
    attributes.set(JAVA_INT, 24, 1);
    attributes.set(JAVA_INT, 28, LOG_BYTES);
    attributes.set(JAVA_LONG, 32, log.address());
    long again = load(attributes);
    if (again >= 0) {
      return again;
    }
    String why =
        log.getString(0)
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith("processed "))
            .reduce((_, last) -> last)
            .orElse("the kernel does not say why");
    throw new KernelException(
        "Loading the XDP program " + name + " failed: " + Errno.name(errno) + ": " + why, errno);
  }
}
