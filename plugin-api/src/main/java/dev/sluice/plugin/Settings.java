package dev.sluice.plugin;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Reads settings by key, with a default and a range for each, and refuses what it was not asked
/// for.
///
/// Made from the properties that a Declarative Services component is activated with, or from a file
/// the caller has read. Every error is a [SettingsException] that names source, key, value and what
/// is allowed. A reader for one thread, for one pass: read every key, then call [#refuseUnknown].
public final class Settings {
  private static final Set<String> NOT_SETTINGS =
      Set.of("service.pid", "service.factoryPid", "component.name", "component.id");
  private static final List<String> NOT_SETTINGS_PREFIXES =
      List.of("felix.fileinstall.", "sluice.", ".", "osgi.", "service.", "component.");
  private static final String FILE_PROPERTY = "felix.fileinstall.filename";

  /// What the gateway found wrong with the file as a whole, set by it in a component's properties.
  private static final String FLAW_PROPERTY = "sluice.flaw";

  private final String source;
  private final Map<String, String> values;
  private final String flaw;
  private final Set<String> asked = new LinkedHashSet<>();

  private Settings(String source, Map<String, String> values, String flaw) {
    this.source = source;
    this.values = values;
    this.flaw = flaw;
  }

  /// Settings from a file, or a section of one, that the caller has read.
  ///
  /// @param source how messages name the place, such as `config/sluice.cfg`
  public static Settings of(String source, Map<String, String> values) {
    return new Settings(source, new LinkedHashMap<>(values), "");
  }

  /// Settings from the properties of a component. Properties that OSGi or Sluice add are not
  /// settings.
  ///
  /// @param pid names the source where the properties do not come from a file
  public static Settings ofComponent(String pid, Map<String, ?> properties) {
    Map<String, String> values = new LinkedHashMap<>();
    properties.forEach((key, value) -> {
      if (!NOT_SETTINGS.contains(key)
          && NOT_SETTINGS_PREFIXES.stream().noneMatch(key::startsWith)) {
        values.put(key, String.valueOf(value).strip());
      }
    });
    Object file = properties.get(FILE_PROPERTY);
    Object flaw = properties.get(FLAW_PROPERTY);
    return new Settings(
        file == null ? pid : fileName(file.toString()),
        values,
        flaw == null ? "" : flaw.toString());
  }

  private static String fileName(String uri) {
    return uri.substring(uri.lastIndexOf('/') + 1);
  }

  /// How messages name the place that the settings come from.
  public String source() {
    return source;
  }

  /// Whether the key is set.
  public boolean has(String key) {
    asked.add(key);
    return values.containsKey(key);
  }

  /// A whole number in `[min, max]`, or the default.
  public int integer(String key, int min, int max, int otherwise) throws SettingsException {
    return Math.toIntExact(number(key, min, max, otherwise));
  }

  /// A whole number in `[min, max]`, or the default.
  public long number(String key, long min, long max, long otherwise) throws SettingsException {
    String text = text(key, "");
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      long value = Long.parseLong(text);
      if (min <= value && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw wrong(key, text, "a whole number, " + min + ".." + max);
    }
    throw wrong(key, text, min + ".." + max);
  }

  /// `true` or `false`, or the default.
  public boolean flag(String key, boolean otherwise) throws SettingsException {
    String text = text(key, String.valueOf(otherwise));
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw wrong(key, text, "true or false");
    };
  }

  /// One of an enum's names in lower case with dashes, or the default.
  public <E extends Enum<E>> E choice(String key, Class<E> type, E otherwise)
      throws SettingsException {
    String text = text(key, spelled(otherwise));
    for (E constant : type.getEnumConstants()) {
      if (spelled(constant).equals(text)) {
        return constant;
      }
    }
    String allowed =
        Stream.of(type.getEnumConstants()).map(Settings::spelled).collect(Collectors.joining(", "));
    throw wrong(key, text, "one of " + allowed);
  }

  private static String spelled(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The text of a key, or the default where it is not set or empty.
  public String text(String key, String otherwise) {
    asked.add(key);
    String value = values.getOrDefault(key, "").strip();
    return value.isEmpty() ? otherwise : value;
  }

  /// The text of a key that must be set.
  public String required(String key, String meaning) throws SettingsException {
    String value = text(key, "");
    if (value.isEmpty()) {
      throw new SettingsException(source + ": " + key + " is not set: give " + meaning);
    }
    return value;
  }

  /// The parts of a comma-separated list, without blanks around them; empty if the key is not set.
  public List<String> list(String key) {
    return Stream.of(text(key, "").split(","))
        .map(String::strip)
        .filter(part -> !part.isEmpty())
        .toList();
  }

  /// What to throw when the value of a key is refused.
  ///
  /// @param allowed what would be accepted, as it reads after "allowed: "
  public SettingsException wrong(String key, String value, String allowed) {
    return new SettingsException(source + ": " + key + " = " + value + ": allowed: " + allowed);
  }

  /// Refuses keys that nobody asked for: most likely they are misspelt, and a setting that an
  /// operator believes to be in force is not. For the same reason it refuses a file that the
  /// gateway found to be flawed as a whole, as one that sets a key twice.
  public void refuseUnknown() throws SettingsException {
    if (!flaw.isEmpty()) {
      throw new SettingsException(flaw);
    }
    for (String key : values.keySet()) {
      if (!asked.contains(key)) {
        throw new SettingsException(
            source
                + ": "
                + key
                + " = "
                + values.get(key)
                + ": unknown key; known keys: "
                + String.join(", ", asked));
      }
    }
  }
}
