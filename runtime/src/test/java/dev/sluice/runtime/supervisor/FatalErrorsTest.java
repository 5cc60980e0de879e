package dev.sluice.runtime.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// In processes of their own, since what is tested ends them.
@Timeout(120)
final class FatalErrorsTest {
  private record Result(int code, String said) {}

  private static Result run(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx16m", "-Xss256k", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(DyingThread.class.getName());
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return new Result(process.exitValue(), said);
  }

  @Test
  void threadOfOursThatRunsOutOfMemoryEndsTheProcess() throws Exception {
    Result result = run("memory", "ours", "deploy");
    assertEquals(70, result.code(), result.said());
    assertEquals("sluice: the gateway ends: thread deploy ran out of memory\n", result.said());
  }

  @Test
  void threadOfOursThatRunsOutOfStackEndsTheProcess() throws Exception {
    Result result = run("stack", "ours", "control\n\u00e9" + "x".repeat(100));
    assertEquals(70, result.code(), result.said());
    assertEquals(
        "sluice: the gateway ends: thread control??" + "x".repeat(64 - 9) + " ran out of stack\n",
        result.said());
  }

  @Test
  void virtualThreadOfOursEndsTheProcessToo() throws Exception {
    Result result = run("memory", "virtual", "client");
    assertEquals(70, result.code(), result.said());
  }

  @Test
  void otherErrorOfTheVirtualMachineEndsTheProcess() throws Exception {
    Result result = run("internal", "ours", "deploy");
    assertEquals(70, result.code(), result.said());
    assertTrue(result.said().endsWith("met an error of the virtual machine\n"), result.said());
  }

  @Test
  void exceptionIsPrintedAndEndsTheThreadAlone() throws Exception {
    Result result = run("exception", "ours", "deploy");
    assertEquals(3, result.code(), result.said());
    assertTrue(
        result.said().contains("Exception in thread \"deploy\" java.lang.IllegalStateException"),
        result.said());
  }

  @Test
  void threadOfABundleThatRunsOutOfStackEndsAlone() throws Exception {
    Result result = run("stack", "bundle", "timer");
    assertEquals(3, result.code(), result.said());
  }
}
