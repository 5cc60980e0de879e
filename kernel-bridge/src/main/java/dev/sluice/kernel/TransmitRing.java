package dev.sluice.kernel;

import static dev.sluice.kernel.IfPacket.STRUCT_TPACKET2_HDR;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// The writer of a TPACKET_V2 transmit ring whose socket has `PACKET_VNET_HDR` and `PACKET_LOSS`.
///
/// Three cursors that only grow: `tail <= kernel <= head`. Slots from `tail` wait for their
/// transmission to end, slots from `kernel` wait for the kernel to look at them, and `head` is the
/// next to be filled. One thread.
final class TransmitRing {
  private static final long STATUS = IfPacket.offset(STRUCT_TPACKET2_HDR, "tp_status");
  private static final long LEN = IfPacket.offset(STRUCT_TPACKET2_HDR, "tp_len");

  /// The kernel takes a slot's data from `tp_hdrlen - sizeof(struct sockaddr_ll)` on:
  /// tpacket_parse_header(), net/packet/af_packet.c.
  private static final long DATA_AT = STRUCT_TPACKET2_HDR.byteSize();

  private static final long FRAME_AT = DATA_AT + IfPacket.VIRTIO_NET_HDR_BYTES;

  /// Set while the kernel owes us the slot; other bits may tell of time stamps.
  private static final int TAKEN = IfPacket.TP_STATUS_SEND_REQUEST | IfPacket.TP_STATUS_SENDING;

  /// A length no slot can have: the kernel steps over such a slot.
  private static final int IMPOSSIBLE_LENGTH = Integer.MAX_VALUE;

  private static final VarHandle STATUS_WORD = JAVA_INT.varHandle();

  private final MemorySegment memory;
  private final int slotBytes;
  private final int slots;
  private long tail;
  private long kernel;
  private long head;

  /// Position that [#skip] made impossible, or -1.
  private long skipped = -1;

  private final Tally sent = new Tally();

  private final Tally failed = new Tally();

  /// A writer at the first slot.
  ///
  /// @param memory the whole ring, zero-filled
  /// @param slots a power of two
  TransmitRing(MemorySegment memory, int slotBytes, int slots) {
    this.memory = memory.asSlice(0, (long) slotBytes * slots);
    this.slotBytes = slotBytes;
    this.slots = slots;
  }

  /// Bytes of frame that a slot of `slotBytes` holds.
  static int frameBytes(int slotBytes) {
    return (int) (slotBytes - FRAME_AT);
  }

  /// Copies a frame into the next slot and offers it to the kernel.
  ///
  /// @return false if every slot is in use
  boolean put(MemorySegment frame, int length) {
    if (head - tail == slots) {
      return false;
    }
    long slot = slotAt(head);
    MemorySegment.copy(frame, JAVA_BYTE, 0, memory, JAVA_BYTE, slot + FRAME_AT, length);
    memory.set(JAVA_INT, slot + LEN, IfPacket.VIRTIO_NET_HDR_BYTES + length);
    // Release pairs with the read in __packet_get_status(), net/packet/af_packet.c: the kernel
    // sees length and bytes before it sees the request.
    STATUS_WORD.setRelease(memory, slot + STATUS, IfPacket.TP_STATUS_SEND_REQUEST);
    head++;
    return true;
  }

  /// Looks how far the kernel has come.
  void settle() {
    while (kernel < head && statusAt(kernel) != IfPacket.TP_STATUS_SEND_REQUEST) {
      if (kernel == skipped) {
        skipped = -1;
        failed.add(1);
      } else {
        sent.add(1);
      }
      kernel++;
    }
    while (tail < kernel && (statusAt(tail) & TAKEN) == 0) {
      tail++;
    }
  }

  /// Slots that the kernel has not looked at, as of the last [#settle].
  int pending() {
    return (int) (head - kernel);
  }

  /// Where the kernel stands, as of the last [#settle].
  long position() {
    return kernel;
  }

  /// Length of the frame the kernel would look at next; only with something pending.
  int nextLength() {
    return memory.get(JAVA_INT, slotAt(kernel) + LEN) - IfPacket.VIRTIO_NET_HDR_BYTES;
  }

  /// Makes the kernel step over the frame it would look at next, which then counts as failed.
  void skip() {
    memory.set(JAVA_INT, slotAt(kernel) + LEN, IMPOSSIBLE_LENGTH);
    skipped = kernel;
  }

  /// Takes back every frame the kernel has not looked at; they count as failed. Not while a call of
  /// the kernel on this ring is running.
  void discard() {
    for (long at = kernel; at < head; at++) {
      STATUS_WORD.setRelease(memory, slotAt(at) + STATUS, IfPacket.TP_STATUS_AVAILABLE);
    }
    failed.add(pending());
    head = kernel; // the kernel's own cursor stands there: it moves only over requests it took
    skipped = -1;
  }

  /// Counts a frame that was not put into the ring, since it can never be sent.
  void refuse() {
    failed.add(1);
  }

  /// Frames the kernel took. Any thread.
  long sent() {
    return sent.value();
  }

  /// Frames it did not take. Any thread.
  long failed() {
    return failed.value();
  }

  private int statusAt(long position) {
    // Acquire pairs with the smp_wmb() before the status is stored in __packet_set_status().
    return (int) STATUS_WORD.getAcquire(memory, slotAt(position) + STATUS);
  }

  private long slotAt(long position) {
    return (position & (slots - 1)) * slotBytes;
  }
}
