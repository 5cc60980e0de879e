package dev.sluice.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// Writes programs for the kernel's virtual machine, one method for each kind of instruction,
/// `Documentation/bpf/standardization/instruction-set.rst`. Numbers are 64 bits wide unless the
/// method says otherwise. A value that a program reads from memory is in the host's byte order.
///
/// By the calling convention a helper takes its arguments in `R1` to `R5`, overwrites them, and
/// leaves its result in `R0`; `R6` to `R9` survive; `R10` is the read-only end of the stack.
final class BpfAssembler {
  enum Register {
    R0(0),
    R1(1),
    R2(2),
    R3(3),
    R4(4),
    R5(5),
    R6(6),
    R7(7),
    R8(8),
    R9(9),
    R10(10);

    private final int number;

    Register(int number) {
      this.number = number;
    }
  }

  /// Width of an access to memory.
  enum Width {
    BYTE(0x10),
    HALF(0x08),
    WORD(0x00),
    DOUBLE(0x18);

    private final int bits;

    Width(int bits) {
      this.bits = bits;
    }
  }

  /// Arithmetic; each has the operation's bits.
  enum Operation {
    ADD(0x00),
    SUBTRACT(0x10),
    MULTIPLY(0x20),
    DIVIDE(0x30),
    OR(0x40),
    AND(0x50),
    SHIFT_LEFT(0x60),
    SHIFT_RIGHT(0x70),
    MODULO(0x90),
    XOR(0xa0);

    private final int bits;

    Operation(int bits) {
      this.bits = bits;
    }
  }

  /// Comparisons of unsigned numbers.
  enum Condition {
    EQUAL(0x10),
    GREATER(0x20),
    GREATER_OR_EQUAL(0x30),
    ANY_BIT(0x40),
    NOT_EQUAL(0x50),
    LESS(0xa0),
    LESS_OR_EQUAL(0xb0);

    private final int bits;

    Condition(int bits) {
      this.bits = bits;
    }
  }

  /// A place in the program that jumps lead to; marked once, before or after them.
  static final class Label {
    private int at = -1;
  }

  private record Jump(int from, Label to) {}

  private static final int LD_DOUBLE_IMMEDIATE = 0x18;
  private static final int LDX = 0x61;
  private static final int ST = 0x62;
  private static final int STX = 0x63;
  private static final int STX_ATOMIC = 0xc3;
  private static final int ALU32 = 0x04;
  private static final int ALU64 = 0x07;
  private static final int FROM_REGISTER = 0x08;
  private static final int MOVE = 0xb0;
  private static final int TO_BIG_ENDIAN = 0xdc;
  private static final int JUMP = 0x05;
  private static final int CALL = 0x85;
  private static final int EXIT = 0x95;
  private static final int FETCH = 0x01;
  private static final int COMPARE_AND_EXCHANGE = 0xf0 | FETCH;

  private final List<Long> code = new ArrayList<>();
  private final List<Jump> jumps = new ArrayList<>();

  /// A copy of a register.
  BpfAssembler move(Register to, Register from) {
    return emit(ALU64 | MOVE | FROM_REGISTER, to, from, 0, 0);
  }

  /// A number, its sign extended to 64 bits.
  BpfAssembler move(Register to, int value) {
    return emit(ALU64 | MOVE, to, Register.R0, 0, value);
  }

  BpfAssembler compute(Operation operation, Register on, Register with) {
    return emit(ALU64 | operation.bits | FROM_REGISTER, on, with, 0, 0);
  }

  BpfAssembler compute(Operation operation, Register on, int with) {
    return emit(ALU64 | operation.bits, on, Register.R0, 0, with);
  }

  /// In 32 bits; the upper half of the register becomes zero.
  BpfAssembler compute32(Operation operation, Register on, Register with) {
    return emit(ALU32 | operation.bits | FROM_REGISTER, on, with, 0, 0);
  }

  /// In 32 bits; the upper half of the register becomes zero.
  BpfAssembler compute32(Operation operation, Register on, int with) {
    return emit(ALU32 | operation.bits, on, Register.R0, 0, with);
  }

  /// Changes between the host's byte order and that of the network.
  ///
  /// @param bits 16, 32 or 64; those above become zero
  BpfAssembler toBigEndian(Register on, int bits) {
    return emit(TO_BIG_ENDIAN, on, Register.R0, 0, bits);
  }

  BpfAssembler load(Width width, Register to, Register base, int offset) {
    return emit(LDX | width.bits, to, base, offset, 0);
  }

  BpfAssembler store(Width width, Register base, int offset, Register from) {
    return emit(STX | width.bits, base, from, offset, 0);
  }

  BpfAssembler store(Width width, Register base, int offset, int value) {
    return emit(ST | width.bits, base, Register.R0, offset, value);
  }

