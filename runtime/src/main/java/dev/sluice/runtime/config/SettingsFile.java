package dev.sluice.runtime.config;

import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/// A `.cfg` file: `key = value` lines as in [Properties#load(Reader)], in UTF-8.
public final class SettingsFile {
  private SettingsFile() {}

  /// Reads a file whole.
  ///
  /// @throws SettingsException if it cannot be read, is not of that form, or sets a key twice
  public static Settings read(Path file) throws SettingsException {
    String name = file.toString();
    Map<String, String> values = new TreeMap<>();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      new OnceOnly(name, values).load(reader);
    } catch (NoSuchFileException e) {
      throw new SettingsException(name + ": no such file: give the folder with --config DIR");
    } catch (CharacterCodingException e) {
      throw new SettingsException(name + ": is not a text in UTF-8");
    } catch (IOException e) {
      throw new SettingsException(name + ": cannot be read: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new SettingsException(name + ": " + e.getMessage());
    }
    return Settings.of(name, values);
  }

  /// Refuses the second of two equal keys, which [Properties] would let win silently.
  private static final class OnceOnly extends Properties {
    private static final long serialVersionUID = 1L;

    private final transient String source;
    private final transient Map<String, String> values;

    OnceOnly(String source, Map<String, String> values) {
      this.source = source;
      this.values = values;
    }

    @Override
    public synchronized Object put(Object key, Object value) {
      String first = values.putIfAbsent(key.toString(), value.toString());
      if (first != null) {
        throw new IllegalArgumentException(
            key + " = " + value + ": set a second time; allowed: each key once");
      }
      return value;
    }

    @Override
    public synchronized boolean equals(Object other) {
      return this == other;
    }

    @Override
    public synchronized int hashCode() {
      return System.identityHashCode(this);
    }

    @Override
    public String toString() {
      return source;
    }
  }
}
