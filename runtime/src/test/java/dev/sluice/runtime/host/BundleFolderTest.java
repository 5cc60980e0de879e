package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BundleFolderTest {
  private static final BundleFolder.Patience AT_ONCE =
      new BundleFolder.Patience(Duration.ZERO, Duration.ZERO);

  @TempDir Path folder;

  @Test
  void fileThatIsMissingForOneLookIsNotGone() throws Exception {
    Path bundles = Files.createDirectories(folder.resolve("bundles"));
    Path file = Jars.bundle(folder, "a", "1.0").into(bundles, "a.jar");
    BundleFolder watched = new BundleFolder(bundles, AT_ONCE);
    watched.poll();
    assertEquals(List.of(file), watched.poll().arrived());
    Path away = Files.move(file, folder.resolve("away"));
    assertTrue(watched.poll().isEmpty());
    Files.move(away, file);
    assertTrue(watched.poll().isEmpty());
    assertTrue(watched.poll().isEmpty());
  }

  @Test
  void fileThatChangesAndGoesBeforeItSettlesIsGone() throws Exception {
    Path bundles = Files.createDirectories(folder.resolve("bundles"));
    Path file = Jars.bundle(folder, "a", "1.0").into(bundles, "a.jar");
    BundleFolder watched = new BundleFolder(bundles, AT_ONCE);
    watched.poll();
    assertEquals(List.of(file), watched.poll().arrived());
    Files.writeString(file, "another content, seen once");
    assertTrue(watched.poll().isEmpty());
    Files.delete(file);
    assertTrue(watched.poll().isEmpty());
    assertEquals(List.of(file), watched.poll().gone());
  }

  @Test
  void fileThatIsMissingForTwoLooksIsGoneOnce() throws Exception {
    Path bundles = Files.createDirectories(folder.resolve("bundles"));
    Path file = Jars.bundle(folder, "a", "1.0").into(bundles, "a.jar");
    BundleFolder watched = new BundleFolder(bundles, AT_ONCE);
    watched.poll();
    watched.poll();
    Files.delete(file);
    assertTrue(watched.poll().isEmpty());
    assertEquals(List.of(file), watched.poll().gone());
    assertTrue(watched.poll().isEmpty());
  }
}
