package dev.sluice.runtime.config;

import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/// A `.cfg` file: `key = value` lines as in [Properties#load(Reader)], in UTF-8.
public final class SettingsFile {
  private static final char BYTE_ORDER_MARK = '\ufeff';

  private SettingsFile() {}

  /// Reads a file whole.
  ///
  /// @throws SettingsException if it cannot be read, is not of that form, or sets a key twice
  public static Settings read(Path file) throws SettingsException {
    String name = file.toString();
    Map<String, String> values = new TreeMap<>();
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      refuseByteOrderMark(name, reader);
      new OnceOnly(name, values).load(reader);
    } catch (NoSuchFileException e) {
      throw new SettingsException(name + ": no such file: give the folder with --config DIR");
    } catch (AccessDeniedException e) {
      throw new SettingsException(name + ": this user may not read it");
    } catch (CharacterCodingException e) {
      throw new SettingsException(name + ": is not a text in UTF-8");
    } catch (IOException e) {
      throw new SettingsException(name + ": cannot be read: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new SettingsException(name + ": " + flaw(e));
    }
    return Settings.of(name, values);
  }

  private static String flaw(IllegalArgumentException refused) {
    String message = String.valueOf(refused.getMessage());
    return message.startsWith("Malformed")
        ? "has \\u without four hexadecimal digits behind it; allowed: \\\\ for a backslash"
        : message;
  }

  /// It cannot be seen, and would make the first key an unknown one.
  private static void refuseByteOrderMark(String name, BufferedReader reader)
      throws IOException, SettingsException {
    reader.mark(1);
    if (reader.read() == BYTE_ORDER_MARK) {
      throw new SettingsException(
          name + ": begins with a byte order mark; allowed: UTF-8 without one");
    }
    reader.reset();
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
