package dev.sluice.runtime.bench;

/// A gateway that is killed, and begins again.
interface Victim extends AutoCloseable {
  /// SIGKILL, and waits for the end.
  void kill() throws BenchException;

  /// Begins the next life, if nobody else does.
  void startAgain() throws BenchException;

  /// Whether the present life's ports receive.
  boolean isReady();

  /// Whether it may be killed: all that is to be ready for the next life is.
  boolean isPrepared();

  /// Finds out whether it has ended by itself.
  ///
  /// @throws BenchException if so
  void requireAlive() throws BenchException;

  @Override
  void close();
}
