package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.NamedDevice;
import dev.sluice.plugin.SettingsException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The sample files are what they say: accepted, with the defaults they name.
class SamplesTest {
  private static final Path SAMPLES = Path.of("..", "..", "config", "samples");
  private static final List<Device> DEVICES =
      List.of(new NamedDevice("eth1", 0), new NamedDevice("eth2", 1));

  @Test
  void settingsAreAcceptedAndCommentedOutOnesAreTheDefaults() throws Exception {
    String text = Files.readString(SAMPLES.resolve("terminal.auth.cfg"));
    AdmissionSettings plain = read(text);
    AdmissionSettings all = read(text.replaceAll("(?m)^#(?=[a-z-]+ = )", ""));
    assertEquals(plain.limits(), all.limits());
    assertEquals(plain.life(), all.life());
    assertEquals(plain.suspension(), all.suspension());
    assertEquals(plain.certificatePolicy(), all.certificatePolicy());
    assertEquals(plain.files(), all.files());
    assertEquals(plain.gate().authPort(), all.gate().authPort());
    assertEquals(plain.gate().connectionIdleNanos(), all.gate().connectionIdleNanos());
    assertEquals(plain.gate().maxConnections(), all.gate().maxConnections());
    assertEquals(2, all.gate().masters().size());
  }

  @Test
  void registryIsAccepted() throws Exception {
    String text = Files.readString(SAMPLES.resolve("terminals.ini"));
    Registry plain = Registry.parse("terminals.ini", text, Set.of("eth1"));
    assertEquals(1, plain.byAddress().size());
    String all = text.replaceAll("(?m)^#(?=[a-z-]+ = )", "").replaceAll("(?m)^fingerprint.*", "");
    Registry whole = Registry.parse("terminals.ini", all, Set.of("eth1"));
    assertTrue(whole.byAddress().values().iterator().next().hardwareAddress().isPresent());
  }

  private static AdmissionSettings read(String text) throws IOException, SettingsException {
    Properties lines = new Properties();
    lines.load(new StringReader(text));
    Map<String, Object> properties = new HashMap<>();
    lines.forEach((key, value) -> properties.put(key.toString(), value));
    return AdmissionSettings.read(properties, DEVICES);
  }
}
