package dev.sluice.runtime.supervisor;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Ends the process when a thread of the gateway's own has died of an error of the virtual machine:
/// without it the gateway would be there and no longer do what it must.
///
/// Bundles' code that fails so within a call of the host's is caught by the host. A thread that a
/// bundle has made is the bundle's own: its end is printed by the JVM and hurts the bundle alone.
public final class FatalErrors implements Thread.UncaughtExceptionHandler {
  /// The exit code of a gateway that must be started again.
  public static final int RESTART = 70;

  private static final byte[] BEFORE = bytes("sluice: the gateway ends: thread ");
  private static final byte[] OUT_OF_MEMORY = bytes(" ran out of memory\n");
  private static final byte[] OUT_OF_STACK = bytes(" ran out of stack\n");
  private static final byte[] OTHER = bytes(" met an error of the virtual machine\n");

  private static final int MOST_NAME = 64;

  /// Behind the constants that it is made of.
  private static final FatalErrors HANDLER = new FatalErrors();

  /// Made beforehand: when it is needed there may be no memory left.
  private final byte[] line = new byte[BEFORE.length + MOST_NAME + OTHER.length];

  private final FileOutputStream terminal = new FileOutputStream(FileDescriptor.err);

  /// Does all that will be done but for the end itself, once: what the JVM loads and resolves at
  /// the first time takes memory.
  private FatalErrors() {
    for (Error error :
        List.of(new OutOfMemoryError(), new StackOverflowError(), new InternalError())) {
      if (isFatal(error)) {
        line("rehearsal", error);
        tell(0);
      }
    }
    try {
      Runtime.getRuntime().removeShutdownHook(new Thread()); // loads what halt needs, too
    } catch (IllegalStateException e) {
      return; // the process ends already
    }
  }

  /// The handler for threads of the gateway's own.
  public static Thread.UncaughtExceptionHandler handler() {
    return HANDLER;
  }

  @Override
  public void uncaughtException(Thread thread, Throwable error) {
    if (!isFatal(error)) {
      ThreadGroup group = thread.getThreadGroup();
      if (group != null) {
        group.uncaughtException(thread, error); // as if there were no handler
      }
      return;
    }
    try {
      synchronized (this) {
        tell(line(thread.getName(), error));
      }
    } finally {
      Runtime.getRuntime().halt(RESTART);
    }
  }

  private static boolean isFatal(Throwable error) {
    return error instanceof VirtualMachineError;
  }

  /// Makes one line without any allocation.
  ///
  /// @return how many bytes it has
  private int line(String name, Throwable error) {
    int length = append(BEFORE, 0);
    for (int at = 0; at < Math.min(MOST_NAME, name.length()); at++) {
      char c = name.charAt(at);
      line[length++] = (byte) (' ' <= c && c <= '~' ? c : '?');
    }
    if (error instanceof OutOfMemoryError) {
      return append(OUT_OF_MEMORY, length);
    }
    return append(error instanceof StackOverflowError ? OUT_OF_STACK : OTHER, length);
  }

  private void tell(int length) {
    try {
      terminal.write(line, 0, length);
    } catch (IOException e) {
      return; // the exit code says it too
    }
  }

  private int append(byte[] text, int at) {
    System.arraycopy(text, 0, line, at, text.length);
    return at + text.length;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
