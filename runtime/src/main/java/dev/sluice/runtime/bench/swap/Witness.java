package dev.sluice.runtime.bench.swap;

import dev.sluice.kernel.VersionSink;

/// What stands behind the gateway and sees every frame that leaves it. Any thread, but for
/// [#delays].
public interface Witness {
  VersionSink.Counts counts();

  /// What was seen of a version.
  VersionSink.Sight sight(int version);

  /// Says that no frame made after this moment may have the version any more.
  void ends(int version, long nanos);

  /// Says, before its first frame comes, that a version is on trial.
  void onTrial(int version);

  /// Hands out the delays measured since the last call, of some of the frames. One thread at a
  /// time.
  ///
  /// @return how many were lost
  long delays(VersionSink.Delays delays);

  /// The witness that a sink in the kernel is.
  static Witness of(VersionSink sink) {
    return new Witness() {
      @Override
      public VersionSink.Counts counts() {
        return sink.counts();
      }

      @Override
      public VersionSink.Sight sight(int version) {
        return sink.sight(version);
      }

      @Override
      public void ends(int version, long nanos) {
        sink.ends(version, nanos);
      }

      @Override
      public void onTrial(int version) {
        sink.onTrial(version);
      }

      @Override
      public long delays(VersionSink.Delays delays) {
        return sink.delays(delays);
      }
    };
  }
}
