package dev.sluice.runtime.config;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.plugin.SettingsException;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Notices that `sluice.cfg` changed, and what of the change can take effect in a running gateway.
/// A bad change leaves the old settings in force. One thread at a time.
public final class SettingsWatch {
  /// Looks without a file before the operator is told.
  static final int PATIENT_LOOKS = 10;

  private final Path folder;
  private final EventLog events;
  private volatile GatewaySettings inForce; // read by the threads of deploy steps too
  private Look accepted;
  private Look last;
  private final GatewaySettings.Files files;

  /// Looks in a row that found no file.
  private int missing;

  /// What the file system says of the file.
  private record Look(long bytes, long modifiedMs, String inode) {
    static Look at(Path file) {
      try {
        BasicFileAttributes found =
            java.nio.file.Files.readAttributes(file, BasicFileAttributes.class);
        return new Look(
            found.size(), found.lastModifiedTime().toMillis(), String.valueOf(found.fileKey()));
      } catch (IOException e) {
        // Being replaced, or gone: another look will tell, and the old settings hold meanwhile.
        return new Look(-1, -1, "");
      }
    }
  }

  /// Watches from the settings that the gateway started with.
  public SettingsWatch(Path folder, GatewaySettings started, EventLog events) {
    this.folder = folder;
    this.events = events;
    this.inForce = started;
    this.accepted = Look.at(file());
    this.last = accepted;
    this.files = filesNow(started);
  }

  /// What the file says of files, which the command line may have overruled.
  private GatewaySettings.Files filesNow(GatewaySettings started) {
    try {
      return GatewaySettings.read(folder).files();
    } catch (SettingsException e) {
      return started.files(); // changed since the start: the first look that differs tells
    }
  }

  private Path file() {
    return folder.resolve(GatewaySettings.FILE_NAME);
  }

  /// Looks at the file. It is read when two looks in a row found it changed and the same.
  ///
  /// @return the policy, if a changed one is to take effect now
  public Optional<GatewaySettings.Policy> poll() {
    Look look = Look.at(file());
    boolean still = look.equals(last);
    last = look;
    tellIfMissing(look);
    if (!still || look.equals(accepted) || look.bytes() < 0) {
      return Optional.empty();
    }
    accepted = look;
    try {
      GatewaySettings fresh = GatewaySettings.read(folder);
      return changed(fresh);
    } catch (SettingsException e) {
      refused(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /// A file is missing for a moment while it is replaced; one that stays away would be missed only
  /// at the next start, by a gateway that does not come up.
  private void tellIfMissing(Look look) {
    missing = look.bytes() < 0 ? missing + 1 : 0;
    if (missing == PATIENT_LOOKS) {
      refused(file() + ": is gone or cannot be read");
    }
  }

  private void refused(String cause) {
    events.report(
        Severity.WARNING,
        "settings-refused",
        Map.of("cause", cause, "effect", "the old settings stay in force"));
  }

  private Optional<GatewaySettings.Policy> changed(GatewaySettings fresh) {
    List<String> later = later(fresh);
    if (!later.isEmpty()) {
      events.report(
          Severity.WARNING,
          "settings-changed",
          Map.of("settings", String.join(", ", later), "effect", "takes effect at the next start"));
    }
    trustChanged(fresh.trust());
    GatewaySettings.Policy old = inForce.policy();
    GatewaySettings.Policy policy =
        new GatewaySettings.Policy(
            fresh.policy().hash(),
            old.fragments(),
            old.malformed(),
            fresh.policy().requiredBundles(),
            fresh.policy().swapPatience());
    if (policy.equals(old)) {
      return Optional.empty();
    }
    if (policy.splitsConnections(inForce.cut().workThreads())) {
      refused(
          "hash = round-robin: not with the "
              + inForce.cut().workThreads()
              + " work-threads that run now");
      return Optional.empty();
    }
    inForce = inForce(policy, inForce.trust());
    events.report(
        Severity.INFO,
        "settings-changed",
        Map.of(
            "hash", policy.hash(), "requiredBundles", policy.requiredBundles(), "effect", "now"));
    return Optional.of(policy);
  }

  /// What holds now of whose bundles run.
  public TrustSettings trust() {
    return inForce.trust();
  }

  private void trustChanged(TrustSettings fresh) {
    TrustSettings trust = fresh.withMode(inForce.trust().mode());
    if (!trust.equals(inForce.trust())) {
      inForce = inForce(inForce.policy(), trust);
      events.report(
          Severity.INFO,
          "settings-changed",
          Map.of("settings", "trust in bundles", "effect", "for bundles that come from now on"));
    }
  }

  private GatewaySettings inForce(GatewaySettings.Policy policy, TrustSettings trust) {
    return new GatewaySettings(
        inForce.ports(),
        inForce.cut(),
        inForce.xdp(),
        policy,
        inForce.deploy(),
        inForce.files(),
        trust);
  }

  private List<String> later(GatewaySettings fresh) {
    List<String> later = new ArrayList<>();
    if (!fresh.ports().equals(inForce.ports())) {
      later.add("ports");
    }
    if (!fresh.cut().equals(inForce.cut())) {
      later.add("threads, queues or frames");
    }
    if (!fresh.xdp().equals(inForce.xdp())
        && fresh.cut().ringFrames() == inForce.cut().ringFrames()) {
      later.add("how xdp: ports work");
    }
    if (fresh.policy().fragments() != inForce.policy().fragments()
        || fresh.policy().malformed() != inForce.policy().malformed()) {
      later.add("fragments or malformed");
    }
    if (!fresh.deploy().equals(inForce.deploy())) {
      later.add("how bundles come into the chain");
    }
    if (!fresh.files().equals(files)) {
      later.add("state-dir, event-log or counters-file");
    }
    if (fresh.trust().mode() != inForce.trust().mode()) {
      later.add("bundle-trust");
    }
    return later;
  }
}
