package dev.sluice.runtime.bundle;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.osgi.framework.Version;

/// Gives each build a version of its own, greater than that of the build before: a gateway that
/// takes no older version over a newer one then takes every build.
final class BundleVersion {
  /// Its texts order as the times do.
  private static final DateTimeFormatter QUALIFIER =
      DateTimeFormatter.ofPattern("'v'uuuuMMdd'T'HHmmssSSS");

  private BundleVersion() {}

  /// The version with the time of the build as its fourth part, in UTC. One that has a fourth part
  /// stays as it is.
  ///
  /// @param before of the last build, if there was one; a clock that went back does not matter
  static Version next(Version wanted, Instant now, Optional<Version> before) {
    if (!wanted.getQualifier().isEmpty()) {
      return wanted;
    }
    LocalDateTime time =
        LocalDateTime.ofInstant(now, ZoneOffset.UTC).truncatedTo(ChronoUnit.MILLIS);
    LocalDateTime least =
        before
            .filter(last -> isSameButQualifier(last, wanted))
            .flatMap(last -> time(last.getQualifier()))
            .map(last -> last.plus(1, ChronoUnit.MILLIS))
            .orElse(time);
    return new Version(
        wanted.getMajor(),
        wanted.getMinor(),
        wanted.getMicro(),
        QUALIFIER.format(time.isBefore(least) ? least : time));
  }

  private static boolean isSameButQualifier(Version one, Version other) {
    return one.getMajor() == other.getMajor()
        && one.getMinor() == other.getMinor()
        && one.getMicro() == other.getMicro();
  }

  private static Optional<LocalDateTime> time(String qualifier) {
    try {
      return Optional.of(LocalDateTime.parse(qualifier, QUALIFIER));
    } catch (DateTimeException e) {
      return Optional.empty(); // it was given by a person, who sees to the order
    }
  }
}
