package dev.sluice.runtime.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The gateway's event log, read as whoever collects it reads it.
///
/// @param file JSON lines
record EventLines(Path file) {
  private static final Pattern MEMBER =
      Pattern.compile("\"([^\"]+)\":(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^,}]+))");

  /// How many events there are, to await what comes after them.
  int mark() {
    return read().size();
  }

  /// All events after a mark.
  List<Map<String, String>> since(int mark) {
    List<String> lines = read();
    return lines.subList(Math.min(mark, lines.size()), lines.size()).stream()
        .map(EventLines::parse)
        .toList();
  }

  /// Waits for an event of this kind with these members.
  Map<String, String> await(int mark, String event, Map<String, String> members)
      throws InterruptedException {
    Map<String, String> wanted = new HashMap<>(members);
    wanted.put("event", event);
    Await.until(() -> find(mark, wanted).isPresent(), () -> wanted + " among " + since(mark));
    return find(mark, wanted).orElseThrow();
  }

  private Optional<Map<String, String>> find(int mark, Map<String, String> wanted) {
    return since(mark).stream()
        .filter(found -> found.entrySet().containsAll(wanted.entrySet()))
        .findFirst();
  }

  private List<String> read() {
    try {
      String text = Files.exists(file) ? Files.readString(file) : "";
      // What is being written has no line end yet.
      return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> parse(String line) {
    Map<String, String> members = new HashMap<>();
    Matcher member = MEMBER.matcher(line);
    while (member.find()) {
      members.put(member.group(1), member.group(2) != null ? member.group(2) : member.group(3));
    }
    return members;
  }
}
