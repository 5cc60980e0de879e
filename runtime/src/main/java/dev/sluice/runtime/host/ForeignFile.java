package dev.sluice.runtime.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.zip.ZipException;

/// Reads files that others may write, swap or hold up while they are read: so many bytes and no
/// more, so long and no longer. Any thread.
///
/// What a path leads to may change between two looks at it, so no look beforehand keeps an opening
/// from waiting for ever, as that of a FIFO does. Hence every opening is on a thread of its own,
/// and those that never end are counted.
final class ForeignFile {
  /// Largest file that is taken, in bytes.
  static final long MAX_BYTES = 64L << 20;

  /// Readings under way in this process, those that never end included. Further ones are refused.
  private static final Semaphore READINGS = new Semaphore(16);

  private static final Duration COPY_PATIENCE = Duration.ofSeconds(10);
  private static final Duration LOOK_PATIENCE = Duration.ofSeconds(2);

  private ForeignFile() {}

  /// Copies a file.
  ///
  /// @param to an empty file, which is filled; a link is not followed
  /// @return its SHA-256, as 64 hexadecimal digits
  /// @throws RefusedException if it is none of a bundle's, cannot be read, or is not there in time
  static String copy(Path from, Path to) throws RefusedException {
    return copy(from, to, COPY_PATIENCE);
  }

  static String copy(Path from, Path to, Duration patience) throws RefusedException {
    return reading(
        "the copying of it",
        patience,
        () -> {
          try {
            return copied(from, to);
          } catch (NoSuchFileException e) {
            throw new RefusedException("it was removed while it was read");
          } catch (AccessDeniedException e) {
            throw new RefusedException("the gateway's user may not read it");
          }
        });
  }

  private static String copied(Path from, Path to) throws IOException, RefusedException {
    requireCopyable(from);
    MessageDigest digest = sha256();
    ByteBuffer block = ByteBuffer.allocate(1 << 16);
    try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ);
        FileChannel out =
            FileChannel.open(to, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      long bytes = 0;
      while (in.read(block.clear()) >= 0) {
        block.flip();
        bytes += block.remaining();
        if (bytes > MAX_BYTES) {
          throw new RefusedException("it has grown to more than " + MAX_BYTES + " bytes");
        }
        digest.update(block.duplicate());
        while (block.hasRemaining()) {
          out.write(block);
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /// A file of the kernel's says that it has no bytes, and may have no end.
  private static void requireCopyable(Path file) throws IOException, RefusedException {
    if (!Files.isRegularFile(file)) {
      throw new RefusedException("it is no file, nor a link that leads to one");
    }
    long bytes = Files.size(file);
    if (bytes == 0 || bytes > MAX_BYTES) {
      throw new RefusedException("it has " + bytes + " bytes; allowed: 1 to " + MAX_BYTES);
    }
  }

  /// Whether a file is a ZIP file from end to end, as far as its directory tells, with a manifest.
  ///
  /// @throws RefusedException if it holds the look up, which so ends
  static boolean isWholeJar(Path file) throws RefusedException {
    return reading(
        "the look at it",
        LOOK_PATIENCE,
        () -> {
          try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.size() <= MAX_BYTES && ZipDirectory.read(channel).hasManifest();
          } catch (ZipException | NoSuchFileException | AccessDeniedException e) {
            return false; // which is the answer
          }
        });
  }

  private static <T> T reading(String what, Duration patience, Callable<T> work)
      throws RefusedException {
    if (!READINGS.tryAcquire()) {
      throw new RefusedException(
          "too many files are being read that do not end: take them out of the folder");
    }
    return TimeLimit.call(
        what,
        patience,
        () -> {
          try {
            return work.call();
          } finally {
            READINGS.release();
          }
        });
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
