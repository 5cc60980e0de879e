package dev.sluice.runtime.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.jar.JarFile;

/// Private copies of bundles, named by their SHA-256, so that what was checked is what is
/// installed.
final class BundleStore {
  /// Largest file that is taken, in bytes.
  static final long MAX_BYTES = 64L << 20;

  private final Path folder;

  /// Opens the store and empties it: a start begins with what is in `bundles/`.
  BundleStore(Path state) throws HostException {
    this.folder = state.resolve("store");
    try {
      Files.createDirectories(folder);
      try (DirectoryStream<Path> old = Files.newDirectoryStream(folder)) {
        for (Path file : old) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new HostException(folder + ": cannot be made empty: " + e.getMessage(), e);
    }
  }

  /// Copies a file and reads what it claims to be.
  ///
  /// @throws RefusedException if it cannot be a bundle of this gateway, whatever is in its classes
  StoredBundle take(Path file) throws RefusedException {
    if (!Files.isRegularFile(file)) {
      throw new RefusedException("it is no file, nor a link that leads to one");
    }
    try {
      FileTime modified = Files.getLastModifiedTime(file);
      Path incoming = folder.resolve("incoming");
      String sha256 = copy(file, incoming);
      BundleHeaders headers = headers(incoming);
      Path copy = folder.resolve(sha256 + ".jar");
      Files.move(incoming, copy, StandardCopyOption.REPLACE_EXISTING);
      return new StoredBundle(
          file, modified, copy, sha256, headers.symbolicName(), headers.version());
    } catch (NoSuchFileException e) {
      throw new RefusedException("it was removed while it was read");
    } catch (AccessDeniedException e) {
      throw new RefusedException("the gateway's user may not read it");
    } catch (IOException e) {
      throw new RefusedException("it is not a whole JAR file: " + e.getMessage());
    }
  }

  /// A copy that is refused is overwritten by the next file, so bad files cannot fill the disk.
  private static BundleHeaders headers(Path copy) throws IOException, RefusedException {
    try (JarFile jar = new JarFile(copy.toFile(), false)) {
      return BundleHeaders.check(jar);
    }
  }

  private static String copy(Path from, Path to) throws IOException, RefusedException {
    if (Files.size(from) > MAX_BYTES) {
      throw new RefusedException(
          "it has " + Files.size(from) + " bytes; allowed: at most " + MAX_BYTES);
    }
    MessageDigest digest = sha256();
    try (InputStream in = Files.newInputStream(from);
        OutputStream out = new DigestOutputStream(Files.newOutputStream(to), digest)) {
      in.transferTo(out);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /// Removes a copy that nothing uses any more.
  void discard(StoredBundle stored) {
    try {
      Files.deleteIfExists(stored.copy());
    } catch (IOException e) {
      // It costs disk until the next start, which empties the store, and nothing else.
      stored.copy().toFile().deleteOnExit();
    }
  }
}
