package dev.sluice.runtime.supervisor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The bundle that ended the gateway, as the next start finds it in the state folder's file
/// [#FILE_NAME]: four lines, of title, SHA-256, cause and time.
///
/// @param bundle symbolic name and version
/// @param sha256 of its file, 64 hexadecimal digits
/// @param cause what it did, in words
/// @param time when
public record Culprit(String bundle, String sha256, String cause, Instant time) {
  /// The file's name.
  public static final String FILE_NAME = "last-culprit";

  private static final int MOST_CHARS = 500;
  private static final long MOST_BYTES = 8192;

  /// Texts are made to fit a line each.
  public Culprit {
    bundle = line(bundle);
    sha256 = line(sha256);
    cause = line(cause);
  }

  private static String line(String text) {
    String printable = text.replaceAll("\\p{Cntrl}", " ").strip();
    return printable.length() <= MOST_CHARS ? printable : printable.substring(0, MOST_CHARS);
  }

  /// Leaves it for the next start: the file is replaced as a whole, and on the disk when this
  /// returns.
  public void write(Path state) throws IOException {
    Path next = state.resolve(FILE_NAME + ".next");
    String text = String.join("\n", bundle, sha256, cause, time.toString()) + "\n";
    try (FileChannel channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(
        next,
        state.resolve(FILE_NAME),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /// What the last life left. A file that says nothing intelligible is none.
  public static Optional<Culprit> read(Path state) {
    Path file = state.resolve(FILE_NAME);
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
        return Optional.empty();
      }
      List<String> lines = Files.readAllLines(file);
      if (lines.size() != 4 || !lines.get(1).matches("[0-9a-f]{64}")) {
        return Optional.empty();
      }
      Instant time = Instant.parse(lines.get(3));
      return Optional.of(new Culprit(lines.get(0), lines.get(1), lines.get(2), time));
    } catch (IOException | DateTimeException e) {
      return Optional.empty();
    }
  }

  /// Forgets it.
  public static void clear(Path state) throws IOException {
    Files.deleteIfExists(state.resolve(FILE_NAME));
  }
}
