package dev.sluice.runtime.bench;

/// Something that traffic can be sent through.
interface Loadable {
  /// Sends as fast as can be, and counts for a while from the middle of it.
  Trial saturate(int bytes, double seconds) throws BenchException;

  /// Sends at a rate, and counts until the last frame has come.
  Trial pace(int bytes, double mpps, double seconds) throws BenchException;
}
