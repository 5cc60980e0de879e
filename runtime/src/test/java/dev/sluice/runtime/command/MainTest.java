package dev.sluice.runtime.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MainTest {
  @ParameterizedTest
  @ValueSource(strings = {"dance", "", "--help", "Version"})
  void unknownCommandAnswersTwo(String name) {
    assertEquals(2, Main.run(List.of(name)));
  }

  @Test
  void noCommandAnswersTwo() {
    assertEquals(2, Main.run(List.of()));
  }

  @Test
  void versionTakesNoArgument() {
    assertEquals(0, Main.run(List.of("version")));
    assertEquals(2, Main.run(List.of("version", "please")));
  }
}
