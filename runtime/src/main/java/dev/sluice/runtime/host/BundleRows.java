package dev.sluice.runtime.host;

import dev.sluice.runtime.control.BundleRow;
import dev.sluice.runtime.control.BundleRow.State;
import dev.sluice.runtime.trust.Approved;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The bundles as an operator sees them. For the deploying thread alone.
final class BundleRows {
  private BundleRows() {}

  /// What is in the chain, in the order of names, then what was taken out, then what the folder
  /// holds that was refused.
  ///
  /// @param leaked loaders alive that should not be, by symbolic name
  /// @param refusals sentences, by file
  static List<BundleRow> of(
      Deployer deployer, Map<String, Integer> leaked, Map<Path, String> refusals) {
    List<BundleRow> rows = new ArrayList<>();
    for (Deployment each : deployer.deployed()) {
      rows.add(row(deployer, each, leaked.getOrDefault(each.stored().symbolicName(), 0)));
    }
    for (DesiredState.Held held : deployer.desired().held()) {
      if (rows.stream().noneMatch(row -> row.sha256().equals(held.sha256()))) {
        rows.add(outside(held.name(), held.sha256(), held.file(), State.ROLLED_BACK, held.cause()));
      }
    }
    refusals.forEach((file, cause) ->
        rows.add(outside("", "", String.valueOf(file.getFileName()), State.REFUSED, cause)));
    return rows;
  }

  private static BundleRow row(Deployer deployer, Deployment each, int leaked) {
    StoredBundle stored = each.stored();
    HandlerSet.Place place = each.handlers().place();
    Approved approved = each.approved();
    return new BundleRow(
        stored.symbolicName(),
        stored.version().toString(),
        stored.sha256(),
        stored.fileName(),
        place.stage().name(),
        place.order(),
        state(deployer, each),
        each.isQuarantined() ? deployer.desired().heldFor(stored.sha256()).orElse("") : "",
        approved.signer().map(signer -> signer.subject()).orElse(""),
        approved.declaredWords(),
        each.generation(),
        lastGood(deployer, each),
        Duration.between(each.since(), Instant.now()).toSeconds(),
        leaked);
  }

  private static State state(Deployer deployer, Deployment each) {
    if (each.isQuarantined()) {
      return State.QUARANTINED;
    }
    return deployer.trial(each).isPresent() ? State.CANARY : State.ACTIVE;
  }

  /// What an order to go back would put in force.
  private static String lastGood(Deployer deployer, Deployment each) {
    Optional<Trial> trial = deployer.trial(each);
    if (trial.isPresent()) {
      return trial.get().replaced();
    }
    return deployer
        .desired()
        .entry(each.stored().symbolicName())
        .previous()
        .map(DesiredState.Content::version)
        .orElse("");
  }

  /// A content that is not in the chain.
  private static BundleRow outside(
      String name, String sha256, String file, State state, String cause) {
    return new BundleRow(
        name, "", sha256, file, "", -1, state, cause, "", List.of(), -1, "", -1, 0);
  }
}
