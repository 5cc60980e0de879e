package dev.sluice.runtime.bench;

/// `bench swap --bundle terminal-auth`.
final class SessionSwapBench {
  private SessionSwapBench() {}

  static int run(Bed bed, SwapOptions options, Report report) throws BenchException {
    throw new BenchException("not yet" + bed + options + report);
  }
}
