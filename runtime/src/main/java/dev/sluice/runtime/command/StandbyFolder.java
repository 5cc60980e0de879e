package dev.sluice.runtime.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A folder among the system's temporary files, for this user alone: `sluice-standby-PID-…`.
final class StandbyFolder implements AutoCloseable {
  private static final String PREFIX = "sluice-standby-";
  private static final Pattern NAME = Pattern.compile(PREFIX + "([0-9]{1,10})-[0-9]+");

  private final Path path;

  private StandbyFolder(Path path) {
    this.path = path;
  }

  /// Makes one, and deletes those that killed processes of this user have left.
  static StandbyFolder make() throws IOException {
    Path made = Files.createTempDirectory(PREFIX + ProcessHandle.current().pid() + "-");
    Path parent = made.getParent();
    if (parent != null) {
      deleteLeft(parent, Files.getOwner(made).getName());
    }
    return new StandbyFolder(made);
  }

  Path path() {
    return path;
  }

  /// @param owner whose folders are deleted
  static void deleteLeft(Path parent, String owner) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path folder : folders) {
        if (isLeft(folder) && Files.getOwner(folder).getName().equals(owner)) {
          delete(folder);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      return; // they lie there for the next one, or for whoever else clears that place
    }
  }

  private static boolean isLeft(Path folder) {
    Matcher name = NAME.matcher(String.valueOf(folder.getFileName()));
    if (!name.matches() || Files.isSymbolicLink(folder)) {
      return false;
    }
    Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(name.group(1)));
    return process.isEmpty();
  }

  /// What cannot be deleted stays.
  private static void delete(Path folder) {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                throws IOException {
              Files.deleteIfExists(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      return;
    }
  }

  @Override
  public void close() {
    delete(path);
  }
}
