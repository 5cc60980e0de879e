package dev.sluice.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {
  private static final String FILE = "config/guard.cfg";

  enum Mode {
    OFF,
    LOG_ONLY,
    DROP
  }

  @Test
  void unsetKeysGiveTheDefault() throws SettingsException {
    Settings settings = Settings.of(FILE, Map.of("empty", "", "blank", "  "));
    for (String key : List.of("unset", "empty", "blank")) {
      assertEquals(7, settings.integer(key, 0, 9, 7));
      assertEquals(70_000_000_000L, settings.number(key, 0, Long.MAX_VALUE, 70_000_000_000L));
      assertTrue(settings.flag(key, true));
      assertEquals(Mode.LOG_ONLY, settings.choice(key, Mode.class, Mode.LOG_ONLY));
      assertEquals("x", settings.text(key, "x"));
      assertEquals(List.of(), settings.list(key));
    }
    assertFalse(settings.has("unset"));
    assertTrue(settings.has("empty"));
    assertEquals(FILE, settings.source());
  }

  @Test
  void setKeysGiveTheirValue() throws SettingsException {
    Settings settings =
        Settings.of(
            FILE,
            Map.of(
                "port", " 2404 ",
                "bytes", "-5000000000",
                "on", "false",
                "mode", "log-only",
                "name", " substation 7 ",
                "ports", "2404, ,19998,",
                "unused", "x"));
    assertEquals(2404, settings.integer("port", 1, 65_535, 1));
    assertEquals(-5_000_000_000L, settings.number("bytes", Long.MIN_VALUE, 0, 0));
    assertFalse(settings.flag("on", true));
    assertEquals(Mode.LOG_ONLY, settings.choice("mode", Mode.class, Mode.DROP));
    assertEquals("substation 7", settings.required("name", "the station's name"));
    assertEquals(List.of("2404", "19998"), settings.list("ports"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "65535"})
  void boundsAreAllowed(String value) throws SettingsException {
    Settings settings = Settings.of(FILE, Map.of("port", value));
    assertEquals(Integer.parseInt(value), settings.integer("port", 0, 65_535, 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "65536", "99999999999"})
  void numberOutsideItsRangeIsRefused(String value) {
    Settings settings = Settings.of(FILE, Map.of("port", value));
    assertRefused(
        FILE + ": port = " + value + ": allowed: 0..65535",
        () -> settings.integer("port", 0, 65_535, 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "1.5", "0x10", "1 000", "1_000", "9999999999999999999", "--1"})
  void textInPlaceOfANumberIsRefused(String value) {
    Settings settings = Settings.of(FILE, Map.of("port", value));
    assertRefused(
        FILE + ": port = " + value + ": allowed: a whole number, 0..65535",
        () -> settings.integer("port", 0, 65_535, 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "1", "TRUE", "on"})
  void flagIsTrueOrFalse(String value) {
    Settings settings = Settings.of(FILE, Map.of("on", value));
    assertRefused(
        FILE + ": on = " + value + ": allowed: true or false", () -> settings.flag("on", false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"LOG_ONLY", "log_only", "Drop", "none"})
  void choiceIsOneOfItsNames(String value) {
    Settings settings = Settings.of(FILE, Map.of("mode", value));
    assertRefused(
        FILE + ": mode = " + value + ": allowed: one of off, log-only, drop",
        () -> settings.choice("mode", Mode.class, Mode.OFF));
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "unset",
      value = {"unset", "''", "'  '"})
  void requiredKeyMustBeSet(@Nullable String value) {
    Map<String, String> values = new HashMap<>();
    if (value != null) {
      values.put("address", value);
    }
    Settings settings = Settings.of(FILE, values);
    assertRefused(
        FILE + ": address is not set: give the master station's address",
        () -> settings.required("address", "the master station's address"));
  }

  @Test
  void refusalOfACallersOwnHasTheSameForm() {
    Settings settings = Settings.of(FILE, Map.of());
    assertEquals(
        FILE + ": peer = x: allowed: an IP address",
        settings.wrong("peer", "x", "an IP address").getMessage());
  }

  @Test
  void unknownKeyIsRefusedAndTheKnownOnesAreNamed() throws SettingsException {
    Settings settings = Settings.of(FILE, Map.of("prot", "2404", "mode", "drop"));
    settings.integer("port", 1, 65_535, 2404);
    settings.choice("mode", Mode.class, Mode.OFF);
    assertRefused(
        FILE + ": prot = 2404: unknown key; known keys: port, mode", settings::refuseUnknown);
  }

  @Test
  void everyWayOfReadingMakesAKeyKnown() throws SettingsException {
    Map<String, String> values =
        Map.of("a", "1", "b", "1", "c", "true", "d", "off", "e", "x", "f", "x", "g", "x", "h", "x");
    Settings settings = Settings.of(FILE, values);
    settings.integer("a", 0, 1, 0);
    settings.number("b", 0, 1, 0);
    settings.flag("c", false);
    settings.choice("d", Mode.class, Mode.OFF);
    settings.text("e", "");
    settings.required("f", "something");
    settings.list("g");
    settings.has("h");
    settings.refuseUnknown();
  }

  @Test
  void propertiesOfTheFrameworkAreNoSettings() throws SettingsException {
    Map<String, Object> properties = new HashMap<>();
    properties.put("port", 2404);
    for (String key :
        List.of(
            "service.pid",
            "service.factoryPid",
            "service.id",
            "service.scope",
            "component.name",
            "component.id",
            "felix.fileinstall.filename",
            "sluice.stage",
            "osgi.ds.satisfying.condition.target",
            ".private")) {
      properties.put(key, "x");
    }
    Settings settings = Settings.ofComponent("guard", properties);
    assertEquals(2404, settings.integer("port", 1, 65_535, 1));
    settings.refuseUnknown();
  }

  @Test
  void componentIsNamedByItsFileOrItsPid() {
    assertEquals("guard", Settings.ofComponent("guard", Map.of()).source());
    Map<String, String> properties =
        Map.of("felix.fileinstall.filename", "file:/etc/sluice/config/guard.cfg");
    assertEquals("guard.cfg", Settings.ofComponent("guard", properties).source());
  }

  private static void assertRefused(String message, Executable read) {
    assertEquals(message, assertThrows(SettingsException.class, read).getMessage());
  }
}
