package dev.sluice.runtime.pki;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.bouncycastle.util.encoders.Base64;

/// Writes files whole or not at all, with their permissions from the moment they exist.
final class SafeFiles {
  static final String FOR_OWNER = "rw-------";
  static final String FOR_ALL = "rw-r--r--";

  private static final int PEM_COLUMNS = 64; // RFC 7468, section 2

  private SafeFiles() {}

  /// Makes a folder that only its owner may enter. One that exists must be empty.
  static void makePrivateFolder(Path folder) throws IOException, PkiException {
    var ownerOnly = PosixFilePermissions.fromString("rwx------");
    if (Files.exists(folder)) {
      if (!Files.isDirectory(folder)) {
        throw new PkiException(folder + " is a file; an empty or a new folder is needed");
      }
      try (var entries = Files.list(folder)) {
        if (entries.findAny().isPresent()) {
          throw new PkiException(folder + " is not empty; an empty or a new folder is needed");
        }
      }
      Files.setPosixFilePermissions(folder, ownerOnly);
      return;
    }
    Path parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(ownerOnly));
  }

  /// Writes one PEM block (RFC 7468).
  static void writePem(Path file, String permissions, String label, byte[] der) throws IOException {
    StringBuilder text = new StringBuilder("-----BEGIN " + label + "-----\n");
    String base64 = Base64.toBase64String(der);
    for (int at = 0; at < base64.length(); at += PEM_COLUMNS) {
      text.append(base64, at, Math.min(at + PEM_COLUMNS, base64.length())).append('\n');
    }
    text.append("-----END ").append(label).append("-----\n");
    write(file, permissions, text.toString().getBytes(US_ASCII));
  }

  /// Writes beside the file, flushes to the disk, then renames: a reader sees the old content or
  /// the new, and a crash leaves one of the two.
  static void write(Path file, String permissions, byte[] content) throws IOException {
    String mark = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    Path fresh = file.resolveSibling("." + file.getFileName() + "." + mark);
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    try {
      try (FileChannel channel = FileChannel.open(fresh, Set.of(CREATE_NEW, WRITE), mode)) {
        ByteBuffer rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
        channel.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}