  /// Adds to a number in memory, in one step as other processors see it.
  ///
  /// @param width `WORD` or `DOUBLE`
  BpfAssembler add(Width width, Register base, int offset, Register from) {
    return emit(STX_ATOMIC | width.bits, base, from, offset, Operation.ADD.bits);
  }

  /// The same, and leaves in `from` what was there before.
  BpfAssembler fetchAndAdd(Width width, Register base, int offset, Register from) {
    return emit(STX_ATOMIC | width.bits, base, from, offset, Operation.ADD.bits | FETCH);
  }

  /// Sets bits of a number in memory, in one step, and leaves in `from` what was there before.
  ///
  /// @param width `WORD` or `DOUBLE`
  BpfAssembler fetchAndOr(Width width, Register base, int offset, Register from) {
    return emit(STX_ATOMIC | width.bits, base, from, offset, Operation.OR.bits | FETCH);
  }

  /// Replaces a number in memory by `from` if it equals `R0`, in one step, and leaves in `R0` what
  /// was there before.
  ///
  /// @param width `WORD` or `DOUBLE`
  BpfAssembler compareAndExchange(Width width, Register base, int offset, Register from) {
    return emit(STX_ATOMIC | width.bits, base, from, offset, COMPARE_AND_EXCHANGE);
  }

  /// The map itself, as helpers take it.
  BpfAssembler map(Register to, BpfMap map) {
    return wide(to, UapiBpf.BPF_PSEUDO_MAP_FD, map.fd(), 0);
  }

  /// The address of an array map's first element, whose bytes can be accessed as memory.
  BpfAssembler element(Register to, BpfMap map) {
    return wide(to, UapiBpf.BPF_PSEUDO_MAP_VALUE, map.fd(), 0);
  }

  /// A number of 64 bits.
  BpfAssembler moveWide(Register to, long value) {
    return wide(to, 0, (int) value, (int) (value >>> 32));
  }

  BpfAssembler jump(Label to) {
    jumps.add(new Jump(code.size(), to));
    return emit(JUMP, Register.R0, Register.R0, 0, 0);
  }

  BpfAssembler jumpIf(Condition condition, Register left, Register right, Label to) {
    jumps.add(new Jump(code.size(), to));
    return emit(JUMP | condition.bits | FROM_REGISTER, left, right, 0, 0);
  }

  BpfAssembler jumpIf(Condition condition, Register left, int right, Label to) {
    jumps.add(new Jump(code.size(), to));
    return emit(JUMP | condition.bits, left, Register.R0, 0, right);
  }

  /// Says that the next instruction is where the label stands.
  BpfAssembler mark(Label label) {
    if (label.at >= 0) {
      throw new IllegalStateException("the label stands at " + label.at + " already");
    }
    label.at = code.size();
    return this;
  }

  /// Calls a helper of the kernel.
  ///
  /// @param helper one of `BPF_FUNC_*`
  BpfAssembler call(int helper) {
    return emit(CALL, Register.R0, Register.R0, 0, helper);
  }

  /// Ends the program; its answer is in `R0`.
  BpfAssembler exit() {
    return emit(EXIT, Register.R0, Register.R0, 0, 0);
  }

  /// Ends the program with this answer.
  BpfAssembler exit(int answer) {
    return move(Register.R0, answer).exit();
  }

  /// The instructions, eight bytes each.
  MemorySegment assemble(Arena arena) {
    long[] words = code.stream().mapToLong(Long::longValue).toArray();
    for (Jump jump : jumps) {
      if (jump.to.at < 0) {
        throw new IllegalStateException("instruction " + jump.from + " jumps to no mark");
      }
      int distance = jump.to.at - jump.from - 1;
      if (distance != (short) distance) {
        throw new IllegalStateException("instruction " + jump.from + " jumps too far");
      }
      words[jump.from] |= (distance & 0xffffL) << 16;
    }
    return arena.allocateFrom(ValueLayout.JAVA_LONG, words);
  }

  private BpfAssembler wide(Register to, int source, int low, int high) {
    word(LD_DOUBLE_IMMEDIATE, to.number, source, 0, low);
    word(0, 0, 0, 0, high);
    return this;
  }

  private BpfAssembler emit(int operation, Register to, Register from, int offset, int immediate) {
    if (offset != (short) offset) {
      throw new IllegalArgumentException("offset " + offset + ": allowed: -32768..32767");
    }
    word(operation, to.number, from.number, offset, immediate);
    return this;
  }

  /// `struct bpf_insn`: code, two registers, offset, immediate. Little-endian hosts only, as all
  /// that Sluice runs on are.
  private void word(int operation, int to, int from, int offset, int immediate) {
    code.add(
        operation
            | (long) to << 8
            | (long) from << 12
            | (offset & 0xffffL) << 16
            | (long) immediate << 32);
  }
}
