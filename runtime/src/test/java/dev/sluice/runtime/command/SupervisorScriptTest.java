package dev.sluice.runtime.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The supervising shell of `sluice run`, with a java that lives as a test wants it to: its n-th
/// life is the function `life_n`.
@Timeout(120)
final class SupervisorScriptTest {
  private static final String READY = "echo ready >&3; ";
  private static final String ORDERLY = "echo orderly >&3; ";
  private static final String KILLED = "kill -KILL $BASHPID; sleep 9";

  /// Until SIGTERM, and then as a gateway does.
  private static final String SERVES =
      "trap '" + ORDERLY + "echo stopped; exit 0' TERM; echo serving; while :; do sleep 0.02; done";

  @TempDir Path temp;
  private Path root;
  private Path out;
  private Path err;
  private final List<String> words = new ArrayList<>();
  private String noSupervisor = "";
  private String silent = "";

  private record Result(int code, List<String> out, List<String> err) {
    /// What each life knew of those before: `life restarts [cause]`.
    List<String> lives() {
      return out.stream().filter(line -> line.startsWith("life ")).toList();
    }
  }

  @BeforeEach
  void plant() throws IOException {
    root = Files.createDirectories(temp.resolve("tree")).toRealPath();
    out = temp.resolve("out");
    err = temp.resolve("err");
    Files.copy(Path.of("../sluice"), root.resolve("sluice"));
    executable(root.resolve("sluice"));
    Files.createDirectories(root.resolve("runtime/target/dist/plugins"));
    Files.createDirectories(temp.resolve("jdk/bin"));
    Files.writeString(temp.resolve("jdk/release"), "JAVA_VERSION=\"25\"\n");
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// A java whose lives are these commands of a shell, one after the other.
  private Process start(String... lives) throws IOException {
    StringBuilder java = new StringBuilder("#!/usr/bin/env bash\n");
    for (int i = 0; i < lives.length; i++) {
      java.append("life_").append(i).append("() { ").append(lives[i]).append("\n}\n");
    }
    java.append(
        "if [[ -n ${SLUICE_STANDBY-} ]]; then\n  echo \"folder $SLUICE_STANDBY\"; echo \"stands by: $$ $PPID\"\n  [[ -n ${SILENT-} ]] || echo stands >&3\n");
    java.append("  read -r SLUICE_RESTARTS SLUICE_ENDED_MS SLUICE_RESTART_CAUSE <&4\n");
    java.append("  echo \"order for $$\"\nfi\n");
    java.append("echo \"life ${SLUICE_RESTARTS-none} [${SLUICE_RESTART_CAUSE-}]\"\n");
    java.append("echo \"process $$ parent $PPID supervisor ${SLUICE_SUPERVISOR-none}\"\n");
    java.append("printf 'word %s\\n' \"$@\"\n");
    java.append("date '+time %s%3N'; echo \"ended ${SLUICE_ENDED_MS-}\"\n");
    java.append("life_${SLUICE_RESTARTS-0}\n");
    Path file = temp.resolve("jdk/bin/java");
    Files.writeString(file, java);
    executable(file);
    // A shell cannot trap what was ignored when it started, as nohup has it for all that it runs.
    String hearing = "--default-signal=HUP,INT,QUIT,TERM";
    List<String> command =
        new ArrayList<>(List.of("env", hearing, root.resolve("sluice").toString(), "run"));
    command.addAll(words);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("JAVA_HOME", temp.resolve("jdk").toString());
    builder.environment().put("SLUICE_NO_BUILD", "1");
    builder.environment().put("TMPDIR", temp.toString());
    builder.environment().remove("SLUICE_JAVA_OPTS");
    builder.environment().put("SLUICE_NO_SUPERVISOR", noSupervisor);
    builder.environment().put("SILENT", silent);
    return builder.start();
  }

  private Result end(Process process) throws Exception {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
      throw new AssertionError("still runs: " + Files.readString(out) + Files.readString(err));
    }
    return new Result(process.exitValue(), Files.readAllLines(out), Files.readAllLines(err));
  }

