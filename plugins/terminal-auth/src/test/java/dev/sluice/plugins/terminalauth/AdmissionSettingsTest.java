package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.NamedDevice;
import dev.sluice.plugin.SettingsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdmissionSettingsTest {
  private static final Device ETH1 = new NamedDevice("eth1", 0);
  private static final Device ETH2 = new NamedDevice("eth2", 1);

  private final Map<String, Object> properties =
      new TreeMap<>(
          Map.of(
              "felix.fileinstall.filename", "file:/etc/sluice/terminal.auth.cfg",
              "service.pid", AdmissionSettings.PID,
              "master-ports", "eth2",
              "gateway-certificate", "pki/gateway.crt",
              "gateway-key", "/secret/gateway.key",
              "ca-files", "ca.crt, old-ca.crt"));

  @Test
  void defaultsAreThoseOfTheDocuments() throws SettingsException {
    AdmissionSettings settings = read();
    assertEquals(
        new Admission.Gate(
            2405, List.of(ETH2), null, List.of(), TimeUnit.MINUTES.toNanos(15), 16_384),
        settings.gate());
    assertEquals(Set.of("eth1"), settings.terminalPorts());
    assertEquals(
        new AdmissionSettings.Limits(256, 2, 10, 15_000, TimeUnit.MINUTES.toNanos(10)),
        settings.limits());
    assertEquals(
        new AdmissionSettings.Life(
            TimeUnit.HOURS.toNanos(1),
            TimeUnit.MINUTES.toNanos(10),
            TimeUnit.SECONDS.toNanos(30),
            3),
        settings.life());
  }

  @Test
  void relativePathsStartAtTheSettingsFile() throws SettingsException {
    Path folder = Path.of("/etc/sluice");
    assertEquals(
        new AdmissionSettings.Files(
            folder.resolve("terminals.ini"),
            folder.resolve("pki/gateway.crt"),
            Path.of("/secret/gateway.key"),
            List.of(folder.resolve("ca.crt"), folder.resolve("old-ca.crt")),
            List.of()),
        read().files());
  }

  @Test
  void mastersMayHaveHardwareAddresses() throws SettingsException {
    properties.put("masters", "10.0.0.1=02:00:00:00:00:01, 2001:db8::1");
    assertEquals(
        List.of(
            new Admission.Master(
                IpAddress.parse("10.0.0.1"), OptionalLong.of(0x02_00_00_00_00_01L)),
            new Admission.Master(IpAddress.parse("2001:db8::1"), OptionalLong.empty())),
        read().gate().masters());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "auth-port|0|auth-port = 0: allowed: 1..65535",
        "auth-port|65536|auth-port = 65536: allowed: 1..65535",
        "auth-port|dtls|auth-port = dtls: allowed: a whole number, 1..65535",
        "master-ports|eth9|master-ports = eth9: allowed: one of eth1, eth2",
        "master-ports|eth1, eth2|master-ports = eth1, eth2: allowed: not all of eth1, eth2",
        "own-address|10.0.0|own-address = 10.0.0: allowed: an IPv4 or IPv6 address",
        "own-address|224.0.0.1|own-address = 224.0.0.1: allowed: the address of one host",
        "masters|10.0.0.1=x|masters = x: allowed: an Ethernet address of one station",
        "masters|x=02:00:00:00:00:01|masters = x: allowed: an IPv4 or IPv6 address",
        "lease-s|0|lease-s = 0: allowed: 1..604800",
        "lease-s|604801|lease-s = 604801: allowed: 1..604800",
        "idle-s|-1|idle-s = -1: allowed: 0..604800",
        "keep-alive-s|3601|keep-alive-s = 3601: allowed: 0..3600",
        "keep-alive-misses|0|keep-alive-misses = 0: allowed: 1..100",
        "max-handshakes|0|max-handshakes = 0: allowed: 1..10000",
        "max-handshakes-per-source|0|max-handshakes-per-source = 0: allowed: 1..100",
        "handshakes-per-minute|0|handshakes-per-minute = 0: allowed: 1..6000",
        "handshake-timeout-s|0|handshake-timeout-s = 0: allowed: 1..120",
        "cookie-rotation-s|0|cookie-rotation-s = 0: allowed: 1..86400",
        "connection-idle-s|9|connection-idle-s = 9: allowed: 10..86400",
        "max-connections|0|max-connections = 0: allowed: 1..1048576",
        "mismatch-limit|-1|mismatch-limit = -1: allowed: 0..1000000",
        "mismatch-window-s|0|mismatch-window-s = 0: allowed: 1..3600",
        "suspension-s|-1|suspension-s = -1: allowed: 0..3600",
        "crl-policy|never|crl-policy = never: allowed: one of require-current, allow-overdue, al",
        "clock-skew-s|86401|clock-skew-s = 86401: allowed: 0..86400",
        "lease|3600|lease = 3600: unknown key; known keys: master-ports",
      })
  void wrongValueIsRefusedWithASentence(String key, String value, String sentence) {
    properties.put(key, value);
    refuses(sentence);
  }

  @ParameterizedTest
  @CsvSource({"master-ports", "gateway-certificate", "gateway-key", "ca-files"})
  void missingKeyIsRefused(String key) {
    properties.remove(key);
    refuses(key + " is not set: give the ");
  }

  private AdmissionSettings read() throws SettingsException {
    return AdmissionSettings.read(properties, List.of(ETH1, ETH2));
  }

  private void refuses(String sentence) {
    SettingsException e = assertThrows(SettingsException.class, this::read);
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("terminal.auth.cfg: " + sentence),
        e.getMessage());
  }
}
