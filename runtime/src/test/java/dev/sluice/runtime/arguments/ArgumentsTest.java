package dev.sluice.runtime.arguments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ArgumentsTest {
  private static Arguments parse(String line) throws ArgumentException {
    return Arguments.parse(List.of(line.split(" ")), Set.of("dir", "days"), Set.of("vlan"));
  }

  @Test
  void optionsStandAnywhere() throws ArgumentException {
    Arguments arguments = parse("--dir a one --vlan two --days=7");
    assertEquals(List.of("one", "two"), arguments.operands());
    assertEquals(Optional.of("a"), arguments.option("dir"));
    assertEquals(7, arguments.number("days", 1, 1, 9));
    assertTrue(arguments.has("vlan"));
  }

  @Test
  void wordsAfterTwoDashesAreOperands() throws ArgumentException {
    assertEquals(List.of("a", "--dir", "b"), parse("a -- --dir b").operands());
  }

  @Test
  void absentOptionsAreAbsent() throws ArgumentException {
    Arguments arguments = parse("one");
    assertEquals(Optional.empty(), arguments.option("dir"));
    assertEquals(30, arguments.number("days", 30, 1, 90));
    assertFalse(arguments.has("vlan"));
  }

  @ParameterizedTest
  @CsvSource({
    "--nonsense, 'unknown option --nonsense; there are --days, --dir, --vlan'",
    "--vlan=yes, 'unknown option --vlan=yes; there are --days, --dir, --vlan'",
    "--dir, option --dir needs a value",
    "--dir=, option --dir needs a value",
    "--dir a --dir b, option --dir is given twice",
    "--vlan --vlan, option --vlan is given twice"
  })
  void wrongWordsAreToldInOneSentence(String line, String sentence) {
    assertEquals(sentence, assertThrows(ArgumentException.class, () -> parse(line)).getMessage());
  }

  @ParameterizedTest
  @CsvSource({"0", "10", "-1", "x", "1.5", "99999999999"})
  void numbersOutsideTheRangeAreRefused(String text) {
    ArgumentException refusal =
        assertThrows(
            ArgumentException.class, () -> parse("--days=" + text).number("days", 1, 1, 9));
    assertEquals(
        "--days is '" + text + "'; a whole number from 1 to 9 is allowed", refusal.getMessage());
  }
}