  private Result run(String... lives) throws Exception {
    return end(start(lives));
  }

  private void awaitOutput(String part) throws Exception {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (!Files.readString(out).contains(part)) {
      assertTrue(System.nanoTime() < deadline, () -> "no '" + part + "'");
      Thread.sleep(5);
    }
  }

  private static void signal(Process process, String name) throws Exception {
    assertEquals(0, new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 143, 130, 129})
  void gatewayThatWasNeverReadyEndsWithItsOwnCode(int code) throws Exception {
    Result result = run("exit " + code);
    assertEquals(code, result.code());
    assertEquals(List.of("life 0 []"), result.lives());
    assertEquals(List.of(), result.err());
  }

  @ParameterizedTest
  @CsvSource({
    "kill -KILL $BASHPID; sleep 9,signal 9 (SIGKILL)",
    "kill -SEGV $BASHPID; sleep 9,signal 11 (SIGSEGV)",
    "exit 134,signal 6 (SIGABRT)",
    "exit 70,exit code 70"
  })
  void gatewayThatDiesBeforeItIsReadyIsStartedAgain(String death, String cause) throws Exception {
    Result result = run(death, READY + ORDERLY + "exit 0");
    assertEquals(0, result.code());
    assertEquals(List.of("life 0 []", "life 1 [" + cause + "]"), result.lives());
    assertTrue(
        result
            .err()
            .contains("sluice: the gateway ended: " + cause + "; it is started again (restart 1)"),
        result.err().toString());
  }

  @ParameterizedTest
  @CsvSource({
    "exit 0,exit code 0",
    "exit 1,exit code 1",
    "exit 2,exit code 2",
    "exit 143,signal 15 (SIGTERM)",
    "kill -KILL $BASHPID; sleep 9,signal 9 (SIGKILL)"
  })
  void gatewayThatWasReadyAndDidNotEndInOrderIsStartedAgain(String death, String cause)
      throws Exception {
    Result result = run(READY + death, READY + ORDERLY + "exit 0");
    assertEquals(0, result.code());
    assertEquals(List.of("life 0 []", "life 1 [" + cause + "]"), result.lives());
  }

  @Test
  void gatewayThatEndsInOrderIsNotStartedAgain() throws Exception {
    Result result = run(READY + "sleep 0.1; " + ORDERLY + "exit 0");
    assertEquals(0, result.code());
    assertEquals(1, result.lives().size());
  }

  @Test
  void gatewayThatWasReadyOnceIsStartedUntilItIsAgain() throws Exception {
    Result result = run(READY + KILLED, "exit 1", "exit 1", READY + ORDERLY + "exit 0");
    assertEquals(0, result.code());
    assertEquals(
        List.of(
            "life 0 []",
            "life 1 [signal 9 (SIGKILL)]",
            "life 2 [exit code 1]",
            "life 3 [exit code 1]"),
        result.lives());
  }

  @Test
  void wrongCallEndsEvenThen() throws Exception {
    Result result = run(READY + KILLED, "exit 2");
    assertEquals(2, result.code());
    assertEquals(2, result.lives().size());
  }

  @Test
  void firstStartIsAtOnceAndLaterOnesWaitLonger() throws Exception {
    Result result = run(KILLED, KILLED, KILLED, KILLED, ORDERLY + "exit 0");
    List<Long> starts = numbers(result, "time ");
    List<Long> ends = numbers(result, "ended ");
    assertEquals(0, ends.getFirst());
    long[] least = {0, 0, 200, 500, 1000};
    for (int life = 1; life < starts.size(); life++) {
      long waited = starts.get(life) - ends.get(life);
      assertTrue(least[life] <= waited && waited < least[life] + 5000, life + ": " + waited);
    }
  }

