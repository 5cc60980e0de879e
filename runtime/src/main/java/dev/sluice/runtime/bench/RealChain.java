package dev.sluice.runtime.bench;

import dev.sluice.kernel.FramePattern;
import java.nio.file.Path;

/// The gateway as it is meant to be used: terminal-auth with a thousand live sessions, and a bundle
/// of rules behind it. What can be prepared without a gateway is prepared once.
final class RealChain {
  /// For the setting `required-bundles`.
  static final String REQUIRED = "dev.sluice.plugins.terminal-auth";

  /// Sessions of the benchmarks that do not ask.
  static final int SESSIONS = 1000;

  private final Path folder;
  private final LiveSessions.Prepared prepared;

  private RealChain(Path folder, LiveSessions.Prepared prepared) {
    this.folder = folder;
    this.prepared = prepared;
  }

  static RealChain prepare(Path folder, int sessions) throws BenchException {
    try {
      return new RealChain(folder, LiveSessions.prepare(folder, sessions));
    } catch (Exception e) { // whatever keeps it from being made
      throw told(sessions + " terminals cannot be prepared", e);
    }
  }

  private static BenchException told(String what, Exception e) {
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return new BenchException(what + ": " + e.getMessage(), e);
  }

  /// Where a gateway finds its settings and bundles.
  Path folder() {
    return folder;
  }

  /// Sessions that are live.
  interface Open extends AutoCloseable {
    FramePattern pattern(int bytes);

    /// Sessions that have not ended, as far as their terminals know.
    int live();

    @Override
    void close();
  }

  /// Authenticates all terminals at a running gateway and opens their connections.
  Open open(World world) throws BenchException {
    try {
      LiveSessions sessions =
          LiveSessions.open(world.name(), World.GENERATOR, World.SINK, prepared);
      return new Open() {
        @Override
        public FramePattern pattern(int bytes) {
          return sessions.pattern(bytes);
        }

        @Override
        public int live() {
          return sessions.live();
        }

        @Override
        public void close() {
          sessions.close();
        }
      };
    } catch (Exception e) { // whatever keeps them from being opened
      throw told("the terminals' sessions cannot be opened", e);
    }
  }
}
