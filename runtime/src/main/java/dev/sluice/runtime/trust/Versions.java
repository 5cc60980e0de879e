package dev.sluice.runtime.trust;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.osgi.framework.Version;

/// The newest version of each bundle that was ever in the chain, so that nobody brings back an old
/// one whose faults are known.
///
/// A text file in the state folder: a line `NAME VERSION` for each bundle, then `sha256 DIGEST` of
/// the lines before. It is replaced whole. A file that is not as it was written is not forgotten
/// but refused, and every bundle with it. Any thread.
public final class Versions {
  /// Name of the file in the state folder.
  public static final String FILE_NAME = "versions";

  private static final String DIGEST = "sha256 ";

  /// More bundles than any gateway has; the file then holds what it holds.
  private static final int MAX_NAMES = 10_000;

  private final Path file;
  private final Map<String, Version> newest = new TreeMap<>(); // guarded by this
  private final Optional<TrustException> damage;

  private Versions(Path file, Optional<TrustException> damage) {
    this.file = file;
    this.damage = damage;
  }

  /// Reads what is known. A damaged file is told by each later question, not here.
  public static Versions open(Path state) {
    Path file = state.resolve(FILE_NAME);
    try {
      Versions versions = new Versions(file, Optional.empty());
      versions.newest.putAll(parse(file, Files.readString(file)));
      return versions;
    } catch (NoSuchFileException e) {
      return new Versions(file, Optional.empty());
    } catch (IOException e) {
      return new Versions(file, Optional.of(damaged(file, "it cannot be read")));
    } catch (TrustException e) {
      return new Versions(file, Optional.of(e));
    }
  }

  /// What is known where nothing ever ran.
  static Versions none() {
    return new Versions(Path.of(FILE_NAME), Optional.empty());
  }

  private static Map<String, Version> parse(Path file, String text) throws TrustException {
    Map<String, Version> versions = new TreeMap<>();
    int last = text.lastIndexOf(DIGEST);
    if (last < 0 || !text.equals(text.substring(0, last) + seal(text.substring(0, last)))) {
      throw damaged(file, "its last line is not the digest of the others");
    }
    for (String line : text.substring(0, last).lines().toList()) {
      String[] words = line.split(" ", -1);
      try {
        versions.put(words[0], Version.parseVersion(words[1]));
      } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
        throw damaged(file, "the line '" + line + "' is no name and version");
      }
    }
    return versions;
  }

  private static TrustException damaged(Path file, String how) {
    return new TrustException(
        "it is not known which versions have run: "
            + file
            + " is damaged ("
            + how
            + "); put back a copy, or remove it to begin anew");
  }

  private static String seal(String lines) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(lines.getBytes(UTF_8));
      return DIGEST + HexFormat.of().formatHex(digest) + "\n";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /// The newest version of a bundle that was ever in the chain.
  ///
  /// @throws TrustException if that is not known, because the file is damaged
  public synchronized Optional<Version> newestEverActive(String name) throws TrustException {
    if (damage.isPresent()) {
      throw damage.get();
    }
    return Optional.ofNullable(newest.get(name));
  }

  /// Notes that a bundle is in the chain.
  ///
  /// @throws IOException if that cannot be kept; it is then forgotten with the process
  public synchronized void active(String name, Version version) throws IOException {
    Version before = newest.get(name);
    if (damage.isPresent()
        || (before != null && before.compareTo(version) >= 0)
        || (before == null && newest.size() >= MAX_NAMES)) {
      return;
    }
    newest.put(name, version);
    StringBuilder lines = new StringBuilder();
    newest.forEach((each, of) -> lines.append(each).append(' ').append(of).append('\n'));
    write(lines + seal(lines.toString()));
  }

  /// Flushed before it takes the old one's place, so that a crash leaves one of the two whole.
  private void write(String text) throws IOException {
    Path fresh = file.resolveSibling(FILE_NAME + ".new");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer rest = ByteBuffer.wrap(text.getBytes(UTF_8));
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel folder =
        FileChannel.open(List.of(file.toAbsolutePath().getParent()).getFirst())) {
      folder.force(true);
    }
  }

  /// Refuses a version that is older than what has run.
  ///
  /// @param allowed names, or `name/version`, that may be older
  void refuseDowngrade(String name, Version version, Set<String> allowed) throws TrustException {
    Optional<Version> before = newestEverActive(name);
    boolean older = before.isPresent() && version.compareTo(before.get()) < 0;
    if (older && !allowed.contains(name) && !allowed.contains(name + "/" + version)) {
      throw new TrustException(
          "its version "
              + version
              + " is older than "
              + before.get()
              + ", which has run here; allowed: newer ones, and those of allow-downgrade",
          true);
    }
  }
}
