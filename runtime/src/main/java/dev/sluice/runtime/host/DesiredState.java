package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.runtime.supervisor.Culprit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What is to run and what ran well before, on disk: a gateway that was killed at any moment comes
/// up with it. For the deploying thread alone.
///
/// The file is replaced whole (written beside its place, forced to the disk, renamed), so that it
/// is always that of before or that of after. Contents are named by their SHA-256; [BundleStore]
/// has them.
final class DesiredState {
  /// Contents that are remembered as bad; the oldest is forgotten for a new one.
  static final int MOST_HELD = 64;

  /// Gateways that may end while they start one content: a power failure hits one, not two.
  private static final int MOST_TRIES = 2;

  private static final String FILE_NAME = "bundles.state";
  private static final String HEAD = "# What the gateway runs; written by it. role name version";
  private static final String END = "end";

  private final Path file;
  private final EventLog events;
  private final Map<String, Entry> entries = new TreeMap<>();
  private final List<Held> held = new ArrayList<>();

  /// How many gateways have begun to start a content and said no more, by its SHA-256.
  private final Map<String, Integer> trying = new TreeMap<>();

  private String written = "";

  /// One content that was in the chain.
  ///
  /// @param file name in `bundles/`
  /// @param place stage and order, for people
  record Content(String version, String sha256, String file, String place) {}

  /// What is known of one symbolic name.
  ///
  /// @param good the newest content that has passed its trial
  /// @param previous the one that did so before
  record Entry(Optional<Content> wanted, Optional<Content> good, Optional<Content> previous) {
    static final Entry NONE = new Entry(Optional.empty(), Optional.empty(), Optional.empty());

    Set<String> contents() {
      Set<String> all = new TreeSet<>();
      wanted.ifPresent(content -> all.add(content.sha256()));
      good.ifPresent(content -> all.add(content.sha256()));
      previous.ifPresent(content -> all.add(content.sha256()));
      return all;
    }
  }

  /// A content that must not be tried again, until the operator releases it.
  ///
  /// @param file name in `bundles/`
  record Held(String name, String sha256, String file, String cause) {}

  /// Reads what the last gateway of this folder left. A file that is damaged counts as none, and is
  /// told: it decides nothing about trust.
  DesiredState(Path state, EventLog events) {
    this.file = state.resolve(FILE_NAME);
    this.events = events;
    try {
      written = Files.readString(file);
      read(written.lines().toList());
    } catch (NoSuchFileException e) {
      written = "";
    } catch (IOException | RuntimeException e) {
      entries.clear();
      held.clear();
      trying.clear();
      tell("what ran well before is not known: " + e.getMessage());
    }
  }

  private void tell(String cause) {
    events.report(Severity.WARNING, "desired-state-failed", Map.of("file", file, "cause", cause));
  }

  private void read(List<String> lines) {
    if (lines.isEmpty() || !lines.getLast().equals(END + "\t" + (lines.size() - 1))) {
      throw new IllegalArgumentException("it is not whole");
    }
    for (String line : lines.subList(1, lines.size() - 1)) {
      String[] word = line.split("\t", -1);
      if (word.length != 6) {
        throw new IllegalArgumentException("it has a line of " + word.length + " fields");
      }
      if (word[0].equals("trying")) {
        trying.put(word[3], Integer.valueOf(word[2]));
      } else if (word[0].equals("held")) {
        held.add(new Held(word[1], word[3], word[4], word[5]));
      } else {
        put(word[0], word[1], new Content(word[2], word[3], word[4], word[5]));
      }
    }
  }

  private void put(String role, String name, Content content) {
    Entry now = entry(name);
    Optional<Content> given = Optional.of(content);
    entries.put(
        name,
        switch (role) {
          case "wanted" -> new Entry(given, now.good(), now.previous());
          case "good" -> new Entry(now.wanted(), given, now.previous());
          case "previous" -> new Entry(now.wanted(), now.good(), given);
          default -> throw new IllegalArgumentException("it has a line of the role " + role);
        });
  }

  Set<String> names() {
    return Set.copyOf(entries.keySet());
  }

  Entry entry(String name) {
    return entries.getOrDefault(name, Entry.NONE);
  }

  private static Content content(Deployment deployment) {
    StoredBundle stored = deployment.stored();
    HandlerSet.Place place = deployment.handlers().place();
    return new Content(
        stored.version().toString(),
        stored.sha256(),
        stored.fileName(),
        place.stage() + "/" + place.order());
  }

  /// A content is in the chain.
  void wants(Deployment deployment) {
    put("wanted", deployment.stored().symbolicName(), content(deployment));
  }

  /// A content has passed its trial: it is what a later one falls back to.
  void good(Deployment deployment) {
    String name = deployment.stored().symbolicName();
    Content content = content(deployment);
    Entry now = entry(name);
    boolean same = now.good().isPresent() && now.good().get().sha256().equals(content.sha256());
    entries.put(
        name,
        new Entry(Optional.of(content), Optional.of(content), same ? now.previous() : now.good()));
  }

  /// Nothing of the bundle is in the chain any more; what ran well once is kept in mind.
  void wantsNone(String name) {
    Entry now = entry(name);
    entries.put(name, new Entry(Optional.empty(), now.good(), now.previous()));
  }

