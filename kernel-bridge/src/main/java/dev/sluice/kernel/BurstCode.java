package dev.sluice.kernel;

import static dev.sluice.kernel.BpfAssembler.Register.R0;
import static dev.sluice.kernel.BpfAssembler.Register.R1;
import static dev.sluice.kernel.BpfAssembler.Register.R10;
import static dev.sluice.kernel.BpfAssembler.Register.R2;
import static dev.sluice.kernel.BpfAssembler.Register.R3;
import static dev.sluice.kernel.BpfAssembler.Register.R4;
import static dev.sluice.kernel.BpfAssembler.Register.R6;
import static dev.sluice.kernel.BpfAssembler.Register.R7;
import static dev.sluice.kernel.BpfAssembler.Register.R8;
import static dev.sluice.kernel.BpfAssembler.Register.R9;

import dev.sluice.kernel.BpfAssembler.Condition;
import dev.sluice.kernel.BpfAssembler.Label;
import dev.sluice.kernel.BpfAssembler.Operation;
import dev.sluice.kernel.BpfAssembler.Width;

/// The programs of an [XdpBurst], and where its maps have what.
///
/// The control map has what both programs and the process share. Each number has one writer at a
/// time: the process between two calls, the programs within one.
final class BurstCode {
  /// Frames made in this call, 64 bits.
  static final int MADE_AT = 0;

  /// Of these, how many it is known what became of, and how many the driver took; 64 bits each.
  static final int SETTLED_AT = 8;

  static final int TAKEN_AT = 16;

  /// Bytes that the kernel makes each frame with, 32 bits.
  static final int SIZE_AT = 24;

  /// The processor that the call runs on, 32 bits; -1 between two calls.
  static final int PROCESSOR_AT = 28;

  /// The last errno that a driver or the redirection answered in this call, 64 bits; 0 for none.
  static final int ERROR_AT = 32;

  static final int CONTROL_BYTES = 40;

  /// In a slot: the frame's length, 32 bits, and its bytes.
  static final int LENGTH_AT = 0;

  static final int FRAME_AT = 8;
  static final int SLOT_BYTES = FramePool.CHUNK_BYTES;

  /// A power of two.
  static final int SLOTS = 128;

  /// `LOOPBACK_IFINDEX` of `include/net/net_namespace.h`: the kernel's own frames seem to come from
  /// there.
  static final int LOOPBACK = 1;

  private static final int KEY_AT = -4;

  private BurstCode() {}

  /// Begins a program for a port: fills a frame that the kernel made from the next slot and sends
  /// it out. Any other frame is left to what follows.
  ///
  /// @param wayOut the port itself, at 0
  static void transmit(BpfAssembler code, BpfMap control, BpfMap slots, BpfMap wayOut) {
    Label arrived = new Label();
    Label fits = new Label();
    Label bad = new Label();
    int from = (int) IfPacket.offset(UapiBpf.STRUCT_XDP_MD, "ingress_ifindex");
    code.load(Width.WORD, R2, R1, from)
        .jumpIf(Condition.NOT_EQUAL, R2, LOOPBACK, arrived)
        .move(R6, R1)
        .element(R7, control)
        // First of all, or another processor's lot could be taken for one of these.
        .call(UapiBpf.BPF_FUNC_get_smp_processor_id)
        .store(Width.WORD, R7, PROCESSOR_AT, R0)
        .load(Width.DOUBLE, R8, R7, MADE_AT)
        .move(R1, R8)
        .compute(Operation.ADD, R1, 1)
        .store(Width.DOUBLE, R7, MADE_AT, R1)
        .compute(Operation.AND, R8, SLOTS - 1)
        .store(Width.WORD, R10, KEY_AT, R8)
        .map(R1, slots)
        .move(R2, R10)
        .compute(Operation.ADD, R2, KEY_AT)
        .call(UapiBpf.BPF_FUNC_map_lookup_elem)
        .jumpIf(Condition.EQUAL, R0, 0, bad)
        .move(R9, R0)
        .load(Width.WORD, R8, R9, LENGTH_AT)
        .jumpIf(Condition.LESS, R8, FrameFit.ETHERNET_BYTES, bad)
        .jumpIf(Condition.GREATER, R8, FramePool.FRAME_BYTES, bad)
        .load(Width.WORD, R1, R7, SIZE_AT)
        .move(R2, R8)
        .compute(Operation.SUBTRACT, R2, R1)
        .jumpIf(Condition.EQUAL, R2, 0, fits)
        .move(R1, R6)
        .call(UapiBpf.BPF_FUNC_xdp_adjust_tail)
        .jumpIf(Condition.NOT_EQUAL, R0, 0, bad)
        .mark(fits)
        .move(R1, R6)
        .move(R2, 0)
        .move(R3, R9)
        .compute(Operation.ADD, R3, FRAME_AT)
        .move(R4, R8)
        .call(UapiBpf.BPF_FUNC_xdp_store_bytes)
        .jumpIf(Condition.NOT_EQUAL, R0, 0, bad)
        .map(R1, wayOut)
        .move(R2, 0)
        .move(R3, UapiBpf.XDP_DROP)
        .call(UapiBpf.BPF_FUNC_redirect_map)
        .jumpIf(Condition.NOT_EQUAL, R0, UapiBpf.XDP_REDIRECT, bad) // the port is gone
        .exit()
        .mark(bad)
        .load(Width.DOUBLE, R1, R7, SETTLED_AT)
        .compute(Operation.ADD, R1, 1)
        .store(Width.DOUBLE, R7, SETTLED_AT, R1)
        .exit(UapiBpf.XDP_DROP)
        .mark(arrived);
  }

