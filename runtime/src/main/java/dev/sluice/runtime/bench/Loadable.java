package dev.sluice.runtime.bench;

import java.util.Locale;
import java.util.function.Consumer;

/// Something that traffic can be sent through.
interface Loadable {
  /// Sends as fast as can be, and counts for a while from the middle of it.
  Trial saturate(int bytes, double seconds) throws BenchException;

  /// Sends at a rate, and counts until the last frame has come.
  Trial pace(int bytes, double mpps, double seconds) throws BenchException;

  /// The same, telling each trial to whoever waits: a search takes minutes, and one that finds
  /// nothing must not leave them without a reason.
  default Loadable telling(Consumer<String> listener) {
    Loadable told = this;
    return new Loadable() {
      @Override
      public Trial saturate(int bytes, double seconds) throws BenchException {
        Trial trial = told.saturate(bytes, seconds);
        listener.accept(String.format(Locale.ROOT, "saturated: %.4f Mpps", trial.deliveredMpps()));
        return trial;
      }

      @Override
      public Trial pace(int bytes, double mpps, double seconds) throws BenchException {
        Trial trial = told.pace(bytes, mpps, seconds);
        listener.accept(
            String.format(
                Locale.ROOT,
                "%.4f Mpps: %.4f offered, %.5f %% lost, %.2f s of CPU for others",
                mpps,
                trial.offeredMpps(),
                trial.lossPercent(),
                trial.otherSeconds()));
        return trial;
      }
    };
  }
}
