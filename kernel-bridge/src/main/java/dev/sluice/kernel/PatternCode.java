package dev.sluice.kernel;

import static dev.sluice.kernel.BpfAssembler.Register.R0;
import static dev.sluice.kernel.BpfAssembler.Register.R1;
import static dev.sluice.kernel.BpfAssembler.Register.R2;
import static dev.sluice.kernel.BpfAssembler.Register.R3;
import static dev.sluice.kernel.BpfAssembler.Register.R4;
import static dev.sluice.kernel.BpfAssembler.Register.R6;
import static dev.sluice.kernel.BpfAssembler.Register.R7;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import dev.sluice.kernel.BpfAssembler.Condition;
import dev.sluice.kernel.BpfAssembler.Label;
import dev.sluice.kernel.BpfAssembler.Operation;
import dev.sluice.kernel.BpfAssembler.Register;
import dev.sluice.kernel.BpfAssembler.Width;

/// What XDP programs do with the frames of a [FramePattern], put into a program step by step.
///
/// A program has its context in `R6` and the frame's address in `R7` from [#recognise] on. Each
/// step overwrites `R0` to `R5`, if it says no more.
final class PatternCode {
  static final Register CONTEXT = R6;
  static final Register FRAME = R7;

  private static final int KEY_AT = -4; // on the stack

  private final BpfAssembler code;
  private final FramePattern pattern;

  PatternCode(BpfAssembler code, FramePattern pattern) {
    this.code = code;
    this.pattern = pattern;
  }

  /// Begins the program; goes to `other` unless the frame is long enough and has the marker.
  void recognise(Label other) {
    int marker =
        Short.toUnsignedInt(Short.reverseBytes((short) pattern.number(pattern.markerAt())));
    code.move(CONTEXT, R1);
    loadContext(FRAME, "data");
    loadContext(R2, "data_end");
    code.move(R3, FRAME)
        .compute(Operation.ADD, R3, pattern.neededBytes())
        .jumpIf(Condition.GREATER, R3, R2, other)
        .load(Width.HALF, R3, FRAME, pattern.markerAt())
        .jumpIf(Condition.NOT_EQUAL, R3, marker, other);
  }

  /// Loads a member of `struct xdp_md`.
  void loadContext(Register to, String member) {
    int at = (int) UapiBpf.STRUCT_XDP_MD.byteOffset(groupElement(member));
    code.load(Width.WORD, to, CONTEXT, at);
  }

  /// Overwrites only `to`.
  void loadSequence(Register to) {
    code.load(Width.WORD, to, FRAME, pattern.sequenceAt()).toBigEndian(to, 32);
  }

  /// Overwrites only `R1`.
  void storeSequence(Register from) {
    code.move(R1, from).toBigEndian(R1, 32).store(Width.WORD, FRAME, pattern.sequenceAt(), R1);
  }

  /// Overwrites only `to`.
  void loadStamp(Register to) {
    code.load(Width.DOUBLE, to, FRAME, pattern.stampAt()).toBigEndian(to, 64);
  }

  /// Overwrites only `to`.
  void loadVersion(Register to) {
    code.load(Width.WORD, to, FRAME, pattern.versionAt()).toBigEndian(to, 32);
  }

  /// Overwrites only `R1`.
  void storeStamp(Register from) {
    code.move(R1, from).toBigEndian(R1, 64).store(Width.DOUBLE, FRAME, pattern.stampAt(), R1);
  }

  /// The flow of the frame with a sequence number. Overwrites only `to`.
  void flow(Register to, Register sequence) {
    int flows = pattern.flows();
    code.move(to, sequence);
    if (Integer.bitCount(flows) == 1) {
      code.compute(Operation.AND, to, flows - 1);
    } else {
      code.compute(Operation.MODULO, to, flows);
    }
  }

  /// Swaps destination and source.
  void exchangeAddresses() {
    code.load(Width.WORD, R1, FRAME, 0)
        .load(Width.HALF, R2, FRAME, 4)
        .load(Width.WORD, R3, FRAME, 6)
        .load(Width.HALF, R4, FRAME, 10)
        .store(Width.WORD, FRAME, 0, R3)
        .store(Width.HALF, FRAME, 4, R4)
        .store(Width.WORD, FRAME, 6, R1)
        .store(Width.HALF, FRAME, 10, R2);
  }

  /// Adds 1 to a number in memory. Overwrites only `R1`.
  void count(Register base, int at) {
    code.move(R1, 1).add(Width.DOUBLE, base, at, R1);
  }

  /// Leaves in `R0` the address of an array's element, or goes to `beyond` if there is none.
  void element(BpfMap array, Register index, Label beyond) {
    code.store(Width.WORD, Register.R10, KEY_AT, index)
        .map(R1, array)
        .move(R2, Register.R10)
        .compute(Operation.ADD, R2, KEY_AT)
        .call(UapiBpf.BPF_FUNC_map_lookup_elem)
        .jumpIf(Condition.EQUAL, R0, 0, beyond);
  }

  /// Ends the program by transmitting the frame by the first interface of a map.
  void exitBy(BpfMap interfaces) {
    code.map(R1, interfaces)
        .move(R2, 0)
        .move(R3, UapiBpf.XDP_ABORTED) // if the interface is gone
        .call(UapiBpf.BPF_FUNC_redirect_map)
        .exit();
  }
}
