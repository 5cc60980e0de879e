package dev.sluice.runtime.control;

import java.io.IOException;
import java.util.List;

/// Where the lines of an answer go.
interface Output {
  /// Sends lines, each a JSON object without its line end. Returns when they are on their way,
  /// which a slow reader can delay.
  ///
  /// @throws IOException if the client is gone, or has not read for too long
  void lines(List<String> lines) throws IOException;
}
