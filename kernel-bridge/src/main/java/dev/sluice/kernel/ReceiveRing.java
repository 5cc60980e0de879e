package dev.sluice.kernel;

import static dev.sluice.kernel.IfPacket.STRUCT_TPACKET3_HDR;
import static dev.sluice.kernel.IfPacket.STRUCT_TPACKET_BLOCK_DESC;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The reader of a TPACKET_V3 receive ring: blocks that the kernel fills and hands over whole.
///
/// No number found in the ring is believed: each is read once and held against the bounds of its
/// block before it is used. A block that does not add up is given back, and its frames are counted.
/// One thread.
final class ReceiveRing {
  private static final long BLOCK_STATUS =
      IfPacket.offset(STRUCT_TPACKET_BLOCK_DESC, "hdr.bh1.block_status");
  private static final long NUM_PKTS =
      IfPacket.offset(STRUCT_TPACKET_BLOCK_DESC, "hdr.bh1.num_pkts");
  private static final long FIRST_PKT =
      IfPacket.offset(STRUCT_TPACKET_BLOCK_DESC, "hdr.bh1.offset_to_first_pkt");
  private static final long BLOCK_HEAD_BYTES = STRUCT_TPACKET_BLOCK_DESC.byteSize();

  private static final long NEXT = IfPacket.offset(STRUCT_TPACKET3_HDR, "tp_next_offset");
  private static final long SEC = IfPacket.offset(STRUCT_TPACKET3_HDR, "tp_sec");
  private static final long NSEC = IfPacket.offset(STRUCT_TPACKET3_HDR, "tp_nsec");
  private static final long SNAPLEN = IfPacket.offset(STRUCT_TPACKET3_HDR, "tp_snaplen");
  private static final long LEN = IfPacket.offset(STRUCT_TPACKET3_HDR, "tp_len");
  private static final long STATUS = IfPacket.offset(STRUCT_TPACKET3_HDR, "tp_status");
  private static final long MAC = IfPacket.offset(STRUCT_TPACKET3_HDR, "tp_mac");
  private static final long VLAN_TCI = IfPacket.offset(STRUCT_TPACKET3_HDR, "hv1.tp_vlan_tci");
  private static final long VLAN_TPID = IfPacket.offset(STRUCT_TPACKET3_HDR, "hv1.tp_vlan_tpid");
  private static final long FRAME_HEAD_BYTES = STRUCT_TPACKET3_HDR.byteSize();

  private static final ValueLayout.OfShort NETWORK_U16 =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final VarHandle BLOCK_STATUS_WORD = JAVA_INT.varHandle();

  private static final int ADDRESSES_BYTES = 12;
  private static final int ETHERNET_BYTES = 14;
  private static final int TAG_BYTES = 4;

  private final MemorySegment memory;
  private final int blockBytes;
  private final int blocks;
  private final FramePool pool;

  /// The block whose turn it is.
  private int block;

  /// Frames of that block not yet looked at; 0 while the kernel owns it.
  private int left;

  /// Where the next of them has its head, from the start of the ring.
  private long head;

  private final Tally received = new Tally();

  private final Tally tooLong = new Tally();

  /// A reader at the first block.
  ///
  /// @param memory the whole ring, `blocks` times `blockBytes`
  ReceiveRing(MemorySegment memory, int blockBytes, int blocks, FramePool pool) {
    this.memory = memory.asSlice(0, (long) blockBytes * blocks);
    this.blockBytes = blockBytes;
    this.blocks = blocks;
    this.pool = pool;
  }

  /// Copies frames out of the ring until `batch` is full, `free` is empty or nothing is ready.
  ///
  /// @return frames added
  int receive(FrameBatch batch, ChunkStack free) {
    int before = batch.count();
    while (batch.room() > 0 && free.size() > 0 && (left > 0 || open())) {
      take(batch, free);
      if (left == 0) {
        release();
      }
    }
    int added = batch.count() - before;
    received.add(added);
    return added;
  }

  /// Frames delivered. Any thread.
  long received() {
    return received.value();
  }

  /// Frames not delivered: longer than a chunk holds, cut short by the kernel, or in a block whose
  /// numbers do not add up. Any thread.
  long tooLong() {
    return tooLong.value();
  }

  /// Whether the block whose turn it is holds frames.
  private boolean open() {
    long start = (long) block * blockBytes;
    // Acquire pairs with the smp_mb() before BLOCK_STATUS is set in prb_flush_block(),
    // net/packet/af_packet.c: after it all frames of the block are visible.
    int status = (int) BLOCK_STATUS_WORD.getAcquire(memory, start + BLOCK_STATUS);
    if ((status & IfPacket.TP_STATUS_USER) == 0) {
      return false;
    }
    int frames = memory.get(JAVA_INT, start + NUM_PKTS);
    long first = Integer.toUnsignedLong(memory.get(JAVA_INT, start + FIRST_PKT));
    long most = (blockBytes - BLOCK_HEAD_BYTES) / FRAME_HEAD_BYTES;
    if (frames <= 0 || most < frames || first < BLOCK_HEAD_BYTES || !headFits(start + first)) {
      left = (int) Math.clamp((long) frames, 0, most);
      abandon();
      release();
      return false;
    }
    left = frames;
    head = start + first;
    return true;
  }

