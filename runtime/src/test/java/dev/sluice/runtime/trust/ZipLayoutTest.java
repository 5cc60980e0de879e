package dev.sluice.runtime.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

class ZipLayoutTest {
  private static final byte[] TEXT =
      "a text that is deflated, deflated".getBytes(StandardCharsets.UTF_8);

  private static byte[] zip(String... names) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    for (String name : names) {
      entries.put(name, name.endsWith("/") ? new byte[0] : TEXT);
    }
    return TestBundle.zip(entries);
  }

  private static Map<String, String> walk(byte[] file) throws TrustException {
    Map<String, String> found = new LinkedHashMap<>();
    new ZipLayout(file, new ZipLayout.Budget())
        .walk((name, content) -> found.put(name, new String(content, StandardCharsets.UTF_8)));
    return found;
  }

  private static void refused(byte[] file, String sentence) {
    TrustException refused = assertThrows(TrustException.class, () -> walk(file));
    assertTrue(refused.sentence().contains(sentence), refused.sentence());
  }

  private static int find(byte[] file, String text, int from) {
    byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
    for (int at = from; at <= file.length - wanted.length; at++) {
      if (Arrays.equals(file, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    throw new AssertionError(text + " is not in the file behind " + from);
  }

  private static byte[] changed(byte[] file, int at, String text) {
    byte[] copy = file.clone();
    System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, copy, at, text.length());
    return copy;
  }

  private static ByteBuffer at(byte[] file) {
    return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void entriesAreReadInTheirOrder() throws Exception {
    assertEquals(
        List.of("META-INF/", "one", "two/three"),
        new ArrayList<>(walk(zip("META-INF/", "one", "two/three")).keySet()));
    assertEquals(new String(TEXT, StandardCharsets.UTF_8), walk(zip("one")).get("one"));
  }

  @Test
  void everyShorterFileIsRefused() {
    byte[] whole = zip("one", "two");
    for (int bytes = 0; bytes < whole.length; bytes++) {
      byte[] shorter = Arrays.copyOf(whole, bytes);
      assertThrows(TrustException.class, () -> walk(shorter), "of " + bytes + " bytes");
    }
  }

  @Test
  void bytesBeforeBetweenAndBehindAreRefused() {
    byte[] whole = zip("one", "two");
    byte[] before = new byte[whole.length + 1];
    System.arraycopy(whole, 0, before, 1, whole.length);
    assertThrows(TrustException.class, () -> walk(before));
    assertThrows(TrustException.class, () -> walk(Arrays.copyOf(whole, whole.length + 1)));
  }

  @Test
  void localHeaderWithAnotherNameIsRefusedAlthoughStreamsReadIt() throws Exception {
    byte[] file = zip("one", "two");
    byte[] other = changed(file, find(file, "two", 0), "tvo");
    List<String> streamed = new ArrayList<>();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(other))) {
      for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        streamed.add(entry.getName());
      }
    }
    assertEquals(List.of("one", "tvo"), streamed);
    refused(other, "the header of the entry two has another name than the directory");
  }

  @Test
  void entryThatIsThereTwiceIsRefused() {
    byte[] file = zip("one", "two");
    int local = find(file, "two", 0);
    byte[] twice = changed(changed(file, local, "one"), find(file, "two", local + 3), "one");
    refused(twice, "the entry one is there twice");
  }

  @Test
  void fileAndFolderOfOneNameAreRefused() {
    refused(zip("a", "a/"), "the entry a/ is there twice");
    refused(zip("a/", "a"), "the entry a is there twice");
  }

  @Test
  void entryThatTheDirectoryLeavesOutIsRefused() {
    byte[] file = zip("one", "two");
    int directory = at(file).getInt(file.length - 6);
    int first = 46 + 3 + at(file).getShort(directory + 30);
    byte[] cut = new byte[file.length - first];
    System.arraycopy(file, 0, cut, 0, directory);
    System.arraycopy(file, directory + first, cut, directory, cut.length - directory);
    at(cut).putInt(cut.length - 10, at(file).getInt(file.length - 10) - first);
    at(cut).putShort(cut.length - 14, (short) 1).putShort(cut.length - 12, (short) 1);
    refused(cut, "does not lie behind the one before it");
  }

  @Test
  void namesThatLeadElsewhereAreRefused() {
    for (String name : List.of("/etc/passwd", "../x", "a/../../x", "a//b", "a\\b", "a\nb", "./a")) {
      refused(zip(name), "an entry has the name '");
    }
  }

  @Test
  void wrongSumIsRefused() {
    byte[] file = zip("one");
    int directory = at(file).getInt(file.length - 6);
    at(file).putInt(directory + 16, 7);
    // The descriptor behind the entry says another one, which is found first or last.
    assertThrows(TrustException.class, () -> walk(file));
  }

  @Test
  void secondNameInAnExtraFieldIsRefused() {
    byte[] extra = {0x75, 0x70, 4, 0, 1, 2, 3, 4};
    refused(stored("one", TEXT, extra), "has a second name or length in an extra field");
  }

  @Test
  void storedEntryIsRead() throws Exception {
    assertEquals(
        Map.of("one", new String(TEXT, StandardCharsets.UTF_8)),
        walk(stored("one", TEXT, new byte[0])));
  }

  /// One stored entry, written by hand.
  private static byte[] stored(String name, byte[] content, byte[] extra) {
    CRC32 sum = new CRC32();
    sum.update(content);
    int crc = (int) sum.getValue();
    byte[] named = name.getBytes(StandardCharsets.UTF_8);
    int local = 30 + named.length + extra.length + content.length;
    int central = 46 + named.length + extra.length;
    byte[] bytes = new byte[local + central + 22];
    ByteBuffer file = at(bytes);
    file.putInt(0x04034b50).putShort((short) 20).putShort((short) 0).putShort((short) 0).putInt(0);
    file.putInt(crc).putInt(content.length).putInt(content.length);
    file.putShort((short) named.length).putShort((short) extra.length);
    file.put(named).put(extra).put(content);
    file.putInt(0x02014b50).putShort((short) 20).putShort((short) 20).putShort((short) 0);
    file.putShort((short) 0).putInt(0).putInt(crc).putInt(content.length).putInt(content.length);
    file.putShort((short) named.length).putShort((short) extra.length).putShort((short) 0);
    file.putInt(0).putInt(0).putInt(0).put(named).put(extra);
    file.putInt(0x06054b50).putInt(0).putShort((short) 1).putShort((short) 1);
    file.putInt(central).putInt(local).putShort((short) 0);
    return bytes;
  }

  @Test
  void bombIsRefusedByItsUnpackedLength() {
    byte[] file = stored("one", TEXT, new byte[0]);
    int directory = at(file).getInt(file.length - 6);
    at(file).putInt(22, ZipLayout.MAX_ENTRY_BYTES + 1);
    at(file).putInt(directory + 24, ZipLayout.MAX_ENTRY_BYTES + 1);
    refused(file, "has more than " + ZipLayout.MAX_ENTRY_BYTES + " bytes");
  }

  /// Whatever bytes are changed: a refusal in one sentence, or the very same content.
  @Test
  void changedBytesAreRefusedOrChangeNothing() throws Exception {
    byte[] whole = zip("META-INF/MANIFEST.MF", "one", "two/three");
    Map<String, String> good = walk(whole);
    Random random = new Random(42);
    int refusals = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] file = whole.clone();
      for (int change = random.nextInt(3); change >= 0; change--) {
        file[random.nextInt(file.length)] = (byte) random.nextInt();
      }
      try {
        assertEquals(good, walk(file));
      } catch (TrustException e) {
        refusals++;
      }
    }
    assertTrue(refusals > 10_000, "refused " + refusals);
  }
}