  private static List<Long> numbers(Result result, String prefix) {
    return result.out().stream()
        .filter(line -> line.startsWith(prefix))
        .map(line -> Long.parseLong(line.substring(prefix.length())))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT", "HUP"})
  void signalEndsTheGatewayInOrder(String name) throws Exception {
    Process process = start(READY + SERVES);
    awaitOutput("serving");
    signal(process, name);
    Result result = end(process);
    assertEquals(0, result.code());
    assertTrue(result.out().contains("stopped"), result.out().toString());
    assertEquals(1, result.lives().size());
  }

  @Test
  void signalsOneAfterTheOtherEndItOnce() throws Exception {
    Process process =
        start(READY + "trap 'sleep 0.3; exit 5' TERM; echo serving; sleep 9 3>&- & wait");
    awaitOutput("serving");
    for (int i = 0; i < 5; i++) {
      signal(process, "TERM");
      Thread.sleep(20);
    }
    Result result = end(process);
    assertEquals(5, result.code());
    assertEquals(1, result.lives().size());
  }

  @Test
  void signalWhileNothingRunsEndsTheSupervisor() throws Exception {
    Process process = start(KILLED, KILLED, KILLED, KILLED, KILLED, "exit 1");
    awaitOutput("life 4");
    Thread.sleep(300);
    signal(process, "TERM");
    Result result = end(process);
    assertEquals(0, result.code());
    assertEquals(5, result.lives().size());
  }

  @Test
  void javaIsTheSupervisorsChildAndGetsItsWords() throws Exception {
    words.addAll(List.of("--config", "a folder", "*"));
    Process process = start("exit 0");
    Result result = end(process);
    String pid = Long.toString(process.pid());
    assertTrue(
        result.out().stream()
            .anyMatch(line -> line.endsWith(" parent " + pid + " supervisor " + pid)),
        result.out().toString());
    assertEquals(
        List.of("word run", "word --config", "word a folder", "word *"),
        result.out().stream()
            .filter(line -> line.startsWith("word "))
            .dropWhile(line -> !line.equals("word run"))
            .toList());
  }

  private static List<String> standing(Result result) {
    return numbered(result, "stands by: ");
  }

  private static List<String> numbered(Result result, String prefix) {
    return result.out().stream()
        .filter(line -> line.startsWith(prefix))
        .map(line -> line.substring(prefix.length()).split(" ", -1)[0])
        .toList();
  }

  /// A life that goes on until so many have stood by; OUT is the file of what they say.
  private static String until(int standing) {
    return READY
        + "until (($(grep -c '^stands by' 'OUT') >= %d)); do sleep 0.01; done; sleep 0.1; "
            .formatted(standing);
  }

  private Result runWithOut(String... lives) throws Exception {
    return run(
        Arrays.stream(lives)
            .map(life -> life.replace("OUT", out.toString()))
            .toArray(String[]::new));
  }

  @Test
  void processThatStoodByTakesOverAndKnowsWhatCameBefore() throws Exception {
    Result result = runWithOut(until(1) + KILLED, until(2) + "exit 3", READY + ORDERLY + "exit 0");
    assertEquals(0, result.code());
    assertEquals(
        List.of("life 0 []", "life 1 [signal 9 (SIGKILL)]", "life 2 [exit code 3]"),
        result.lives());
    assertEquals(standing(result).subList(0, 2), numbered(result, "order for "));
    assertEquals(numbered(result, "process ").subList(1, 3), standing(result).subList(0, 2));
  }

  @Test
  void deadProcessThatStoodByIsFollowedByAFreshOne() throws Exception {
    String killsIt = "kill -KILL \"$(sed -n 's/^stands by: \\([0-9]*\\) .*/\\1/p' 'OUT')\"; ";
    Result result = runWithOut(until(1) + killsIt + KILLED, "exit 9", READY + ORDERLY + "exit 0");
    assertEquals(0, result.code());
    assertEquals("life 0 []", result.lives().getFirst());
    assertTrue(result.lives().getLast().startsWith("life "), result.lives().toString());
    assertEquals(List.of(), numbered(result, "order for "));
  }

  @Test
  void processThatHasNotSaidThatItCanDoesNotTakeOver() throws Exception {
    silent = "1";
    Result result = runWithOut(until(1) + KILLED, READY + ORDERLY + "exit 0");
    assertEquals(0, result.code());
    assertEquals(List.of("life 0 []", "life 1 [signal 9 (SIGKILL)]"), result.lives());
    assertEquals(List.of(), numbered(result, "order for "));
    assertEnded(Long.parseLong(standing(result).getFirst()));
  }

  private static void assertEnded(long process) throws InterruptedException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (ProcessHandle.of(process).filter(ProcessHandle::isAlive).isPresent()) {
      assertTrue(System.nanoTime() < deadline, "process " + process + " still stands by");
      Thread.sleep(5);
    }
  }

