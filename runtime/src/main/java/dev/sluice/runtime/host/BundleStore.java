package dev.sluice.runtime.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/// Private copies of bundles, named by their SHA-256, so that what was checked is what is
/// installed.
final class BundleStore {
  private static final String ENDING = ".jar";
  private static final String INCOMING = ".incoming";

  private final Path folder;

  /// Opens the store. What earlier gateways left in it stays until [#keepOnly].
  BundleStore(Path state) throws HostException {
    this.folder = state.resolve("store");
    try {
      PrivateFolder.make(folder);
      remove("*" + INCOMING);
    } catch (IOException e) {
      throw new HostException(folder + ": cannot be made: " + e.getMessage(), e);
    }
  }

  /// A file that was copied and looked into, and is not kept: it goes when this is closed.
  ///
  /// @param copy where nobody else writes
  /// @param modified when the file was last written
  record Received(Path copy, FileTime modified, String sha256, BundleHeaders headers)
      implements AutoCloseable {
    @Override
    public void close() {
      copy.toFile().delete(); // one that stays is removed by the next gateway
    }
  }

  /// Copies a file and reads what it claims to be. For any thread.
  ///
  /// @throws RefusedException if it cannot be a bundle of this gateway, whatever is in its classes
  Received receive(Path file) throws RefusedException {
    FileTime modified = modified(file);
    Path copy;
    try {
      copy = Files.createTempFile(folder, "", INCOMING, PrivateFolder.OWN_FILE);
    } catch (IOException e) {
      throw new RefusedException("no copy of it can be made: " + e);
    }
    @Nullable Received received = null;
    try {
      String sha256 = ForeignFile.copy(file, copy);
      received = new Received(copy, modified, sha256, headers(copy));
      return received;
    } catch (IOException e) {
      throw new RefusedException("it is not a whole JAR file: " + e.getMessage());
    } finally {
      if (received == null) {
        copy.toFile().delete();
      }
    }
  }

  private static FileTime modified(Path file) throws RefusedException {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new RefusedException("it is no file, nor a link that leads to one");
    }
  }

  /// Copies a file, reads what it claims to be and keeps the copy.
  ///
  /// @throws RefusedException if it cannot be a bundle of this gateway, whatever is in its classes
  StoredBundle take(Path file) throws RefusedException {
    try (Received received = receive(file)) {
      Path copy = copyOf(received.sha256());
      Files.move(received.copy(), copy, StandardCopyOption.REPLACE_EXISTING);
      BundleHeaders headers = received.headers();
      return new StoredBundle(
          file,
          received.modified(),
          copy,
          received.sha256(),
          headers.symbolicName(),
          headers.version());
    } catch (IOException e) {
      throw new RefusedException("its copy cannot be kept: " + e);
    }
  }

  /// A copy that was taken before, perhaps by an earlier gateway. It is checked anew.
  ///
  /// @param file in `bundles/`, that it stands for
  /// @throws RefusedException if it is not there, or not what its name says
  StoredBundle again(String sha256, Path file) throws RefusedException {
    Path copy = copyOf(sha256);
    try {
      if (!sha256.equals(digest(copy))) {
        throw new RefusedException("its copy in " + folder + " has been changed");
      }
      BundleHeaders headers = headers(copy);
      // Older than any file, so that whatever lies in the folder counts for more.
      return new StoredBundle(
          file, FileTime.fromMillis(0), copy, sha256, headers.symbolicName(), headers.version());
    } catch (IOException e) {
      throw new RefusedException("its copy in " + folder + " cannot be read: " + e.getMessage());
    }
  }

  private Path copyOf(String sha256) {
    return folder.resolve(sha256 + ENDING);
  }

  private static String digest(Path copy) throws IOException {
    MessageDigest digest = ForeignFile.sha256();
    try (InputStream in = Files.newInputStream(copy);
        OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      in.transferTo(out);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static BundleHeaders headers(Path copy) throws IOException, RefusedException {
    try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.READ)) {
      ZipDirectory.read(channel);
    }
    try (JarFile jar = new JarFile(copy.toFile(), false)) {
      return BundleHeaders.check(jar);
    }
  }

  /// What a gateway was copying when it was killed.
  private void remove(String pattern) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, pattern)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /// Removes every copy but these.
  void keepOnly(Set<String> sha256) {
    try (DirectoryStream<Path> copies = Files.newDirectoryStream(folder, "*" + ENDING)) {
      for (Path copy : copies) {
        String name = copy.getFileName().toString();
        if (!sha256.contains(name.substring(0, name.length() - ENDING.length()))) {
          Files.deleteIfExists(copy);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // It costs disk until the next change, which tries again, and nothing else.
      System.getLogger(BundleStore.class.getName())
          .log(System.Logger.Level.DEBUG, "a copy cannot be removed", e);
    }
  }
}
