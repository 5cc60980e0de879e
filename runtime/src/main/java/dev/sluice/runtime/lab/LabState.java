package dev.sluice.runtime.lab;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Whether a lab is there, and how it goes away.
///
/// A lab is found in two ways, either of which is enough: by the file [#FILE] in its folder, which
/// is written before anything is made, and by the mark that each of its namespaces bears as the
/// alias of its loopback interface.
final class LabState {
  private static final String FILE = "lab";
  private static final List<String> CONTENT =
      List.of("pki", "rogue-pki", "config", "bundles", "log", "state", "trust", FILE);
  private static final String HOSTS = "gw|sw|master|t[0-9]{1,3}";
  private static final int PATIENCE_SECONDS = 3;

  private LabState() {}

  /// The user this process acts as.
  static int userId() throws LabException {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new LabException("cannot tell which user this is: " + e, e);
    }
  }

  static String mark(String name) {
    return "sluice lab " + name;
  }

  static void refuseIfPresent(Lab lab) throws LabException {
    if (userId() != 0) {
      throw new LabException("a lab needs root: only root makes network namespaces that stay");
    }
    Set<String> there = new LinkedHashSet<>(Ip.namespaces());
    there.retainAll(lab.namespaces());
    if (Files.exists(lab.folder().resolve(FILE)) || !marked(lab.name()).isEmpty()) {
      throw new LabException(
          "the lab %s is up already, or left over, in %s; 'lab status' tells, 'lab down' removes it"
              .formatted(lab.name(), lab.folder()));
    }
    if (!there.isEmpty()) {
      throw new LabException(
          "the namespace %s is somebody else's; choose another --name"
              .formatted(there.iterator().next()));
    }
  }

  /// Writes down what is about to be made.
  static void record(Lab lab) throws IOException, LabException {
    Path folder = lab.folder();
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      if (folder.getParent() != null) {
        Files.createDirectories(folder.getParent());
      }
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    // The default folder lies where everybody may write: never trust one that was there before.
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
        || !Files.getAttribute(folder, "unix:uid").equals(userId())) {
      throw new LabException(folder + " is no folder of this user's; choose another --dir");
    }
    try (var entries = Files.list(folder)) {
      if (entries.findAny().isPresent()) {
        throw new LabException(folder + " is not empty; choose another --dir");
      }
    }
    Files.writeString(folder.resolve(FILE), lines(lab.properties()));
  }

  static String lines(Map<String, String> properties) {
    return properties.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue() + "\n")
        .collect(joining());
  }

  /// What was written down, if this folder is a lab's.
  static Optional<Map<String, String>> recorded(Path folder) throws LabException {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      Map<String, String> properties = new LinkedHashMap<>();
      for (String line : Files.readAllLines(file)) {
        String[] parts = line.split("=", 2);
        if (parts.length == 2) {
          properties.put(parts[0], parts[1]);
        }
      }
      return Optional.of(properties);
    } catch (IOException e) {
      throw new LabException(file + " cannot be read: " + e, e);
    }
  }

  /// The recorded namespaces.
  static Set<String> namespaces(Map<String, String> properties) {
    Set<String> names = new LinkedHashSet<>();
    properties.forEach((key, value) -> {
      if (key.endsWith("_ns") || key.endsWith(".ns")) {
        names.add(value);
      }
    });
    return names;
  }

  /// The namespaces that bear this lab's mark.
  static List<String> marked(String name) throws LabException {
    List<String> found = new ArrayList<>();
    for (String namespace : Ip.namespaces()) {
      if (namespace.matches(name + "-(" + HOSTS + ")") && bears(namespace, mark(name))) {
        found.add(namespace);
      }
    }
    return found;
  }

  private static boolean bears(String namespace, String mark) {
    try {
      return Ip.run("-n", namespace, "-j", "link", "show", "lo")
          .contains("\"ifalias\":\"" + mark + "\"");
    } catch (LabException e) {
      // Half made, or gone since it was listed: it bears nothing.
      return false;
    }
  }

  static List<String> remove(String name, Path folder) throws LabException {
    Optional<Map<String, String>> recorded = recorded(folder);
    if (recorded.isPresent() && !name.equals(recorded.get().get("lab"))) {
      throw new LabException(
          "%s holds the lab %s, not %s; give --name"
              .formatted(folder, recorded.get().get("lab"), name));
    }
    Set<String> namespaces = new LinkedHashSet<>(marked(name));
    Set<String> there = new LinkedHashSet<>(Ip.namespaces());
    recorded.map(LabState::namespaces).ifPresent(namespaces::addAll);
    namespaces.retainAll(there);
    List<String> removed = new ArrayList<>();
    for (String namespace : namespaces) {
      int ended = endProcesses(namespace);
      Ip.run("netns", "delete", namespace);
      removed.add("namespace " + namespace + (ended > 0 ? " with " + ended + " processes" : ""));
    }
    if (recorded.isPresent()) {
      removeFiles(folder);
      removed.add("folder " + folder);
    }
    return removed;
  }

  /// Ends what runs in a namespace, first kindly.
  ///
  /// @return how many processes there were
  private static int endProcesses(String namespace) throws LabException {
    List<ProcessHandle> processes = processes(namespace);
    processes.forEach(ProcessHandle::destroy);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (processes.stream().anyMatch(ProcessHandle::isAlive) && System.nanoTime() < deadline) {
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LabException("interrupted while processes end in " + namespace, e);
      }
    }
    processes.forEach(ProcessHandle::destroyForcibly);
    return processes.size();
  }

  private static List<ProcessHandle> processes(String namespace) {
    String pids;
    try {
      pids = Ip.run("netns", "pids", namespace);
    } catch (LabException e) {
      // A name without a namespace behind it, left by a crash between the two steps.
      return List.of();
    }
    return pids.lines()
        .map(Long::parseLong)
        .filter(pid -> pid != ProcessHandle.current().pid())
        .flatMap(pid -> ProcessHandle.of(pid).stream())
        .toList();
  }

  private static void removeFiles(Path folder) throws LabException {
    try {
      for (String name : CONTENT) {
        if (Files.exists(folder.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
          Files.walkFileTree(folder.resolve(name), new Removal());
        }
      }
      try (var rest = Files.list(folder)) {
        if (rest.findAny().isPresent()) {
          return; // somebody else put it there
        }
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new LabException("the lab's files cannot be removed: " + e, e);
    }
  }

  /// Removes a tree; links are removed, not followed.
  private static final class Removal extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException cause)
        throws IOException {
      if (cause != null) {
        throw cause;
      }
      Files.delete(folder);
      return FileVisitResult.CONTINUE;
    }
  }
}
