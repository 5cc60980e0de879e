package dev.sluice.kernel;

import static dev.sluice.kernel.BpfAssembler.Register.R0;
import static dev.sluice.kernel.BpfAssembler.Register.R1;
import static dev.sluice.kernel.BpfAssembler.Register.R2;
import static dev.sluice.kernel.BpfAssembler.Register.R3;
import static dev.sluice.kernel.BpfAssembler.Register.R4;
import static dev.sluice.kernel.BpfAssembler.Register.R5;

import dev.sluice.kernel.BpfAssembler.Condition;
import dev.sluice.kernel.BpfAssembler.Label;
import dev.sluice.kernel.BpfAssembler.Operation;
import dev.sluice.kernel.BpfAssembler.Register;
import dev.sluice.kernel.BpfAssembler.Width;

/// The part of an XDP program that tells frames which come again from those which come first. The
/// map it needs has for each 32 sequence numbers a bit each, below the number of the lap they are
/// of. Several processors may run it at once.
record SeenCode(BpfAssembler code, PatternCode frame) {
  /// Words of the map, 8 MiB: a power of two.
  static final int WORDS = 1 << 20;

  private static final int NUMBERS_PER_WORD_LOG = 5;
  private static final int LAP_LOG = NUMBERS_PER_WORD_LOG + 20;

  /// Sets the bit of a sequence number, and goes to `first` if it was not set. Words are used again
  /// every 2^25 numbers; then the word still has the number of an earlier lap, and is replaced.
  ///
  /// @param sequence one of `R6` to `R9`
  void note(BpfMap seen, Register sequence, Label first) {
    Label same = new Label();
    code.move(R1, sequence)
        .compute(Operation.SHIFT_RIGHT, R1, NUMBERS_PER_WORD_LOG)
        .compute(Operation.AND, R1, WORDS - 1);
    frame.element(seen, R1, first);
    code.move(R2, R0)
        .move(R3, sequence)
        .compute(Operation.AND, R3, (1 << NUMBERS_PER_WORD_LOG) - 1)
        .move(R1, 1)
        .compute(Operation.SHIFT_LEFT, R1, R3) // the bit
        .move(R3, sequence)
        .compute(Operation.SHIFT_RIGHT, R3, LAP_LOG)
        .load(Width.DOUBLE, R4, R2, 0)
        .move(R5, R4)
        .compute(Operation.SHIFT_RIGHT, R5, 32)
        .jumpIf(Condition.EQUAL, R5, R3, same);
    replaceLap(first);
    code.mark(same).move(R5, R1).fetchAndOr(Width.DOUBLE, R2, 0, R5);
    code.compute(Operation.AND, R5, R1).jumpIf(Condition.EQUAL, R5, 0, first);
  }

  /// Puts lap `R3` with bit `R1` where `R2` points, unless another processor has changed `R4` there
  /// by now, surely to the same lap.
  private void replaceLap(Label first) {
    code.compute(Operation.SHIFT_LEFT, R3, 32)
        .compute(Operation.OR, R3, R1)
        .move(R0, R4)
        .compareAndExchange(Width.DOUBLE, R2, 0, R3)
        .jumpIf(Condition.EQUAL, R0, R4, first);
  }
}
