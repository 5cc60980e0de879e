package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LatencyHistogramTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 10, 1000, 100_000})
  void percentilesAreThoseOfASortedListToWithinASixteenth(int count) {
    Random random = new Random(count);
    LatencyHistogram histogram = new LatencyHistogram();
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = (long) Math.exp(random.nextDouble() * Math.log(1e10));
      histogram.add(values[i]);
    }
    Arrays.sort(values);
    Timing timing = histogram.reading();
    assertEquals(count, timing.count());
    assertEquals(values[count - 1], timing.max());
    for (double percent : new double[] {0.1, 1, 25, 50, 90, 99, 99.9, 100}) {
      long exact = values[(int) Math.ceil(count * percent / 100) - 1];
      long told = timing.percentile(percent);
      assertTrue(exact <= told && told <= exact + exact / 16 + 1, exact + ": " + told);
    }
  }

  @Test
  void everyBucketEndsWhereTheNextBegins() {
    for (int bucket = 0; bucket < LatencyHistogram.BUCKETS - 1; bucket++) {
      long last = LatencyHistogram.longest(bucket);
      assertEquals(bucket, LatencyHistogram.bucket(last));
      assertEquals(bucket + 1, LatencyHistogram.bucket(last + 1));
    }
    assertEquals(0, LatencyHistogram.bucket(0));
  }

  @Test
  void aTimeOutOfRangeIsInTheFirstOrTheLastBucket() {
    LatencyHistogram histogram = new LatencyHistogram();
    histogram.add(-5);
    histogram.add(Long.MIN_VALUE);
    assertEquals(0, histogram.reading().percentile(100));
    histogram.add(Long.MAX_VALUE);
    assertEquals(3, histogram.reading().count());
    assertEquals(Long.MAX_VALUE, histogram.reading().percentile(100));
    assertEquals(0, histogram.reading().percentile(66));
  }

  @Test
  void nothingMeasuredIsToldAsZero() {
    assertEquals(0, Timing.NONE.count());
    assertEquals(0, Timing.NONE.percentile(50));
    assertEquals(0, Timing.NONE.max());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 100.1, Double.NaN})
  void aPercentileThatIsNoneIsRefused(double percent) {
    assertThrows(IllegalArgumentException.class, () -> Timing.NONE.percentile(percent));
  }

  @Test
  void aLaterReadingLessAnEarlierOneIsWhatCameBetween() {
    LatencyHistogram histogram = new LatencyHistogram();
    histogram.add(1000);
    Timing before = histogram.reading();
    histogram.add(5);
    histogram.add(7);
    Timing between = histogram.reading().since(before);
    assertEquals(2, between.count());
    assertEquals(7, between.percentile(100));
    assertEquals(1000, between.max());
    assertEquals(3, between.plus(before).count());
  }
}
