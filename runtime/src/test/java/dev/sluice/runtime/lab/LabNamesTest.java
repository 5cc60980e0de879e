package dev.sluice.runtime.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LabNamesTest {
  @Test
  void addressesAndNamesDiffer() {
    List<LabTerminal> terminals =
        new Lab("x", Path.of("lab"), Lab.MAX_TERMINALS, false).terminals();
    Set<String> names = new HashSet<>();
    for (LabTerminal terminal : terminals) {
      names.add(terminal.address());
      names.add(terminal.address6());
      names.add(terminal.hardwareAddress());
      names.add(terminal.namespace());
    }
    names.add(Lab.MASTER_ADDRESS);
    names.add(Lab.MASTER_HARDWARE_ADDRESS);
    assertEquals(4 * Lab.MAX_TERMINALS + 2, names.size());
    assertEquals("10.104.0.110", terminals.getLast().address());
  }

  @Test
  void propertiesNameTheGatewaysCommand() {
    Map<String, String> lines = new Lab("x", Path.of("/lab"), 1, false).properties();
    String command = lines.getOrDefault("gateway.command", "");
    assertTrue(command.startsWith("ip netns exec x-gw /"), command);
    assertTrue(
        command.endsWith("/sluice run --config /lab/config --bundles /lab/bundles"), command);
    assertEquals(
        Set.of("x-gw", "x-sw", "x-master", "x-t1"), Set.copyOf(LabState.namespaces(lines)));
    assertEquals("/lab/pki/signer.key", lines.get("signer.key"));
    assertEquals("/lab/pki/signer.crt", lines.get("signer.cert"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "X", "1x", "-x", "x y", "x/y", "x.y", "..", "averyveryverylongname"})
  void wrongNamesAreRefused(String name) {
    assertFalse(Lab.isName(name));
    assertThrows(IllegalArgumentException.class, () -> new Lab(name, Path.of("lab"), 1, false));
    assertEquals(2, LabCommand.run(List.of("up", "--name=" + name)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "up --terminals 0",
        "up --terminals 101",
        "up --terminals many",
        "up x",
        "up --colour red",
        "down --terminals 3",
        "sideways"
      })
  void wrongCallsAnswerTwo(String line) {
    assertEquals(2, LabCommand.run(List.of(line.split(" "))));
  }
}
