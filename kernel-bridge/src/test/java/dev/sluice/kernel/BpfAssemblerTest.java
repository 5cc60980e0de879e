package dev.sluice.kernel;

import static dev.sluice.kernel.BpfAssembler.Register.R0;
import static dev.sluice.kernel.BpfAssembler.Register.R1;
import static dev.sluice.kernel.BpfAssembler.Register.R10;
import static dev.sluice.kernel.BpfAssembler.Register.R2;
import static dev.sluice.kernel.BpfAssembler.Register.R6;
import static dev.sluice.kernel.BpfAssembler.Register.R9;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.sluice.kernel.BpfAssembler.Condition;
import dev.sluice.kernel.BpfAssembler.Label;
import dev.sluice.kernel.BpfAssembler.Operation;
import dev.sluice.kernel.BpfAssembler.Width;
import java.lang.foreign.Arena;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Instructions as `struct bpf_insn` has them, written out by hand from RFC 9669: immediate (32
/// bits), offset (16), source and destination register (4 each), code (8).
class BpfAssemblerTest {
  private static long[] words(BpfAssembler code) {
    try (Arena arena = Arena.ofConfined()) {
      return code.assemble(arena).toArray(JAVA_LONG);
    }
  }

  private static Arguments row(String name, long word, UnaryOperator<BpfAssembler> code) {
    return arguments(name, word, code);
  }

  private static Stream<Arguments> arithmetic() {
    return Stream.of(
        row("r6 = r1", 0x00000000_0000_16bfL, c -> c.move(R6, R1)),
        row("r0 = -1", 0xffffffff_0000_00b7L, c -> c.move(R0, -1)),
        row("r2 += 1", 0x00000001_0000_0207L, c -> c.compute(Operation.ADD, R2, 1)),
        row("r2 -= r1", 0x00000000_0000_121fL, c -> c.compute(Operation.SUBTRACT, R2, R1)),
        row("r2 *= 3", 0x00000003_0000_0227L, c -> c.compute(Operation.MULTIPLY, R2, 3)),
        row("r2 /= r9", 0x00000000_0000_923fL, c -> c.compute(Operation.DIVIDE, R2, R9)),
        row("r2 |= r9", 0x00000000_0000_924fL, c -> c.compute(Operation.OR, R2, R9)),
        row("r2 &= 255", 0x000000ff_0000_0257L, c -> c.compute(Operation.AND, R2, 255)),
        row("r2 <<= 32", 0x00000020_0000_0267L, c -> c.compute(Operation.SHIFT_LEFT, R2, 32)),
        row("r2 >>= r1", 0x00000000_0000_127fL, c -> c.compute(Operation.SHIFT_RIGHT, R2, R1)),
        row("r2 %= 1000", 0x000003e8_0000_0297L, c -> c.compute(Operation.MODULO, R2, 1000)),
        row("r2 ^= r1", 0x00000000_0000_12afL, c -> c.compute(Operation.XOR, R2, R1)),
        row("w9 += 1", 0x00000001_0000_0904L, c -> c.compute32(Operation.ADD, R9, 1)),
        row("w2 -= w1", 0x00000000_0000_121cL, c -> c.compute32(Operation.SUBTRACT, R2, R1)),
        row("r1 = be16 r1", 0x00000010_0000_01dcL, c -> c.toBigEndian(R1, 16)),
        row("r9 = be64 r9", 0x00000040_0000_09dcL, c -> c.toBigEndian(R9, 64)));
  }

  private static Stream<Arguments> memory() {
    return Stream.of(
        row("byte", 0x00000000_0007_6171L, c -> c.load(Width.BYTE, R1, R6, 7)),
        row("half", 0x00000000_002e_6169L, c -> c.load(Width.HALF, R1, R6, 46)),
        row("word", 0x00000000_0004_1261L, c -> c.load(Width.WORD, R2, R1, 4)),
        row("double, below", 0x00000000_fff0_a179L, c -> c.load(Width.DOUBLE, R1, R10, -16)),
        row("put byte", 0x00000000_7fff_1673L, c -> c.store(Width.BYTE, R6, 32_767, R1)),
        row("put half", 0x00000000_0004_166bL, c -> c.store(Width.HALF, R6, 4, R1)),
        row("put word", 0x00000000_fffc_1a63L, c -> c.store(Width.WORD, R10, -4, R1)),
        row("put double", 0x00000000_8000_1a7bL, c -> c.store(Width.DOUBLE, R10, -32_768, R1)),
        row("number", 0xfffffffe_0002_0662L, c -> c.store(Width.WORD, R6, 2, -2)),
        row("add", 0x00000000_0008_12dbL, c -> c.add(Width.DOUBLE, R2, 8, R1)),
        row("add32", 0x00000000_0008_12c3L, c -> c.add(Width.WORD, R2, 8, R1)),
        row("fetch add", 0x00000001_0008_12dbL, c -> c.fetchAndAdd(Width.DOUBLE, R2, 8, R1)),
        row("fetch or", 0x00000041_0000_12dbL, c -> c.fetchAndOr(Width.DOUBLE, R2, 0, R1)),
        row("cmpxchg", 0x000000f1_0000_12c3L, c -> c.compareAndExchange(Width.WORD, R2, 0, R1)),
        row("call", 0x00000033_0000_0085L, c -> c.call(UapiBpf.BPF_FUNC_redirect_map)),
        row("exit", 0x00000000_0000_0095L, BpfAssembler::exit));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"arithmetic", "memory"})
  void instructionIsEncoded(String name, long word, UnaryOperator<BpfAssembler> code) {
    assertArrayEquals(new long[] {word}, words(code.apply(new BpfAssembler())), name);
  }

  @Test
  void wideNumberTakesTwoInstructions() {
    assertArrayEquals(
        new long[] {0x89abcdef_0000_0118L, 0x81234567_0000_0000L},
        words(new BpfAssembler().moveWide(R1, 0x81234567_89abcdefL)));
    assertArrayEquals(
        new long[] {0, 0x00000001_0000_0000L, 0x00000002_0000_00b7L, 0x95},
        replaceFirst(words(new BpfAssembler().moveWide(R0, 1L << 32).exit(2)), 0x18));
  }

  private static long[] replaceFirst(long[] words, long expected) {
    assertEquals(expected, words[0]);
    words[0] = 0;
    return words;
  }

  @ParameterizedTest
  @CsvSource({
    "EQUAL, 0x15",
    "GREATER, 0x25",
    "GREATER_OR_EQUAL, 0x35",
    "ANY_BIT, 0x45",
    "NOT_EQUAL, 0x55",
    "LESS, 0xa5",
    "LESS_OR_EQUAL, 0xb5"
  })
  void conditionIsEncoded(Condition condition, int code) {
    Label next = new Label();
    BpfAssembler both =
        new BpfAssembler()
            .jumpIf(condition, R1, 5, next)
            .mark(next)
            .jumpIf(condition, R1, R2, next);
    assertArrayEquals(
        new long[] {0x00000005_0000_0100L | code, 0x00000000_ffff_2108L | code}, words(both));
  }

  @Test
  void jumpsCountInstructionsForwardAndBack() {
    Label back = new Label();
    Label forward = new Label();
    BpfAssembler code =
        new BpfAssembler()
            .mark(back)
            .jump(forward) // over a wide one, which is two
            .moveWide(R1, 1)
            .jump(back)
            .mark(forward)
            .jump(forward)
            .exit();
    long[] words = words(code);
    assertEquals(0x0003_0005L, words[0]);
    assertEquals(0xfffc_0005L, words[3]);
    assertEquals(0xffff_0005L, words[4]);
  }

  @Test
  void jumpAsFarAsItGoesIsEncodedAndOneFartherIsRefused() {
    assertEquals(0x7fff_0005L, words(longJump(32_767))[0]);
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> words(longJump(32_768)));
    assertEquals("instruction 0 jumps too far", e.getMessage());
  }

  private static BpfAssembler longJump(int over) {
    Label end = new Label();
    BpfAssembler code = new BpfAssembler().jump(end);
    for (int i = 0; i < over; i++) {
      code.move(R0, 0);
    }
    return code.mark(end).exit();
  }

  @Test
  void labelThatStandsNowhereOrTwiceIsRefused() {
    Label label = new Label();
    BpfAssembler code = new BpfAssembler().exit().jump(label);
    IllegalStateException nowhere = assertThrows(IllegalStateException.class, () -> words(code));
    assertEquals("instruction 1 jumps to no mark", nowhere.getMessage());
    code.mark(label);
    IllegalStateException twice = assertThrows(IllegalStateException.class, () -> code.mark(label));
    assertEquals("the label stands at 2 already", twice.getMessage());
  }

  @Test
  void offsetBeyondSixteenBitsIsRefused() {
    for (int offset : new int[] {32_768, -32_769, Integer.MAX_VALUE}) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> new BpfAssembler().load(Width.WORD, R1, R2, offset));
      assertEquals("offset " + offset + ": allowed: -32768..32767", e.getMessage());
    }
  }
}
