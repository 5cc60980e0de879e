package dev.sluice.runtime.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StandbyFolderTest {
  /// The kernel's largest number is 4194304.
  private static final String DEAD = "sluice-standby-9999999-1";

  @TempDir Path parent;

  private static String me() throws Exception {
    try (StandbyFolder folder = StandbyFolder.make()) {
      return Files.getOwner(folder.path()).getName();
    }
  }

  private Path folder(String name) throws Exception {
    Path made = Files.createDirectories(parent.resolve(name).resolve("lab/pki"));
    Files.writeString(made.resolve("ca.key"), "secret");
    return parent.resolve(name);
  }

  @Test
  void folderIsForThisUserAloneAndGoneAtTheEnd() throws Exception {
    Path path;
    try (StandbyFolder folder = StandbyFolder.make()) {
      path = folder.path();
      assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
      Files.writeString(Files.createDirectory(path.resolve("a")).resolve("b"), "c");
    }
    assertFalse(Files.exists(path));
  }

  @Test
  void whatADeadProcessLeftIsDeleted() throws Exception {
    Path left = folder(DEAD);
    StandbyFolder.deleteLeft(parent, me());
    assertFalse(Files.exists(left));
  }

  @Test
  void whatALiveProcessHasStays() throws Exception {
    Path live = folder("sluice-standby-" + ProcessHandle.current().pid() + "-1");
    StandbyFolder.deleteLeft(parent, me());
    assertTrue(Files.exists(live.resolve("lab/pki/ca.key")));
  }

  @Test
  void whatAnotherUserHasStays() throws Exception {
    Path others = folder(DEAD);
    StandbyFolder.deleteLeft(parent, "another");
    assertTrue(Files.exists(others.resolve("lab/pki/ca.key")));
  }

  @Test
  void linksAreNotFollowed() throws Exception {
    Path outside = folder("outside");
    Files.createSymbolicLink(parent.resolve(DEAD), outside);
    Path left = folder("sluice-standby-9999998-1");
    Files.createSymbolicLink(left.resolve("link"), outside);
    StandbyFolder.deleteLeft(parent, me());
    assertTrue(Files.exists(outside.resolve("lab/pki/ca.key")));
    assertFalse(Files.exists(left));
  }

  @Test
  void otherNamesStay() throws Exception {
    Path other = folder("sluice-standby-x-1");
    StandbyFolder.deleteLeft(parent, me());
    assertTrue(Files.exists(other));
  }
}
