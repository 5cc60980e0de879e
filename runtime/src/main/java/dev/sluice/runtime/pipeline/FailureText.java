package dev.sluice.runtime.pipeline;

import org.jspecify.annotations.Nullable;

/// What a handler threw, as text, made without a call into the handler's bundle. The text is kept
/// instead of the throwable, whose trace would hold the class loader of a bundle that is gone, and
/// whose methods would run foreign code on the thread of whoever asks.
final class FailureText {
  /// Most characters of a text.
  static final int MOST = 500;

  /// Told of an `OutOfMemoryError`, for which nothing is to be allocated.
  static final String NO_MEMORY = OutOfMemoryError.class.getName();

  private static final String UNTOLD = "a failure that there was no memory to tell of";

  /// Whether all that [Throwable#toString] calls is the JDK's, by class of the throwable. Asked
  /// once for each class, and kept with it.
  private static final ClassValue<Boolean> IS_ALL_JDK =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          return isJdk(type, "toString")
              && isJdk(type, "getLocalizedMessage")
              && isJdk(type, "getMessage");
        }
      };

  private FailureText() {}

  /// The class, and the message if the JDK's own code tells it. Allocates.
  ///
  /// @param failure a throwable, or a text that is told as it is; null for none
  /// @return an empty text for none
  static String of(@Nullable Object failure) {
    if (failure == null) {
      return "";
    }
    if (failure instanceof String text) {
      return text;
    }
    if (failure.getClass() == OutOfMemoryError.class) {
      return NO_MEMORY;
    }
    try {
      return bounded(failure);
    } catch (OutOfMemoryError _) { // the heap is full, whoever filled it
      return UNTOLD;
    }
  }

  private static String bounded(Object failure) {
    String told = failure.getClass().getName();
    if (isAllJdk(failure.getClass())) {
      told = failure.toString();
    }
    return told.length() > MOST ? told.substring(0, MOST) : told;
  }

  private static boolean isAllJdk(Class<?> type) {
    try {
      return IS_ALL_JDK.get(type);
    } catch (LinkageError | RuntimeException _) { // its bundle may be gone, or lack a class
      return false;
    }
  }

  /// Whether a method without parameters is one of the JDK's core, and no bundle's.
  private static boolean isJdk(Class<?> type, String method) {
    try {
      return type.getMethod(method).getDeclaringClass().getClassLoader() == null;
    } catch (NoSuchMethodException _) {
      return false;
    }
  }
}
