package dev.sluice.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Lets a privileged test run if this process has CAP_NET_ADMIN, CAP_NET_RAW and CAP_SYS_ADMIN and
/// ip(8) is installed.
final class PrivilegedCondition implements ExecutionCondition {
  private static final long NEEDED =
      1L << 12 | 1L << 13 | 1L << 21; // include/uapi/linux/capability.h

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    String lack = lack();
    if (lack.isEmpty()) {
      return ConditionEvaluationResult.enabled("privileged");
    }
    System.err.println("SKIPPED " + context.getDisplayName() + ": " + lack);
    return ConditionEvaluationResult.disabled(lack);
  }

  private static String lack() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("CapEff:")) {
          long has = Long.parseUnsignedLong(line.substring(7).strip(), 16);
          if ((has & NEEDED) != NEEDED) {
            return "it needs CAP_NET_ADMIN, CAP_NET_RAW and CAP_SYS_ADMIN";
          }
        }
      }
      new ProcessBuilder("ip", "-V").redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
      return "";
    } catch (IOException e) {
      return "it needs ip(8) and /proc: " + e.getMessage();
    }
  }
}
