package dev.sluice.plugins.rulefirewall;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.plugin.SettingsException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What the documentation shows is taken.
class SampleTest {
  private static final Path ROOT = Path.of("..", "..");

  @Test
  void sampleFileIsTaken() throws IOException, SettingsException {
    Properties sample = new Properties();
    try (Reader reader =
        Files.newBufferedReader(ROOT.resolve("config/samples/rule.firewall.cfg"))) {
      sample.load(reader);
    }
    Map<String, Object> properties =
        sample.stringPropertyNames().stream()
            .collect(Collectors.toMap(key -> key, key -> sample.getProperty(key, "")));
    RuleFile file = RuleFile.read("p", properties);
    assertEquals(
        List.of("rule.10", "rule.20", "rule.21", "rule.30", "rule.31"),
        file.rules().stream().map(Rule::key).toList());
    assertEquals(false, file.defaultPasses());
  }

  @Test
  void examplesOfThePageAreTaken() throws IOException, SettingsException {
    Pattern example = Pattern.compile("^\\| `((?:pass|drop) [^`]+)` \\|", Pattern.MULTILINE);
    List<String> lines =
        example
            .matcher(Files.readString(ROOT.resolve("docs/rule-firewall.md")))
            .results()
            .map(found -> found.group(1))
            .toList();
    assertEquals(4, lines.size());
    for (String line : lines) {
      assertEquals(line, RuleLine.parse("page", "rule.1", line).text());
    }
  }
}
