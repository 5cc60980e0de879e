package dev.sluice.runtime.iec104;

/// The numbers of a link. Source: IEC 60870-5-104, clauses 5.5 and 9.6.
///
/// @param k most I frames sent and not acknowledged, 1..32767
/// @param w acknowledge after so many I frames received, 1..k
/// @param t1Millis a frame that must be answered and is not ends the link after so long
/// @param t2Millis acknowledge this long after an I frame at the latest; less than t1
/// @param t3Millis test the link after so long without a frame
public record LinkTiming(int k, int w, int t1Millis, int t2Millis, int t3Millis) {
  /// The standard's own values: 12, 8, 15 s, 10 s, 20 s.
  public static final LinkTiming STANDARD = new LinkTiming(12, 8, 15_000, 10_000, 20_000);

  public LinkTiming {
    if (k < 1 || Apdu.SEQUENCE_MODULUS - 1 < k) {
      throw new IllegalArgumentException("k is " + k + ", allowed are 1..32767");
    }
    if (w < 1 || k < w) {
      throw new IllegalArgumentException("w is " + w + ", allowed are 1..k, k is " + k);
    }
    if (t1Millis < 1 || t2Millis < 1 || t1Millis <= t2Millis || t3Millis < 1) {
      throw new IllegalArgumentException(
          "t1 %d ms, t2 %d ms, t3 %d ms: each must be at least 1 and t2 less than t1"
              .formatted(t1Millis, t2Millis, t3Millis));
    }
  }
}