  @Test
  void processOfAnOlderProgramDoesNotTakeOver() throws Exception {
    String builds = "touch -d '1 hour' '%s'; ".formatted(root.resolve("target/build.stamp"));
    Files.createDirectories(root.resolve("target"));
    Result result = runWithOut(until(1) + builds + KILLED, READY + ORDERLY + "exit 0");
    assertEquals(0, result.code());
    assertEquals(List.of("life 0 []", "life 1 [signal 9 (SIGKILL)]"), result.lives());
    assertEquals(List.of(), numbered(result, "order for "));
    assertEnded(Long.parseLong(standing(result).getFirst()));
  }

  @Test
  void folderOfThoseThatStoodByIsForThisUserAloneAndGoneAtTheEnd() throws Exception {
    String looks = "f=$(sed -n 's/^folder //p' 'OUT'); echo \"rights $(stat -c %a $f)\"; ";
    Result result = runWithOut(until(1) + looks + ORDERLY + "exit 0");
    assertTrue(result.out().contains("rights 700"), result.out().toString());
    String folder = numbered(result, "folder ").getFirst();
    assertTrue(folder.contains("/sluice-standby-"), folder);
    assertFalse(Files.exists(Path.of(folder)));
  }

  @Test
  void processWhoseFolderWasClearedAwayTakesOverAndTheNextHasAnother() throws Exception {
    String clears = "rm -rf \"$(sed -n 's/^folder //p' 'OUT')\"; ";
    Files.createDirectories(root.resolve("target"));
    Files.createFile(root.resolve("target/build.stamp"));
    Result result = runWithOut(until(1) + clears + KILLED, until(2) + ORDERLY + "exit 0");
    assertEquals(0, result.code());
    assertEquals(standing(result).subList(0, 1), numbered(result, "order for "));
    assertEquals(2, Set.copyOf(numbered(result, "folder ")).size());
  }

  @Test
  void processThatStandsByGoesWithTheGateway() throws Exception {
    Result result = runWithOut(until(1) + ORDERLY + "exit 0");
    assertEquals(0, result.code());
    assertEnded(Long.parseLong(standing(result).getFirst()));
  }

  @Test
  void noneStandsByIfNoneIsWanted() throws Exception {
    words.add("--no-standby");
    Result result = run(READY + "sleep 0.3; " + KILLED, READY + ORDERLY + "exit 0");
    assertEquals(0, result.code());
    assertEquals(List.of(), standing(result));
    assertEquals(2, result.lives().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--no-supervisor", "--help", ""})
  void withoutSupervisorJavaTakesTheScriptsPlace(String word) throws Exception {
    if (word.isEmpty()) {
      noSupervisor = "1";
    } else {
      words.add(word);
    }
    Process process = start("exit 70");
    Result result = end(process);
    assertEquals(70, result.code());
    assertEquals(List.of("life none []"), result.lives());
    assertTrue(
        result.out().stream()
            .anyMatch(line -> line.matches("process " + process.pid() + " .* supervisor none")),
        result.out().toString());
  }
}