  /// Whether this very content has passed a trial before.
  boolean isGood(Deployment deployment) {
    return entry(deployment.stored().symbolicName())
        .good()
        .filter(content -> content.sha256().equals(deployment.stored().sha256()))
        .isPresent();
  }

  /// Whether it is what an order to go back would put in force.
  boolean isPrevious(Deployment deployment) {
    return entry(deployment.stored().symbolicName())
        .previous()
        .filter(content -> content.sha256().equals(deployment.stored().sha256()))
        .isPresent();
  }

  /// The bundle is asked for no more. A content of it that is held stays so.
  void forget(String name) {
    entries.remove(name);
  }

  /// A content must not be tried again.
  void hold(StoredBundle stored, String cause) {
    hold(
        new Held(
            stored.symbolicName(),
            stored.sha256(),
            stored.fileName(),
            cause.replaceAll("\\s+", " ")));
  }

  private void hold(Held bad) {
    held.removeIf(each -> each.sha256().equals(bad.sha256()));
    if (held.size() == MOST_HELD) {
      held.removeFirst();
    }
    held.add(bad);
  }

  /// Takes the content that ended the last gateway for a bad one.
  void holdCulprit(Path state) {
    Optional<Culprit> culprit = Culprit.read(state);
    if (culprit.isEmpty()) {
      return;
    }
    String name = culprit.get().bundle().replaceFirst("/.*", "");
    String from = entry(name).wanted().map(Content::file).orElse("");
    hold(new Held(name, culprit.get().sha256(), from, culprit.get().cause()));
    save();
    try {
      Culprit.clear(state);
    } catch (IOException e) {
      tell("the file " + Culprit.FILE_NAME + " cannot be removed: " + e);
    }
  }

  /// A content is being started: if the gateway ends meanwhile, the next one knows. On the disk
  /// when this returns.
  void tries(StoredBundle stored) {
    trying.merge(stored.sha256(), 1, Integer::sum);
    save();
  }

  /// It has been started, or refused.
  void tried(StoredBundle stored) {
    trying.remove(stored.sha256());
    save();
  }

  /// Whether gateways have ended again and again while they started this content.
  boolean endsGateways(String sha256) {
    return trying.getOrDefault(sha256, 0) >= MOST_TRIES;
  }

  /// All contents that must not be tried, the oldest first.
  List<Held> held() {
    return List.copyOf(held);
  }

  /// Why this content must not be tried, if so.
  Optional<String> heldFor(String sha256) {
    return held.stream().filter(each -> each.sha256().equals(sha256)).map(Held::cause).findFirst();
  }

  /// The version that was good before this one, to be put back.
  ///
  /// @throws RefusedException if none is known, or it was taken out for harm itself
  Content before(StoredBundle running) throws RefusedException {
    Content previous =
        entry(running.symbolicName())
            .previous()
            .orElseThrow(
                () -> new RefusedException("no version before " + running.title() + " is known"));
    Optional<String> cause = heldFor(previous.sha256());
    if (cause.isPresent()) {
      throw new RefusedException(
          "version "
              + previous.version()
              + " was taken out of the chain before ("
              + cause.get()
              + ")");
    }
    return previous;
  }

  /// The file that a content of this bundle was taken out for harm from.
  ///
  /// @param name symbolic name, or that of the file
  Optional<String> heldFile(String name) {
    return held.stream()
        .filter(each -> each.name().equals(name) || each.file().equals(name))
        .map(Held::file)
        .findFirst();
  }

  /// Lets the contents of a bundle be tried again.
  ///
  /// @return whether any was held
  boolean release(String name) {
    return held.removeIf(each -> each.name().equals(name) || each.file().equals(name));
  }

  /// Contents that must be kept: what runs, and what would be fallen back to.
  Set<String> contents() {
    Set<String> all = new TreeSet<>();
    entries.values().forEach(entry -> all.addAll(entry.contents()));
    return all;
  }

  /// Puts all of it on the disk, if it has changed. A disk that fails is told, and stops nothing.
  void save() {
    String text = text();
    if (text.equals(written)) {
      return;
    }
    Path beside = file.resolveSibling("." + FILE_NAME + ".new");
    try {
      try (FileChannel channel =
          FileChannel.open(
              beside,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
      written = text;
    } catch (IOException e) {
      tell("the next start will not know what runs now: " + e);
    }
  }

  private String text() {
    List<String> lines = new ArrayList<>();
    lines.add(HEAD + " sha256 file place");
    entries.forEach((name, entry) -> {
      entry.wanted().ifPresent(content -> lines.add(line("wanted", name, content)));
      entry.good().ifPresent(content -> lines.add(line("good", name, content)));
      entry.previous().ifPresent(content -> lines.add(line("previous", name, content)));
    });
    for (Held each : held) {
      lines.add(
          String.join(
              "\t", "held", each.name(), "", each.sha256(), safe(each.file()), each.cause()));
    }
    trying.forEach((sha256, times) ->
        lines.add(String.join("\t", "trying", "", times.toString(), sha256, "", "")));
    lines.add(END + "\t" + lines.size());
    return String.join("\n", lines) + "\n";
  }

  private static String line(String role, String name, Content content) {
    return String.join(
        "\t",
        role,
        name,
        content.version(),
        content.sha256(),
        safe(content.file()),
        content.place());
  }

  /// Without what parts fields and lines. A file of such a name is not found again by it.
  private static String safe(String fileName) {
    return fileName.replaceAll("\\p{Cntrl}", "?");
  }
}
