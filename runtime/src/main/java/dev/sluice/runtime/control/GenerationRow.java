package dev.sluice.runtime.control;

import java.time.Instant;
import java.util.List;

/// One generation of the chain.
///
/// @param number counted from 1
/// @param time when it was published
/// @param chain its bundles in order, each as symbolic name and version
/// @param cause what made it: which bundle came, went or was changed
/// @param switchMicros how long the data path was concerned: the publishing alone
/// @param graceMicros until every thread had left the generation before; -1 while it has not
public record GenerationRow(
    long number,
    Instant time,
    List<String> chain,
    String cause,
    long switchMicros,
    long graceMicros) {
  public GenerationRow {
    chain = List.copyOf(chain);
  }
}
