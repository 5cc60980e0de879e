package dev.sluice.runtime.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
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
import java.util.Set;
import java.util.jar.JarFile;

/// Private copies of bundles, named by their SHA-256, so that what was checked is what is
/// installed.
final class BundleStore {
  /// Largest file that is taken, in bytes.
  static final long MAX_BYTES = 64L << 20;

  private static final String ENDING = ".jar";

  private final Path folder;

  /// Opens the store. What earlier gateways left in it stays until [#keepOnly].
  BundleStore(Path state) throws HostException {
    this.folder = state.resolve("store");
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new HostException(folder + ": cannot be made: " + e.getMessage(), e);
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
      Path copy = copyOf(sha256);
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

  /// The SHA-256 of a file.
  ///
  /// @throws RefusedException if it cannot be read
  String contentOf(Path file) throws RefusedException {
    try {
      return digest(file);
    } catch (IOException e) {
      throw new RefusedException("it cannot be read: " + e.getMessage());
    }
  }

  private Path copyOf(String sha256) {
    return folder.resolve(sha256 + ENDING);
  }

  private static String digest(Path copy) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = Files.newInputStream(copy);
        OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      in.transferTo(out);
    }
    return HexFormat.of().formatHex(digest.digest());
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
