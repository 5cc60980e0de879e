package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;

/// What can be asked without ending this process; the rest is tested with processes of their own.
final class ParentProcessTest {
  @Test
  void parentIsTheOneThatJavaKnows() {
    long known = ProcessHandle.current().parent().orElseThrow().pid();
    assertEquals(known, ProcessCalls.parent());
  }

  @Test
  void parentOfAnotherNumberIsGone() throws Exception {
    try {
      assertFalse(ParentProcess.dieWith(ProcessHandle.current().pid()));
    } finally {
      assertEquals(0, ProcessCalls.setParentDeathSignal(0));
    }
  }

  @Test
  void signalThatIsNoneIsRefused() {
    assertEquals(-Errno.EINVAL, ProcessCalls.setParentDeathSignal(1000));
  }
}
