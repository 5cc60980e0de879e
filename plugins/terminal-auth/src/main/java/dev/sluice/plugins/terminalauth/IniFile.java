package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.SettingsException;
import java.util.LinkedHashMap;
import java.util.Map;

/// A text of `[section]` headings with `key = value` lines under them. Lines that begin with `#` or
/// `;` are comments. The same section or the same key in a section twice is an error.
final class IniFile {
  private final String source;
  private final Map<String, Map<String, String>> sections = new LinkedHashMap<>();
  private int lineNumber;

  private IniFile(String source) {
    this.source = source;
  }

  /// The sections, in the order of the text.
  ///
  /// @param source how messages name the text
  static Map<String, Map<String, String>> parse(String source, String text)
      throws SettingsException {
    IniFile file = new IniFile(source);
    Map<String, String> section = Map.of();
    for (String line : text.split("\\R", -1)) {
      file.lineNumber++;
      String content = line.strip();
      if (content.isEmpty() || content.startsWith("#") || content.startsWith(";")) {
        continue;
      }
      if (content.startsWith("[")) {
        section = file.open(content);
      } else {
        file.put(section, content);
      }
    }
    return file.sections;
  }

  private Map<String, String> open(String heading) throws SettingsException {
    if (!heading.endsWith("]") || heading.length() < 3) {
      throw wrong(heading, "a heading as [terminal-id]");
    }
    String name = heading.substring(1, heading.length() - 1).strip();
    Map<String, String> section = new LinkedHashMap<>();
    if (sections.putIfAbsent(name, section) != null) {
      throw wrong(heading, "each section once");
    }
    return section;
  }

  private void put(Map<String, String> section, String content) throws SettingsException {
    int equals = content.indexOf('=');
    if (equals < 1) {
      throw wrong(content, "key = value, a [heading], or a comment that begins with #");
    }
    if (sections.isEmpty()) {
      throw wrong(content, "keys only below a [heading]");
    }
    String key = content.substring(0, equals).strip();
    if (section.put(key, content.substring(equals + 1).strip()) != null) {
      throw wrong(content, "each key once in a section");
    }
  }

  private SettingsException wrong(String content, String allowed) {
    return new SettingsException(
        source + ": line " + lineNumber + ": " + content + ": allowed: " + allowed);
  }
}
