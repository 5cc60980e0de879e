package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.control.CtlCommand;
import dev.sluice.runtime.supervisor.Culprit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `sluice run` with all its processes: the supervising shell, and the gateway of the classes under
/// test with ports in its memory.
@Timeout(300)
@SuppressWarnings("NullAway") // each test starts its shell
final class SupervisedGatewayTest {
  private static final long PATIENCE_NANOS = 120_000_000_000L;

  @TempDir Path folder;
  private Path said;
  private Process shell;

  @BeforeEach
  void plant() throws Exception {
    said = folder.resolve("said");
    Files.createDirectories(folder.resolve("config"));
    Files.createDirectories(folder.resolve("bundles"));
    // What a process that stands by rehearses with.
    Path plugins = Files.createDirectories(folder.resolve("tree/runtime/target/dist/plugins"));
    Files.copy(
        Path.of("target/dist/plugins/terminal-auth.jar"), plugins.resolve("terminal-auth.jar"));
    Path script = Files.copy(Path.of("../sluice"), folder.resolve("tree/sluice"));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    settings("ports = memory:super-a memory:super-b\n");
  }

  @AfterEach
  void end() throws Exception {
    shell.descendants().forEach(ProcessHandle::destroyForcibly);
    shell.destroyForcibly().waitFor();
  }

  private void settings(String ports) throws IOException {
    Files.writeString(
        folder.resolve("config/sluice.cfg"),
        ports
            + "ring-frames = 64\nwork-threads = 0\nrequired-bundles = none\n"
            + "bundle-trust = development\n");
  }

