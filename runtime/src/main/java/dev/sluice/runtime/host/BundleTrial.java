package dev.sluice.runtime.host;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketSender;
import dev.sluice.runtime.config.TrustSettings;
import dev.sluice.runtime.trust.Permission;
import dev.sluice.runtime.trust.TrustCheck;
import dev.sluice.runtime.trust.TrustException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Takes a bundle through what a gateway does with it before it sees a packet, without a gateway:
/// what would be refused there is refused here, in the same words. Only time is not measured.
///
/// The bundle's own code runs: its constructor and what else it does at its start. It is offered
/// the services that a gateway offers, of which the one to send by has no devices.
public final class BundleTrial {
  private static final int WORK_THREADS = 2;

  /// Wider than a gateway's: no traffic waits, and the machine may be a slow one.
  private static final Bundles.Limits LIMITS =
      new Bundles.Limits(Duration.ofSeconds(5), Duration.ofSeconds(20));

  private static final EventLog UNHEARD = (severity, event, fields) -> {};

  private BundleTrial() {}

  /// What became of the bundle.
  ///
  /// @param title symbolic name and version, empty if it has none
  /// @param place stage and order as people read them, empty unless it came as far
  /// @param refusal why a gateway would refuse it, a sentence; empty if it would not
  public record Result(String title, String place, Optional<String> refusal) {}

  /// Judges a bundle by its file alone: is it a whole JAR, is it a bundle, is nothing in it that
  /// must not be, and is declared what its classes use.
  ///
  /// @param scratch an empty folder, which stays full of what the trial needed
  /// @throws HostException if the trial itself cannot be made
  public static Result look(Path jar, Path scratch) throws HostException {
    try {
      String title = new BundleStore(scratch).take(jar).title();
      TrustCheck.refuseOutright(jar, BundleTrust.offeredVersions());
      return new Result(title, "", Optional.empty());
    } catch (RefusedException e) {
      return new Result("", "", Optional.of(e.sentence()));
    } catch (TrustException e) {
      return new Result("", "", Optional.of(e.sentence()));
    }
  }

  /// Installs and starts a bundle and makes its handlers.
  ///
  /// @param settings `.cfg` files that configure it, named as in a gateway's folder
  /// @param scratch an empty folder, which stays full of what the trial needed
  /// @throws HostException if the trial itself cannot be made
  public static Result run(Path jar, List<Path> settings, Path scratch) throws HostException {
    String title = "";
    try (Host host = boot(settings, scratch)) {
      host.offer(new NoDevices());
      StoredBundle stored = new BundleStore(scratch).take(jar);
      title = stored.title();
      HandlerSet.Place place = bring(host, stored, WORK_THREADS, scratch).handlers().place();
      return new Result(title, place.stage() + " " + place.order(), Optional.empty());
    } catch (RefusedException e) {
      return new Result(title, "", Optional.of(e.sentence()));
    }
  }

  /// Whoever signed it, and whatever an operator will grant: what is used must be declared.
  private static TrustSettings trusting(Path scratch) {
    Set<String> words =
        Arrays.stream(Permission.values())
            .filter(Permission::isGrantable)
            .map(Permission::word)
            .collect(Collectors.toSet());
    return new TrustSettings(
        TrustSettings.Mode.DEVELOPMENT,
        scratch.resolve("trust"),
        TrustSettings.Revocation.BEST,
        List.of(),
        List.of(new TrustSettings.Grant("*", words)),
        Set.of());
  }

  /// A host with these settings and no bundle.
  static Host boot(List<Path> settings, Path scratch) throws HostException {
    Path config = copied(settings, scratch.resolve("config"));
    return Host.boot(Distribution.find(), config, scratch, UNHEARD);
  }

  /// Takes a bundle through the steps of a deployment.
  ///
  /// @param scratch a folder for what the steps keep
  static Deployment bring(Host host, StoredBundle stored, int workThreads, Path scratch)
      throws RefusedException, HostException {
    InstallSteps steps =
        new InstallSteps(
            host.context(),
            BundleTrust.of(host.distribution(), () -> trusting(scratch), scratch, UNHEARD),
            host.gate(),
            new ComponentFailures(host.context()),
            workThreads,
            host.state(),
            LIMITS.handler());
    return new DeployPath(steps.inOrder(), LIMITS.step(), UNHEARD)
        .bring(new Candidate(stored, false));
  }

  private static Path copied(List<Path> settings, Path config) throws HostException {
    try {
      Files.createDirectories(config);
      for (Path file : settings) {
        Files.copy(file, config.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
      return config;
    } catch (IOException e) {
      throw new HostException("the settings cannot be copied to " + config + ": " + e, e);
    }
  }

  /// Whether a bundle may be called so.
  public static boolean isSymbolicName(String text) {
    return BundleHeaders.isSymbolicName(text);
  }

  /// The jars, or folders of classes, whose packages a gateway offers to bundles: what a bundle may
  /// be compiled against.
  public static List<Path> offeredClasses() throws HostException {
    List<String> representatives = new ArrayList<>(OfferedPackages.REPRESENTATIVES);
    representatives.add("org/osgi/framework/BundleContext.class");
    List<Path> places = new ArrayList<>();
    for (String representative : representatives) {
      places.add(placeOf(representative));
    }
    return List.copyOf(places);
  }

  /// The jar, or folder of classes, that a class of this class path lies in.
  ///
  /// @param representative as `java/lang/Object.class`
  /// @throws HostException if it is not on the class path
  public static Path placeOf(String representative) throws HostException {
    var found = BundleTrial.class.getClassLoader().getResource(representative);
    if (found == null) {
      throw new HostException(representative + ": is not on the class path: build Sluice again");
    }
    String place = found.toString();
    place = place.substring(0, place.length() - representative.length());
    if (place.startsWith("jar:") && place.endsWith("!/")) {
      place = place.substring("jar:".length(), place.length() - "!/".length());
    }
    return Path.of(URI.create(place));
  }

  /// Stands for the sending half of a gateway.
  private static final class NoDevices implements PacketSender {
    @Override
    public List<Device> devices() {
      return List.of();
    }

    @Override
    public boolean sendPacket(Device sendTo, Packet packet) {
      return false;
    }

    @Override
    public boolean sendData(Device sendTo, MemorySegment frame) {
      return false;
    }

    @Override
    public void drop(Packet packet, DropReason reason) {
      // There is no packet that it could have been given.
    }
  }
}
