package dev.sluice.runtime.host;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that hold up, fill up or lead astray whoever reads them unwarily.
class ForeignFileTest {
  private static final Duration SOON = Duration.ofSeconds(8);
  private static final BundleFolder.Patience AT_ONCE =
      new BundleFolder.Patience(Duration.ZERO, Duration.ZERO, Duration.ofMillis(250));

  @TempDir Path folder;

  private Path bundles() throws IOException {
    return Files.createDirectories(folder.resolve("bundles"));
  }

  private BundleStore store() throws HostException {
    return new BundleStore(folder.resolve("state"));
  }

  private static void fifo(Path file) throws Exception {
    assertEquals(0, new ProcessBuilder("mkfifo", file.toString()).start().waitFor());
  }

  /// Ends with an end record that claims a directory of `claimed` bytes in `entries` entries.
  private static Path sparse(Path file, long bytes, int claimed) throws IOException {
    ByteBuffer end = ByteBuffer.allocate(22).order(ByteOrder.LITTLE_ENDIAN);
    end.putInt(0x06054b50).putInt(0).putShort((short) 1).putShort((short) 1);
    end.putInt(claimed).putInt(0).putShort((short) 0);
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.seek(bytes - end.capacity());
      out.write(end.array());
    }
    return file;
  }

  private String refusal(Path file) {
    return assertTimeoutPreemptively(
        SOON, () -> assertThrows(RefusedException.class, () -> store().take(file)).sentence());
  }

  private List<String> stored() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("state/store"))) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    }
  }

  @Test
  void fifoInTheFolderIsHandedOnWithoutBeingOpened() throws Exception {
    Path file = bundles().resolve("x.jar");
    fifo(file);
    BundleFolder watched = new BundleFolder(bundles(), AT_ONCE);
    assertTimeoutPreemptively(
        SOON,
        () -> {
          for (int look = 0; look < BundleFolder.PATIENT_LOOKS; look++) {
            assertTrue(watched.poll().arrived().isEmpty());
          }
          assertEquals(List.of(file), watched.poll().arrived());
        });
    assertEquals("it is no file, nor a link that leads to one", refusal(file));
  }

  @Test
  void fifoThatTakesTheFilesPlaceHoldsAReadingUpForABoundedTime() throws Exception {
    Path file = folder.resolve("x.jar");
    fifo(file);
    RefusedException refused =
        assertTimeoutPreemptively(
            SOON, () -> assertThrows(RefusedException.class, () -> ForeignFile.isWholeJar(file)));
    assertEquals("the look at it did not end within 2000 ms", refused.sentence());
    Files.newOutputStream(file).close(); // lets the thread that waits for a writer end
  }

  @Test
  void fileOfTheKernelThatTellsNoSizeIsRefusedUnread() throws Exception {
    Path link = Files.createSymbolicLink(bundles().resolve("k.jar"), Path.of("/proc/self/status"));
    assertEquals("it is not a whole JAR file: it has 0 bytes", refusal(link));
    BundleFolder watched = new BundleFolder(bundles(), AT_ONCE);
    assertTimeoutPreemptively(
        SOON,
        () -> {
          watched.poll();
          assertTrue(watched.poll().isEmpty());
        });
  }

  @Test
  void fileThatGrowsWhileItIsCopiedIsCopiedNoFurtherThanAllowed() throws Exception {
    Path file = sparse(folder.resolve("x.jar"), ForeignFile.MAX_BYTES, 0);
    Path copy = Files.createFile(folder.resolve("copy"));
    Thread growing =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
                while (Files.size(copy) == 0) {
                  Thread.onSpinWait();
                }
                out.setLength(1L << 40);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    RefusedException refused =
        assertThrows(RefusedException.class, () -> ForeignFile.copy(file, copy));
    growing.join();
    assertEquals("it has grown to more than 67108864 bytes", refused.sentence());
    assertTrue(Files.size(copy) <= ForeignFile.MAX_BYTES);
  }

  @Test
  void endRecordThatClaimsGigabytesIsNotBelieved() throws Exception {
    Path large = sparse(bundles().resolve("large.jar"), 2_000_000_022L, 2_000_000_000);
    assertFalse(ForeignFile.isWholeJar(large));
    assertEquals("it has 2000000022 bytes; allowed: at most 67108864", refusal(large));
    Path fits = sparse(bundles().resolve("fits.jar"), ForeignFile.MAX_BYTES, 60 << 20);
    assertFalse(ForeignFile.isWholeJar(fits));
    assertEquals(
        "it is not a whole JAR file: its directory has 62914560 bytes; allowed: up to 8388608",
        refusal(fits));
    assertFalse(ForeignFile.isWholeJar(sparse(folder.resolve("minus.jar"), 100, -1)));
    assertFalse(ForeignFile.isWholeJar(sparse(folder.resolve("short.jar"), 100, 79)));
    assertEquals(List.of(), stored());
  }

  @Test
  void wholeJarIsToldFromOneWhoseDirectoryIsNotThere() throws Exception {
    Path jar = Jars.bundle(folder, "a", "1.0").into(bundles(), "a.jar");
    assertTrue(ForeignFile.isWholeJar(jar));
    byte[] bytes = Files.readAllBytes(jar);
    for (int cut = 1; cut <= 60; cut++) {
      Path part = folder.resolve("part.jar");
      Files.write(part, java.util.Arrays.copyOf(bytes, bytes.length - cut));
      assertFalse(ForeignFile.isWholeJar(part), cut + " bytes less");
    }
    Path bare =
        Files.write(folder.resolve("bare.jar"), "no zip at all, but long".getBytes(US_ASCII));
    assertFalse(ForeignFile.isWholeJar(bare));
  }

  @Test
  void refusedContentIsNotKept() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "root:hash");
    Path link = Files.createSymbolicLink(bundles().resolve("y.jar"), secret);
    assertTrue(refusal(link).startsWith("it is not a whole JAR file"));
    assertEquals(List.of(), stored());
  }

  @Test
  void storeIsForTheGatewaysUserAlone() throws Exception {
    Path jar = Jars.bundle(folder, "a", "1.0").into(bundles(), "a.jar");
    StoredBundle taken = store().take(jar);
    assertEquals("rw-------", permissions(taken.copy()));
    assertEquals("rwx------", permissions(folder.resolve("state/store")));
    assertEquals("rwxr-x---", permissions(folder.resolve("state")));
  }

  @Test
  void looserStoreIsTightenedAndTheStateFolderOfAnOperatorStays() throws Exception {
    Path old = Files.createDirectories(folder.resolve("state/store"));
    Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(
        folder.resolve("state"), PosixFilePermissions.fromString("rwxrwxr-x"));
    Files.writeString(old.resolve("1.incoming"), "of a gateway that was killed");
    store();
    assertEquals("rwx------", permissions(old));
    assertEquals("rwxrwxr-x", permissions(folder.resolve("state")));
    assertEquals(List.of(), stored());
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void outcomeIsNotWrittenThroughALink() throws Exception {
    Path victim = Files.writeString(folder.resolve("victim.cfg"), "precious\n");
    Path jar = Files.writeString(bundles().resolve("x.jar"), "no zip");
    Files.createSymbolicLink(bundles().resolve(".x.jar.outcome.new"), victim);
    Files.createSymbolicLink(bundles().resolve("x.jar.outcome"), victim);
    OutcomeFile.write(jar, "REFUSED", java.util.Map.of("cause", "bad"));
    assertEquals("precious\n", Files.readString(victim));
    assertTrue(Files.readString(bundles().resolve("x.jar.outcome")).contains("REFUSED"));
    assertFalse(Files.isSymbolicLink(bundles().resolve("x.jar.outcome")));
  }
}
