package dev.sluice.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The house rules that no compiler checks, over all main sources.
final class TidyTest {
  private static final int MOST_LINES = 400;
  private static final int MOST_COLUMNS = 100;
  private static final Pattern LEFT_OVER =
      Pattern.compile("\\b(TO" + "DO|FIX" + "ME|X" + "XX|HA" + "CK)\\b");
  private static final Pattern NAMED_POORLY =
      Pattern.compile(".*(Manager|Helper|Util|Utils|Impl|Base)\\.java");

  private static final Path ROOT = root();

  private static Path root() {
    Path here = Path.of("").toAbsolutePath();
    return here.endsWith("runtime") ? here.getParent() : here;
  }

  private static List<Path> sources() {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> file.toString().contains("/src/main/java/"))
          .filter(file -> !file.toString().contains("/target/"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String name(Path file) {
    return ROOT.relativize(file).toString();
  }

  @Test
  void thereAreSources() {
    assertTrue(sources().size() > 50, "found only " + sources().size() + " under " + ROOT);
  }

  @Test
  void filesAreShort() {
    List<String> found =
        sources().stream()
            .filter(file -> lines(file).size() > MOST_LINES)
            .map(TidyTest::name)
            .toList();
    assertEquals(List.of(), found);
  }

  @Test
  void linesAreShortAndFinished() {
    List<String> found = new ArrayList<>();
    for (Path file : sources()) {
      List<String> lines = lines(file);
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        boolean tooLong = line.length() > MOST_COLUMNS && !line.startsWith("import ");
        if (tooLong || LEFT_OVER.matcher(line).find()) {
          found.add(name(file) + ":" + (i + 1));
        }
      }
    }
    assertEquals(List.of(), found);
  }

  @Test
  void everyPackageSaysWhatItIsFor() {
    List<String> found =
        sources().stream()
            .map(Path::getParent)
            .distinct()
            .filter(folder -> folder.toString().contains("/dev/sluice"))
            .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
            .map(TidyTest::name)
            .toList();
    assertEquals(List.of(), found);
  }

  @Test
  void namesSayWhatAClassIs() {
    List<String> found =
        sources().stream()
            .map(TidyTest::name)
            .filter(name -> NAMED_POORLY.matcher(name).matches())
            .toList();
    assertEquals(List.of(), found);
  }

  @Test
  void everyHeaderViewNamesItsSource() {
    Pattern source = Pattern.compile("Source[s]?: |RFC|IEEE|IEC");
    List<String> found =
        sources().stream()
            .filter(file -> file.toString().contains("/dev/sluice/wire/"))
            .filter(file -> !file.endsWith("package-info.java") && !file.endsWith("Fields.java"))
            .filter(file -> lines(file).stream().noneMatch(line -> source.matcher(line).find()))
            .map(TidyTest::name)
            .toList();
    assertEquals(List.of(), found);
  }
}
