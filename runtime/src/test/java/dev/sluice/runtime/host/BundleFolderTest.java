package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BundleFolderTest {
  private static final BundleFolder.Patience AT_ONCE =
      new BundleFolder.Patience(Duration.ZERO, Duration.ZERO, Duration.ofMinutes(1));

  @TempDir Path folder;
  private Path bundles = Path.of("bundles");

  @BeforeEach
  void makeFolder() throws Exception {
    bundles = Files.createDirectories(folder.resolve("bundles"));
  }

  @Test
  void fileThatIsMissingForOneLookIsNotGone() throws Exception {
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
  void fileThatIsBeingWrittenAnewHasNotArrivedAnyMore() throws Exception {
    Path a = Jars.bundle(folder, "a", "1.0").into(bundles, "a.jar");
    Path b = Jars.bundle(folder, "b", "1.0").into(bundles, "b.jar");
    BundleFolder watched = new BundleFolder(bundles, AT_ONCE);
    watched.poll();
    BundleFolder.Change first = watched.poll();
    assertEquals(List.of(a, b), first.arrived());
    Files.writeString(a, "half of another");
    assertEquals(new BundleFolder.Change(List.of(b), List.of()), watched.pollAfter(first));
  }

  @Test
  void fileThatGoesAndComesAgainBeforeAnybodyActsHasArrived() throws Exception {
    Path a = Jars.bundle(folder, "a", "1.0").into(bundles, "a.jar");
    BundleFolder watched = new BundleFolder(bundles, AT_ONCE);
    watched.poll();
    BundleFolder.Change change = watched.poll();
    Path away = Files.move(a, folder.resolve("away"));
    change = watched.pollAfter(change);
    change = watched.pollAfter(change);
    assertEquals(new BundleFolder.Change(List.of(), List.of(a)), change);
    Files.move(away, a);
    change = watched.pollAfter(change);
    change = watched.pollAfter(change);
    assertEquals(new BundleFolder.Change(List.of(a), List.of()), change);
  }

  @Test
  void fileThatCountsIsGoneThoughNothingWholeWasEverSeenOfIt() throws Exception {
    Path seen = Files.writeString(bundles.resolve("seen.jar"), "half of one");
    Path unseen = bundles.resolve("unseen.jar");
    BundleFolder watched = new BundleFolder(bundles, AT_ONCE);
    watched.poll();
    watched.counts(seen);
    watched.counts(unseen);
    Files.delete(seen);
    assertTrue(watched.poll().isEmpty());
    assertEquals(List.of(seen, unseen), watched.poll().gone());
  }

  @Test
  void fileThatIsMissingForTwoLooksIsGoneOnce() throws Exception {
    Path file = Jars.bundle(folder, "a", "1.0").into(bundles, "a.jar");
    BundleFolder watched = new BundleFolder(bundles, AT_ONCE);
    watched.poll();
    watched.poll();
    Files.delete(file);
    assertTrue(watched.poll().isEmpty());
    assertEquals(List.of(file), watched.poll().gone());
    assertTrue(watched.poll().isEmpty());
  }

  private BundleFolder watchedFromEmpty(BundleFolder.Patience patience) throws Exception {
    BundleFolder watched = new BundleFolder(bundles, patience);
    assertTrue(watched.poll().isEmpty());
    return watched;
  }

  /// A file that was told.
  private Path arrived(BundleFolder watched, String name) throws Exception {
    Path file = Jars.bundle(folder, "a", "1.0").into(folder.resolve("bundles"), name);
    watched.poll();
    assertEquals(List.of(file), watched.poll().arrived());
    return file;
  }

  private Path half(String name) throws Exception {
    Path whole = Jars.bundle(folder, "half", "1.0").into(folder, "whole.jar");
    byte[] bytes = Files.readAllBytes(whole);
    Path file = folder.resolve("bundles").resolve(name);
    return Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
  }

  @Test
  void wholeFileWaitsForOneThatIsBeingWritten() throws Exception {
    BundleFolder watched = watchedFromEmpty(AT_ONCE);
    Path half = half("b.jar");
    Path whole = Jars.bundle(folder, "a", "1.0").into(folder.resolve("bundles"), "a.jar");
    assertTrue(watched.poll().isEmpty());
    assertTrue(watched.poll().isEmpty(), "a.jar is whole, b.jar is not");
    Files.move(folder.resolve("whole.jar"), half, StandardCopyOption.REPLACE_EXISTING);
    assertTrue(watched.poll().isEmpty());
    assertEquals(List.of(whole, half), watched.poll().arrived());
  }

  @Test
  void wholeFileDoesNotWaitForLong() throws Exception {
    BundleFolder watched =
        watchedFromEmpty(
            new BundleFolder.Patience(Duration.ZERO, Duration.ZERO, Duration.ofMillis(500)));
    Path whole = Jars.bundle(folder, "a", "1.0").into(folder.resolve("bundles"), "a.jar");
    half("b.jar");
    assertTrue(watched.poll().isEmpty());
    assertTrue(watched.poll().isEmpty());
    Thread.sleep(600);
    assertEquals(List.of(whole), watched.poll().arrived());
  }

  /// Or a filter would be absent although its successor is there.
  @Test
  void goneFileIsNotToldBeforeTheWholeOneThatWaits() throws Exception {
    BundleFolder watched = watchedFromEmpty(AT_ONCE);
    Path old = arrived(watched, "a-1.0.jar");
    Path fresh = Jars.bundle(folder, "a", "1.1").into(folder.resolve("bundles"), "a-1.1.jar");
    Path half = half("c.jar");
    Files.delete(old);
    assertTrue(watched.poll().isEmpty());
    assertTrue(watched.poll().isEmpty());
    assertTrue(watched.poll().isEmpty());
    Files.move(folder.resolve("whole.jar"), half, StandardCopyOption.REPLACE_EXISTING);
    assertTrue(watched.poll().isEmpty());
    BundleFolder.Change change = watched.poll();
    assertEquals(List.of(fresh, half), change.arrived());
    assertEquals(List.of(old), change.gone());
  }

  @Test
  void fileThatIsToBeToldAgainAndGoesBeforeIsGone() throws Exception {
    BundleFolder watched = watchedFromEmpty(AT_ONCE);
    Path file = arrived(watched, "a.jar");
    watched.tellAgain(file);
    Files.delete(file);
    assertTrue(watched.poll().isEmpty());
    assertEquals(List.of(file), watched.poll().gone());
  }

  @Test
  void fileUnderAnotherNameComesTogetherWithTheOldOnesEnd() throws Exception {
    BundleFolder watched = watchedFromEmpty(AT_ONCE);
    Path old = arrived(watched, "a-1.0.jar");
    Path fresh = Jars.bundle(folder, "a", "1.1").into(folder.resolve("bundles"), "a-1.1.jar");
    Files.delete(old);
    assertTrue(watched.poll().isEmpty());
    BundleFolder.Change change = watched.poll();
    assertEquals(List.of(fresh), change.arrived());
    assertEquals(List.of(old), change.gone());
  }
}
