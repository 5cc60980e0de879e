package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PortNameTest {
  /// No interface has this index.
  private static final int INDEX =
      1_900_000_000 + (int) (ProcessHandle.current().pid() % 1_000_000);

  @Test
  void nameIsHeldOnceAndFreeAfterwards() throws Exception {
    try (PortName first = PortName.take("eth9", INDEX);
        PortName other = PortName.take("eth8", INDEX + 1)) {
      KernelException refused =
          assertThrows(KernelException.class, () -> PortName.take("eth9", INDEX));
      assertEquals(
          "eth9 is the port of another gateway: stop that one first.", refused.getMessage());
      assertEquals(Errno.EBUSY, refused.errno());
    }
    PortName.take("eth9", INDEX).close();
  }
}