  /// Gives the block back to the kernel.
  private void release() {
    // Release pairs with the read of BLOCK_STATUS in prb_dispatch_next_block() and the smp_rmb()
    // of prb_curr_blk_in_use(): the kernel writes the block only after our last read of it.
    BLOCK_STATUS_WORD.setRelease(
        memory, (long) block * blockBytes + BLOCK_STATUS, IfPacket.TP_STATUS_KERNEL);
    block = block + 1 == blocks ? 0 : block + 1;
  }

  /// Takes the next frame, and finds the one after it.
  private void take(FrameBatch batch, ChunkStack free) {
    long at = head;
    long next = Integer.toUnsignedLong(memory.get(JAVA_INT_UNALIGNED, at + NEXT));
    long mac = Short.toUnsignedLong(memory.get(JAVA_SHORT_UNALIGNED, at + MAC));
    long bytes = Integer.toUnsignedLong(memory.get(JAVA_INT_UNALIGNED, at + SNAPLEN));
    boolean last = left == 1;
    if (mac < FRAME_HEAD_BYTES
        || blockEnd() - at < mac + bytes
        || (!last && (next < FRAME_HEAD_BYTES || !headFits(at + next)))) {
      abandon();
      return;
    }
    left--;
    head = at + next;
    deliver(at, mac, bytes, batch, free);
  }

  private void deliver(long at, long mac, long bytes, FrameBatch batch, ChunkStack free) {
    int status = memory.get(JAVA_INT_UNALIGNED, at + STATUS);
    boolean tagged = (status & IfPacket.TP_STATUS_VLAN_VALID) != 0;
    long length = tagged ? bytes + TAG_BYTES : bytes;
    long onWire = Integer.toUnsignedLong(memory.get(JAVA_INT_UNALIGNED, at + LEN));
    boolean cut = bytes < onWire || (status & IfPacket.TP_STATUS_COPY) != 0;
    if (cut || bytes < ETHERNET_BYTES || FramePool.FRAME_BYTES < length) {
      tooLong.add(1);
      return;
    }
    int chunk = free.pop();
    MemorySegment frame = pool.frame(chunk);
    if (tagged) {
      copyWithTag(at, mac, bytes, frame);
    } else {
      MemorySegment.copy(memory, JAVA_BYTE, at + mac, frame, JAVA_BYTE, 0, bytes);
    }
    int flag = (status & IfPacket.TP_STATUS_CSUMNOTREADY) != 0 ? FrameBatch.CHECKSUM_PARTIAL : 0;
    long seconds = Integer.toUnsignedLong(memory.get(JAVA_INT_UNALIGNED, at + SEC));
    long nanos = Integer.toUnsignedLong(memory.get(JAVA_INT_UNALIGNED, at + NSEC));
    batch.add(chunk, (int) length, flag, seconds * 1_000_000_000 + nanos);
  }

  /// Copies a frame and puts the tag that the kernel keeps beside it back behind the addresses.
  private void copyWithTag(long at, long mac, long bytes, MemorySegment frame) {
    int status = memory.get(JAVA_INT_UNALIGNED, at + STATUS);
    int tci = memory.get(JAVA_INT_UNALIGNED, at + VLAN_TCI);
    short tpid =
        (status & IfPacket.TP_STATUS_VLAN_TPID_VALID) != 0
            ? memory.get(JAVA_SHORT_UNALIGNED, at + VLAN_TPID)
            : (short) IfPacket.ETH_P_8021Q;
    long from = at + mac;
    MemorySegment.copy(memory, JAVA_BYTE, from, frame, JAVA_BYTE, 0, ADDRESSES_BYTES);
    frame.set(NETWORK_U16, ADDRESSES_BYTES, tpid);
    frame.set(NETWORK_U16, ADDRESSES_BYTES + 2, (short) tci);
    MemorySegment.copy(
        memory,
        JAVA_BYTE,
        from + ADDRESSES_BYTES,
        frame,
        JAVA_BYTE,
        ADDRESSES_BYTES + TAG_BYTES,
        bytes - ADDRESSES_BYTES);
  }

  private void abandon() {
    tooLong.add(left);
    left = 0;
  }

  private boolean headFits(long at) {
    return at + FRAME_HEAD_BYTES <= blockEnd();
  }

  private long blockEnd() {
    return (long) (block + 1) * blockBytes;
  }
}
