package dev.sluice.runtime.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.Version;

final class BundleVersionTest {
  private static final Instant NOON = Instant.parse("2026-11-29T12:00:00Z");

  private static Version next(String wanted, Instant now, String before) {
    return BundleVersion.next(
        new Version(wanted),
        now,
        Optional.of(before).filter(text -> !text.isEmpty()).map(Version::new));
  }

  @ParameterizedTest
  @CsvSource({
    "1.0.0,'',1.0.0.v20261129T120000000",
    "2,'',2.0.0.v20261129T120000000",
    "1.0.0,1.0.0,1.0.0.v20261129T120000000",
    "1.0.0,0.9.0.v20271129T120000000,1.0.0.v20261129T120000000",
    "1.0.0,1.0.0.beta,1.0.0.v20261129T120000000",
    "1.0.0,1.0.0.v20261399T120000000,1.0.0.v20261129T120000000",
    "1.0.0,1.0.0.v20261129T115959999,1.0.0.v20261129T120000000"
  })
  void timeIsTheFourthPart(String wanted, String before, String version) {
    assertEquals(version, next(wanted, NOON, before).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "1.0.0.v20261129T120000000,1.0.0.v20261129T120000001",
    "1.0.0.v20261231T235959999,1.0.0.v20270101T000000000"
  })
  void clockThatStoodOrWentBackMakesNoOlderVersion(String before, String version) {
    assertEquals(version, next("1.0.0", NOON, before).toString());
  }

  @Test
  void fourthPartOfTheAuthorStays() {
    assertEquals("1.2.3.beta", next("1.2.3.beta", NOON, "1.2.3.beta").toString());
  }

  @Test
  void laterIsGreaterAsOsgiCompares() {
    Version last = next("1.0.0", NOON, "");
    for (Instant now = NOON;
        now.isBefore(NOON.plusSeconds(40_000_000));
        now = now.plusMillis(777_777_777)) {
      Version version = next("1.0.0", now.plusMillis(1), "");
      assertTrue(version.compareTo(last) > 0, version + " after " + last);
      last = version;
    }
  }
}
