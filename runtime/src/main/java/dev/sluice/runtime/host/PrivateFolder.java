package dev.sluice.runtime.host;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Folders and files of the gateway's that others may not look into.
final class PrivateFolder {
  /// Permissions of a file from the moment that it exists.
  static final FileAttribute<Set<PosixFilePermission>> OWN_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final Set<PosixFilePermission> OWN_FOLDER =
      PosixFilePermissions.fromString("rwx------");

  /// The group that may give orders must come through to the control socket.
  private static final Set<PosixFilePermission> STATE_FOLDER =
      PosixFilePermissions.fromString("rwxr-x---");

  private PrivateFolder() {}

  /// Makes the state folder for the gateway's user and group alone, unless it is there: one that an
  /// operator has made stays as it is. Those above it are made as usual.
  static void makeState(Path state) throws IOException {
    make(state, STATE_FOLDER);
  }

  /// Makes a folder in the state folder for the gateway's user alone, or takes others' permissions
  /// from one that is there.
  static void make(Path folder) throws IOException {
    Path state = folder.toAbsolutePath().getParent();
    if (state != null) {
      makeState(state);
    }
    make(folder, OWN_FOLDER);
    Files.setPosixFilePermissions(folder, OWN_FOLDER);
  }

  private static void make(Path folder, Set<PosixFilePermission> permissions) throws IOException {
    Path above = folder.toAbsolutePath().getParent();
    if (above != null) {
      Files.createDirectories(above);
    }
    try {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(permissions));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }
}
