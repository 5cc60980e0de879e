package dev.sluice.runtime.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SupervisionTest {
  @Test
  void firstLifeAndLaterOnesAreToldByTheEnvironment() {
    Supervision first =
        Supervision.of(
            Map.of(
                "SLUICE_SUPERVISOR", "4711", "SLUICE_RESTARTS", "0", "SLUICE_RESTART_CAUSE", ""));
    assertEquals(new Supervision(4711, 0, "", 0), first);
    assertFalse(first.isRestart());
    Supervision later =
        Supervision.of(
            Map.of(
                "SLUICE_SUPERVISOR",
                "4711",
                "SLUICE_RESTARTS",
                "2",
                "SLUICE_RESTART_CAUSE",
                "signal 9 (SIGKILL)",
                "SLUICE_ENDED_MS",
                "1700000000000"));
    assertEquals(new Supervision(4711, 2, "signal 9 (SIGKILL)", 1_700_000_000_000L), later);
    assertTrue(later.isRestart() && later.isSupervised());
  }

  @Test
  void withoutTheEnvironmentNobodySupervises() throws Exception {
    assertEquals(Supervision.NONE, Supervision.of(Map.of()));
    assertEquals(Supervision.NONE, Supervision.of(Map.of("SLUICE_SUPERVISOR", "x")));
    assertEquals(Supervision.NONE, Supervision.of(Map.of("SLUICE_SUPERVISOR", "1")));
    assertEquals(
        Supervision.NONE,
        Supervision.of(Map.of("SLUICE_SUPERVISOR", "7", "SLUICE_RESTARTS", "many")));
    assertTrue(Supervision.NONE.bind());
    Supervision.NONE.tellReady();
    Supervision.NONE.tellOrderlyEnd();
  }

  @Test
  void whoStandsByHasASupervisor() {
    Path folder = Path.of("standby");
    assertEquals(
        Optional.of(folder),
        Supervision.standsBy(
            Map.of("SLUICE_SUPERVISOR", "7", "SLUICE_STANDBY", folder.toString())));
    for (Map<String, String> other :
        List.of(
            Map.of("SLUICE_SUPERVISOR", "7", "SLUICE_STANDBY", ""),
            Map.of("SLUICE_SUPERVISOR", "7"),
            Map.of("SLUICE_STANDBY", "1"))) {
      assertEquals(Optional.empty(), Supervision.standsBy(other));
    }
  }

  @Test
  void orderTellsWhatWasMissedWhileStandingBy() throws Exception {
    Supervision standing = Supervision.of(Map.of("SLUICE_SUPERVISOR", "7"));
    assertEquals(
        new Supervision(7, 3, "signal 9 (SIGKILL)", 1700),
        standing.ordered("3 1700 signal 9 (SIGKILL)"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "3", "3 1700", "x 1700 exit", "3 y exit", "99999999999 1 x"})
  void orderThatIsNoneIsRefused(String line) {
    Supervision standing = Supervision.of(Map.of("SLUICE_SUPERVISOR", "7"));
    String said = assertThrows(IOException.class, () -> standing.ordered(line)).getMessage();
    assertEquals("the supervisor's order is '" + line + "'", said);
  }
}