  /// For the tracepoint `xdp_devmap_xmit` of `include/trace/events/xdp.h`, whose arguments are the
  /// devices that a lot of frames came from and goes to, how many of it the driver took and how
  /// many not, and an errno.
  static BpfAssembler lots(BpfMap control) {
    int taken = 2 * Long.BYTES;
    int dropped = 3 * Long.BYTES;
    int error = 4 * Long.BYTES;
    int mostOfALot = 0xffff; // 16; these are of 32 bits, and the rest of the word may be anything
    Label foreign = new Label();
    return ofThisCall(control, foreign, error)
        .load(Width.DOUBLE, R3, R6, taken)
        .compute(Operation.AND, R3, mostOfALot)
        .load(Width.DOUBLE, R4, R6, dropped)
        .compute(Operation.AND, R4, mostOfALot)
        .compute(Operation.ADD, R2, R3)
        .compute(Operation.ADD, R2, R4)
        .store(Width.DOUBLE, R7, SETTLED_AT, R2)
        .load(Width.DOUBLE, R1, R7, TAKEN_AT)
        .compute(Operation.ADD, R1, R3)
        .store(Width.DOUBLE, R7, TAKEN_AT, R1)
        .mark(foreign)
        .exit(0);
  }

  /// For the tracepoint `xdp_redirect_err`, a frame that no driver was offered. Its arguments are
  /// device, program, target and an errno.
  static BpfAssembler errors(BpfMap control) {
    int error = 3 * Long.BYTES;
    Label foreign = new Label();
    return ofThisCall(control, foreign, error)
        .compute(Operation.ADD, R2, 1)
        .store(Width.DOUBLE, R7, SETTLED_AT, R2)
        .mark(foreign)
        .exit(0);
  }

  /// What is told is of this call if it is told on its processor while the fate of some frame is
  /// open: until all are settled, the kernel lets nothing else there redirect frames. Leaves in
  /// `R2` how many were settled before.
  ///
  /// @param error where the errno is
  private static BpfAssembler ofThisCall(BpfMap control, Label foreign, int error) {
    Label well = new Label();
    return new BpfAssembler()
        .move(R6, R1)
        .element(R7, control)
        .call(UapiBpf.BPF_FUNC_get_smp_processor_id)
        .load(Width.WORD, R1, R7, PROCESSOR_AT)
        .jumpIf(Condition.NOT_EQUAL, R0, R1, foreign)
        .load(Width.DOUBLE, R1, R7, MADE_AT)
        .load(Width.DOUBLE, R2, R7, SETTLED_AT)
        .jumpIf(Condition.GREATER_OR_EQUAL, R2, R1, foreign)
        .load(Width.DOUBLE, R1, R6, error)
        .compute32(Operation.ADD, R1, 0) // an int
        .jumpIf(Condition.EQUAL, R1, 0, well)
        .store(Width.DOUBLE, R7, ERROR_AT, R1)
        .mark(well);
  }
}
