package dev.sluice.runtime.pipeline;

/// Takes a thread that was replaced while it was in a handler out of everything of ours. Thrown
/// where no handler can catch it, after the handler has returned; made once, since it tells nothing
/// but that.
final class Deposed extends Error {
  @SuppressWarnings("StaticAssignmentOfThrowable") // it has no stack trace, and no cause
  static final Deposed HERE = new Deposed();

  private static final long serialVersionUID = 1;

  private Deposed() {
    super("replaced while it was in a handler", null, false, false);
  }
}