  private void start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            folder.resolve("tree/sluice").toString(),
            "run",
            "--config",
            folder.resolve("config").toString(),
            "--bundles",
            folder.resolve("bundles").toString(),
            "--state",
            folder.resolve("state").toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("SLUICE_NO_BUILD", "1");
    builder.environment().put("TMPDIR", folder.toString()); // a killed shell leaves a folder there
    builder.environment().remove("SLUICE_NO_SUPERVISOR");
    // What is said last counts: the classes under test in the place of packaged ones.
    builder
        .environment()
        .put(
            "SLUICE_JAVA_OPTS",
            String.join(
                " ",
                "--module-path",
                System.getProperty("jdk.module.path", ""),
                "-cp",
                System.getProperty("java.class.path"),
                "-Dsluice.dist=" + Path.of("target", "dist").toAbsolutePath()));
    shell = builder.redirectErrorStream(true).redirectOutput(said.toFile()).start();
  }

  private void await(String what, int times) throws Exception {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (Files.readAllLines(said).stream().filter(line -> line.contains(what)).count() < times) {
      assertTrue(
          shell.isAlive() && System.nanoTime() < deadline,
          () -> times + " times '" + what + "' in " + said());
      Thread.sleep(2);
    }
  }

  private String said() {
    try {
      return Files.readString(said);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /// Until a process that stands by waits for its order, which it opens a pipe for.
  private void awaitRehearsed(ProcessHandle standby) throws Exception {
    Path orders = Path.of("/proc", Long.toString(standby.pid()), "fd", "4");
    String pipe = Files.readSymbolicLink(orders).toString();
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      try (Stream<Path> open = Files.list(orders.getParent())) {
        if (open.filter(each -> leadsTo(each, pipe)).count() > 1) {
          return;
        }
      }
      assertTrue(System.nanoTime() < deadline, this::said);
      Thread.sleep(20);
    }
  }

  private static boolean leadsTo(Path link, String target) {
    try {
      return Files.readSymbolicLink(link).toString().equals(target);
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }

  private int awaitEnd() throws Exception {
    assertTrue(shell.waitFor(PATIENCE_NANOS, TimeUnit.NANOSECONDS), this::said);
    return shell.exitValue();
  }

  /// The gateway's own process, by what it has written into its state folder.
  private ProcessHandle gateway() throws IOException {
    String pid = Files.readString(folder.resolve("state/lock")).strip();
    return ProcessHandle.of(Long.parseLong(pid)).orElseThrow(() -> new AssertionError(said()));
  }

  /// The process that stands by, once it is there.
  private ProcessHandle standby() throws Exception {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      ProcessHandle gateway = gateway();
      Optional<ProcessHandle> other =
          shell
              .children()
              .filter(child -> child.info().command().orElse("").endsWith("/java"))
              .filter(child -> !child.equals(gateway))
              .findFirst();
      if (other.isPresent()) {
        return other.get();
      }
      assertTrue(System.nanoTime() < deadline, this::said);
      Thread.sleep(5);
    }
  }

  private String events() throws IOException {
    return Files.readString(folder.resolve("state/events.jsonl"));
  }

  private void awaitEvent(String part) throws Exception {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!events().contains(part)) {
      assertTrue(System.nanoTime() < deadline, "no " + part + " in " + events());
      Thread.sleep(5);
    }
  }

  @Test
  void killedGatewayIsStartedAgainOnTheSamePortsAndSaysSo() throws Exception {
    start();
    await("sluice: ready in ", 1);
    long before = System.nanoTime();
    assertTrue(gateway().destroyForcibly());
    await("sluice: ready in ", 2);
    System.out.println(
        "ready again after the kill: " + (System.nanoTime() - before) / 1_000_000 + " ms");
    assertEquals(
        2,
        said()
            .lines()
            .filter(line -> line.contains(": ports memory:super-a <-> memory:super-b; chain"))
            .count());
    awaitEvent("\"event\":\"gateway-restarted\",\"cause\":\"signal 9 (SIGKILL)\",\"restarts\":1,");
    assertEquals(
        0,
        CtlCommand.run(
            List.of("--socket", folder.resolve("state/control.sock").toString(), "status")));
    shell.toHandle().destroy();
    assertEquals(0, awaitEnd());
  }

  @Test
  void processThatStoodByTakesThePlaceOfTheKilledOneAndAnotherItsOwn() throws Exception {
    start();
    await("sluice: ready in ", 1);
    ProcessHandle standby = standby();
    awaitRehearsed(standby);
    assertTrue(gateway().destroyForcibly());
    await("sluice: ready in ", 2);
    assertEquals(standby, gateway());
    awaitEvent("\"event\":\"gateway-restarted\",\"cause\":\"signal 9 (SIGKILL)\",\"restarts\":1,");
    assertTrue(standby().isAlive());
  }

  @Test
  void killedProcessThatStoodByIsFollowedByAFreshOne() throws Exception {
    start();
    await("sluice: ready in ", 1);
    ProcessHandle standby = standby();
    standby.destroyForcibly();
    standby.onExit().get(60, TimeUnit.SECONDS);
    assertTrue(gateway().destroyForcibly());
    await("sluice: ready in ", 2);
    assertNotEquals(standby, gateway());
  }

  @Test
  void killedSupervisorTakesTheGatewayWithIt() throws Exception {
    start();
    await("sluice: ready in ", 1);
    ProcessHandle gateway = gateway();
    ProcessHandle standby = standby();
    shell.toHandle().destroyForcibly();
    gateway.onExit().get(60, TimeUnit.SECONDS);
    standby.onExit().get(60, TimeUnit.SECONDS);
    assertFalse(gateway.isAlive());
    assertFalse(said().contains("sluice: stopped"));
  }

  @Test
  void terminatedSupervisorEndsTheGatewayInOrderOnce() throws Exception {
    start();
    await("sluice: ready in ", 1);
    shell.toHandle().destroy();
    assertEquals(0, awaitEnd());
    assertTrue(said().contains("sluice: stopped"), said());
    assertEquals(1, said().lines().filter(line -> line.contains("ready in")).count());
    assertFalse(Files.exists(folder.resolve("state/control.sock")));
  }

  @Test
  void terminatedGatewayEndsTheSupervisorToo() throws Exception {
    start();
    await("sluice: ready in ", 1);
    assertTrue(gateway().destroy());
    assertEquals(0, awaitEnd());
    assertFalse(said().contains("started again"), said());
  }

  @Test
  void gatewayThatCannotStartIsNotTriedAgain() throws Exception {
    settings("ports = memory:alone\n");
    start();
    assertEquals(1, awaitEnd());
    assertEquals(1, said().lines().count(), said());
  }

  /// Puts a bundle into the folder that does something each time it finds the file `go`, which it
  /// takes away.
  private void bundleThat(String call) throws Exception {
    Jars.guard(
            folder,
            "leaver",
            "1.2.0",
            """
            public Guard(Map<String, Object> p) { new Thread(Guard::leave).start(); }
            static void leave() {
              try {
                while (!new java.io.File("%s").delete()) { Thread.sleep(10); }
                // By name: a plain call is seen in the class, and the bundle refused.
                Runtime.class.getMethod("%s", int.class).invoke(Runtime.getRuntime(), 0);
              } catch (Exception e) { return; }
            }
            """
                .formatted(folder.resolve("go"), call))
        .header("Sluice-Permissions", "threads, files, reflection")
        .into(folder.resolve("bundles"), "leaver.jar");
    start();
    await("sluice: ready in ", 1);
    Files.writeString(folder.resolve("go"), "");
    await("sluice: ready in ", 2);
  }

  @Test
  void bundleThatCallsSystemExitIsNamedAndTheGatewayStartedAgain() throws Exception {
    bundleThat("exit");
    assertTrue(said().contains("sluice: the gateway ended: exit code 70"), said());
    awaitEvent(
        "\"event\":\"exit-called\",\"by\":\"guard.Guard.leave\",\"bundle\":\"leaver/1.2.0\"");
    assertEquals(Optional.empty(), Culprit.read(folder.resolve("state")));
    String state = Files.readString(folder.resolve("state/bundles.state"));
    assertTrue(state.contains("it called System.exit in guard.Guard.leave"), state);
    awaitEvent("this very content was taken out of the chain before");
    shell.toHandle().destroy();
    assertEquals(0, awaitEnd());
  }

  @Test
  void bundleThatHaltsTheProcessDoesNotEndTheGateway() throws Exception {
    bundleThat("halt");
    assertTrue(said().contains("sluice: the gateway ended: exit code 0"), said());
    shell.toHandle().destroy();
    assertEquals(0, awaitEnd());
  }
}
