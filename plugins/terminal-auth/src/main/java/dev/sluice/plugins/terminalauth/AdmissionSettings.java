package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The settings of `config/terminal.auth.cfg`, checked. Every key, with its unit, range and
/// default, is in `docs/terminal-auth.md`.
///
/// @param gate what the gate needs of them
/// @param terminalPorts names of the devices that lead to terminals
record AdmissionSettings(
    Admission.Gate gate,
    Set<String> terminalPorts,
    Files files,
    Limits limits,
    Life life,
    Suspension suspension,
    CertificatePolicy certificatePolicy) {

  static final String PID = "terminal.auth";

  /// The files that are read, and read again when they change.
  record Files(
      Path registry,
      Path gatewayCertificate,
      Path gatewayKey,
      List<Path> authorities,
      List<Path> revocationLists) {}

  /// What bounds the handshakes.
  ///
  /// @param handshakes most at a time
  /// @param perSource most at a time from one source
  /// @param perMinute most in a minute from one source
  /// @param timeoutMs how long one may take
  /// @param cookieRotationNanos how long a cookie secret is given out
  record Limits(
      int handshakes, int perSource, int perMinute, int timeoutMs, long cookieRotationNanos) {}

  /// What ends a session.
  ///
  /// @param leaseNanos how long after its handshake
  /// @param idleNanos how long after its last packet; 0: never
  /// @param keepAliveNanos how often a terminal shows that it lives; 0: it need not
  /// @param keepAliveMisses after how many such times without a record
  record Life(long leaseNanos, long idleNanos, long keepAliveNanos, int keepAliveMisses) {}

  /// When packets that do not match a session's binding end it.
  ///
  /// @param mismatches so many packets; 0: they never do
  /// @param windowNanos within this time
  /// @param nanos for how long nobody can authenticate from the address then
  record Suspension(int mismatches, long windowNanos, long nanos) {}

  /// How strictly certificates are checked.
  ///
  /// @param clockSkewMs how far in the future a certificate's begin may lie
  record CertificatePolicy(RevocationPolicy revocation, long clockSkewMs) {}

  /// What is asked of the revocation lists before a terminal may authenticate. A certificate that a
  /// list names is refused under each of them.
  enum RevocationPolicy {
    /// A list for each authority on the path, not past its next update.
    REQUIRE_CURRENT,
    /// A list for each authority on the path, however old.
    ALLOW_OVERDUE,
    /// Whatever there is.
    ALLOW_MISSING
  }

  /// Reads and checks the component's properties.
  ///
  /// @param devices all of the gateway's
  /// @throws SettingsException that names file, key, value and what is allowed
  static AdmissionSettings read(Map<String, ?> properties, List<Device> devices)
      throws SettingsException {
    Reader reader = new Reader(Settings.ofComponent(PID, properties), folder(properties), devices);
    AdmissionSettings settings = reader.all();
    reader.settings.refuseUnknown();
    return settings;
  }

  /// Where relative paths start: the folder of the settings file, else the working directory.
  private static Path folder(Map<String, ?> properties) {
    Object file = properties.get("felix.fileinstall.filename");
    Path folder = file == null ? null : Path.of(URI.create(file.toString())).getParent();
    return folder == null ? Path.of("").toAbsolutePath() : folder;
  }

  private record Reader(Settings settings, Path folder, List<Device> devices) {
    AdmissionSettings all() throws SettingsException {
      List<Device> masterSide = masterSide();
      Admission.Gate gate =
          new Admission.Gate(
              settings.integer("auth-port", 1, 65_535, 2405),
              masterSide,
              ownAddress(),
              masters(),
              seconds("connection-idle-s", 10, 86_400, 900),
              settings.integer("max-connections", 1, 1 << 20, 16_384));
      Set<String> terminalPorts =
          devices.stream()
              .filter(device -> !masterSide.contains(device))
              .map(Device::name)
              .collect(Collectors.toUnmodifiableSet());
      return new AdmissionSettings(
          gate, terminalPorts, files(), limits(), life(), suspension(), certificatePolicy());
    }

    private List<Device> masterSide() throws SettingsException {
      settings.required("master-ports", "the names of the devices that lead to master stations");
      Set<Device> chosen = new LinkedHashSet<>();
      for (String name : settings.list("master-ports")) {
        chosen.add(
            devices.stream()
                .filter(device -> device.name().equals(name))
                .findFirst()
                .orElseThrow(() -> settings.wrong("master-ports", name, "one of " + names())));
      }
      if (chosen.size() >= devices.size()) {
        throw settings.wrong(
            "master-ports",
            String.join(", ", settings.list("master-ports")),
            "not all of " + names() + ": terminals need one");
      }
      return List.copyOf(chosen);
    }

    private String names() {
      return devices.stream()
          .map(Device::name)
          .collect(
              Collectors.collectingAndThen(
                  Collectors.toCollection(TreeSet::new), n -> String.join(", ", n)));
    }

    private @Nullable IpAddress ownAddress() throws SettingsException {
      String text = settings.text("own-address", "");
      return text.isEmpty() ? null : address("own-address", text);
    }

    private IpAddress address(String key, String text) throws SettingsException {
      try {
        IpAddress address = IpAddress.parse(text);
        if (address.isStation()) {
          return address;
        }
      } catch (IllegalArgumentException e) {
        throw settings.wrong(key, text, "an IPv4 or IPv6 address");
      }
      throw settings.wrong(key, text, "the address of one host");
    }

    private List<Admission.Master> masters() throws SettingsException {
      List<Admission.Master> masters = new ArrayList<>();
      for (String part : settings.list("masters")) {
        int equals = part.indexOf('=');
        String address = equals < 0 ? part : part.substring(0, equals).strip();
        masters.add(
            new Admission.Master(
                address("masters", address),
                equals < 0
                    ? OptionalLong.empty()
                    : OptionalLong.of(hardwareAddress(part.substring(equals + 1).strip()))));
      }
      return List.copyOf(masters);
    }

    private long hardwareAddress(String text) throws SettingsException {
      try {
        return HardwareAddress.parse(text);
      } catch (IllegalArgumentException e) {
        throw settings.wrong("masters", text, HardwareAddress.FORM);
      }
    }

    private Files files() throws SettingsException {
      settings.required("ca-files", "the PEM files of the authorities that issue certificates");
      return new Files(
          folder.resolve(settings.text("registry-file", "terminals.ini")),
          folder.resolve(
              settings.required("gateway-certificate", "the PEM file of the gateway's chain")),
          folder.resolve(settings.required("gateway-key", "the PEM file of the gateway's key")),
          paths("ca-files"),
          paths("crl-files"));
    }

    private List<Path> paths(String key) {
      return settings.list(key).stream().map(folder::resolve).toList();
    }

    private Limits limits() throws SettingsException {
      return new Limits(
          settings.integer("max-handshakes", 1, 10_000, 256),
          settings.integer("max-handshakes-per-source", 1, 100, 2),
          settings.integer("handshakes-per-minute", 1, 6000, 10),
          settings.integer("handshake-timeout-s", 1, 120, 15) * 1000,
          seconds("cookie-rotation-s", 1, 86_400, 600));
    }

    private Life life() throws SettingsException {
      return new Life(
          seconds("lease-s", 1, 604_800, 3600),
          seconds("idle-s", 0, 604_800, 600),
          seconds("keep-alive-s", 0, 3600, 30),
          settings.integer("keep-alive-misses", 1, 100, 3));
    }

    private Suspension suspension() throws SettingsException {
      return new Suspension(
          settings.integer("mismatch-limit", 0, 1_000_000, 0),
          seconds("mismatch-window-s", 1, 3600, 10),
          seconds("suspension-s", 0, 3600, 10));
    }

    private CertificatePolicy certificatePolicy() throws SettingsException {
      return new CertificatePolicy(
          settings.choice("crl-policy", RevocationPolicy.class, RevocationPolicy.REQUIRE_CURRENT),
          settings.integer("clock-skew-s", 0, 86_400, 300) * 1000L);
    }

    private long seconds(String key, int min, int max, int otherwise) throws SettingsException {
      return TimeUnit.SECONDS.toNanos(settings.integer(key, min, max, otherwise));
    }
  }
}
