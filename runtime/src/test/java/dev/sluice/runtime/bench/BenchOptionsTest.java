package dev.sluice.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.arguments.ArgumentException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BenchOptionsTest {
  private static BenchOptions parse(String... words) throws ArgumentException {
    return BenchOptions.parse(
        List.of(words),
        Set.of(
            "lengths",
            "systems",
            "chains",
            "rates",
            "rate",
            "warm-up",
            "ring-frames",
            "set",
            "json"));
  }

  private static void refused(String expected, Executable reading) {
    ArgumentException e = assertThrows(ArgumentException.class, reading);
    assertTrue(String.valueOf(e.getMessage()).contains(expected), e.getMessage());
  }

  @Test
  void listsArePartedByCommasAndKeepTheirOrder() throws ArgumentException {
    BenchOptions options =
        parse(
            "--lengths",
            "764, 60,764",
            "--systems",
            "bridge,testpmd-xdp",
            "--chains",
            "real",
            "--rates",
            "0.1,2");
    assertEquals(List.of(764, 60), options.lengths("lengths", List.of()));
    assertEquals(List.of(BenchSystem.BRIDGE, BenchSystem.TESTPMD_XDP), options.systems());
    assertEquals(List.of(BenchChain.REAL), options.chains(List.of()));
    assertEquals(List.of(0.1, 2.0), options.decimals("rates", 0, 10));
  }

  @Test
  void whatIsNotGivenHasItsDefault() throws ArgumentException {
    BenchOptions options = parse();
    assertEquals(List.of(60), options.lengths("lengths", List.of(60)));
    assertEquals(8, options.systems().size());
    assertEquals(List.of(BenchChain.EMPTY), options.chains(List.of(BenchChain.EMPTY)));
    assertEquals(List.of(), options.decimals("rates", 0, 10));
    assertEquals(0.5, options.decimal("rate", 0.5, 0, 1));
    assertTrue(options.path("json").isEmpty());
    assertEquals(new Conditions("", 10), options.conditions());
  }

  @Test
  void conditionsAreSettingsOfTheGatewayAndAWarmUp() throws ArgumentException {
    BenchOptions options = parse("--ring-frames", "8192", "--warm-up", "0.5");
    assertEquals(new Conditions("ring-frames = 8192\n", 0.5), options.conditions());
  }

  @Test
  void anySettingOfTheGatewayCanBeTried() throws ArgumentException {
    BenchOptions options = parse("--ring-frames", "64", "--set", "batch=32,xdp-copy=copy");
    assertEquals(
        new Conditions("ring-frames = 64\nbatch = 32\nxdp-copy = copy\n", 10),
        options.conditions());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"batch", "batch=", "=32", "batch=32,", "batch=1\nports=x", "a=b=c", "A=1"})
  void whatIsNoSettingIsRefused(String text) {
    refused("--set has", () -> parse("--set", text).conditions());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "63", "131073", "-1", "8k", "2048\nports = x"})
  void ringsThatNoGatewayHasAreRefused(String text) {
    refused("ring-frames", () -> parse("--ring-frames", text).conditions());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"59", "1515", "0", "-60", "60,", ",60", "60,,124", "sixty", "99999999999"})
  void aLengthThatNoFrameHasIsRefused(String text) {
    refused(
        "lengths from 60 to 1514", () -> parse("--lengths", text).lengths("lengths", List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sluice", "Bridge", "bridge,", "bridge;testpmd-xdp", "none"})
  void anUnknownSystemIsRefusedWithAllKnownOnes(String text) {
    refused("sluice-xdp-fused, sluice-xdp-pipelined", () -> parse("--systems", text).systems());
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "EMPTY", "full", "real,"})
  void anUnknownChainIsRefused(String text) {
    refused("allowed: empty, real", () -> parse("--chains", text).chains(List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1.5.2", "1e3", "NaN", "10.1", ".5", "1,5"})
  void aRateThatIsNoNumberInItsRangeIsRefused(String text) {
    refused("a number from", () -> parse("--rate", text).decimal("rate", 1, 0, 10));
  }

  @Test
  void operandsAndUnknownOptionsAreRefused() {
    refused("options only", () -> parse("60"));
    refused("unknown option", () -> parse("--length", "60"));
  }

  @Test
  void aWrongCallEndsWithTwoAndHelpWithNought() {
    assertEquals(2, BenchCommand.run(List.of()));
    assertEquals(2, BenchCommand.run(List.of("backward")));
    assertEquals(2, BenchCommand.run(List.of("forward", "--runs", "0")));
    assertEquals(2, BenchCommand.run(List.of("loss", "--tolerance", "101")));
    assertEquals(2, BenchCommand.run(List.of("latency", "--round-trips", "10")));
    assertEquals(2, BenchCommand.run(List.of("handlers", "--swaps", "1001")));
    assertEquals(0, BenchCommand.run(List.of("forward", "--help")));
  }
}
