package dev.sluice.runtime.iec104;

import java.util.concurrent.atomic.LongAdder;

/// What a station's links have sent and received, all of them together. Any thread reads and
/// counts.
public final class LinkCounters {
  final LongAdder framesSent = new LongAdder();
  final LongAdder framesReceived = new LongAdder();
  final LongAdder informationSent = new LongAdder();
  final LongAdder informationReceived = new LongAdder();
  final LongAdder brokenSequences = new LongAdder();
  final LongAdder brokenFrames = new LongAdder();

  /// Frames of every format sent.
  public long framesSent() {
    return framesSent.sum();
  }

  /// Frames of every format received.
  public long framesReceived() {
    return framesReceived.sum();
  }

  /// I frames sent.
  public long informationSent() {
    return informationSent.sum();
  }

  /// I frames received.
  public long informationReceived() {
    return informationReceived.sum();
  }

  /// Frames whose N(S) or N(R) did not follow; each ended its link.
  public long brokenSequences() {
    return brokenSequences.sum();
  }

  /// Byte sequences that are no frame; each ended its link.
  public long brokenFrames() {
    return brokenFrames.sum();
  }
}
