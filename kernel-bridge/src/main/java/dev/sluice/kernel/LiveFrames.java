package dev.sluice.kernel;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Runs an XDP program over frames made from nothing, and does with them what it says:
/// `BPF_PROG_TEST_RUN` with `BPF_F_TEST_XDP_LIVE_FRAMES`, `Documentation/bpf/bpf_prog_run.rst`.
///
/// The kernel copies the frame into a page once and uses the page again as it came back. A program
/// must write whatever may have changed, and add to nothing. The program meets the frames as if the
/// loopback interface had received them. Not for concurrent use; allocates nothing after it was
/// made.
final class LiveFrames implements AutoCloseable {
  /// Frames transmitted together; the kernel's default, `NAPI_POLL_WEIGHT`.
  private static final int BATCH_FRAMES = 64;

  private static final long REPEAT_AT = at("repeat");
  private static final long SIZE_OUT_AT = at("data_size_out");

  private final Arena arena = Arena.ofShared(); // whoever sends need not be who opened it
  private final MemorySegment attributes = arena.allocate(UapiBpf.ATTR_TEST_RUN);
  private final MemorySegment state = arena.allocate(Libc.STATE);

  LiveFrames(BpfProgram program, byte[] frame) {
    MemorySegment context = arena.allocate(UapiBpf.STRUCT_XDP_MD);
    context.set(JAVA_INT, 4, frame.length); // data_end; data is 0
    put("prog_fd", program.fd());
    put("data_size_in", frame.length);
    put("data_in", arena.allocateFrom(JAVA_BYTE, frame));
    put("ctx_size_in", (int) context.byteSize());
    put("ctx_in", context);
    put("flags", UapiBpf.BPF_F_TEST_XDP_LIVE_FRAMES);
    put("batch_size", BATCH_FRAMES);
  }

  /// Makes frames. What their transmission comes to is not known here.
  ///
  /// @return 0, or minus an errno; after `EINTR` and `ENOMEM` some were made
  long make(int frames) {
    attributes.set(JAVA_INT, REPEAT_AT, frames);
    attributes.set(JAVA_INT, SIZE_OUT_AT, 0); // the kernel writes there
    return BpfCalls.bpf(UapiBpf.BPF_PROG_TEST_RUN, attributes, state);
  }

  /// To be called once.
  @Override
  public void close() {
    arena.close();
  }

  private void put(String member, int value) {
    attributes.set(JAVA_INT, at(member), value);
  }

  private void put(String member, MemorySegment value) {
    attributes.set(JAVA_LONG, at(member), value.address());
  }

  private static long at(String member) {
    return UapiBpf.ATTR_TEST_RUN.byteOffset(groupElement(member));
  }
}
