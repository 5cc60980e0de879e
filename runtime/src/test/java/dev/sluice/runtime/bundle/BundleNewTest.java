package dev.sluice.runtime.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BundleNewTest {
  @TempDir Path temp;

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void projectBearsTheNamesOfItsFolder() throws Exception {
    Path folder = temp.resolve("udp-guard");
    CommandRun made = CommandRun.of("new", folder);
    assertEquals(0, made.code(), made.err());
    assertEquals(
        List.of(
            "README.md", "bundle.properties", "src/udpguard/UdpGuardRule.java", "udp.guard.cfg"),
        files(folder));
    assertTrue(made.out().contains("wrote " + folder.resolve("udp.guard.cfg") + "\n"), made.out());
  }

  @Test
  void nothingOfTheTemplatesOwnNamesIsLeft() throws Exception {
    Path folder = temp.resolve("x");
    assertEquals(0, CommandRun.of("new", folder, "--name", "com.example.udp-guard").code());
    for (String file : files(folder)) {
      String text = Files.readString(folder.resolve(file));
      assertFalse(text.toLowerCase(java.util.Locale.ROOT).contains("template"), file + text);
      text.lines().forEach(line -> assertTrue(line.length() <= 100, line));
    }
    String code = Files.readString(folder.resolve("src/com/example/udpguard/UdpGuardRule.java"));
    assertTrue(code.startsWith("package com.example.udpguard;\n"), code);
    assertTrue(code.contains("configurationPid = \"udp.guard\""), code);
    assertTrue(code.contains("DropReason.of(\"udp-guard-blocked\")"), code);
  }

  @Test
  void emptyFolderIsFilled() throws Exception {
    Path folder = Files.createDirectory(temp.resolve("Netz-Wächter"));
    assertEquals(1, CommandRun.of("new", folder).code());
    assertEquals(List.of(), files(folder));
    assertEquals(0, CommandRun.of("new", folder, "--name", "netz").code());
    assertEquals(4, files(folder).size());
  }

  @Test
  void nothingIsOverwritten() throws Exception {
    Path folder = Files.createDirectory(temp.resolve("guard"));
    Path mine = Files.writeString(folder.resolve(".hidden"), "mine");
    CommandRun refused = CommandRun.of("new", folder);
    assertEquals(1, refused.code());
    assertEquals(
        "sluice bundle: "
            + folder
            + ": is not empty, and nothing is overwritten; allowed: a new or an empty folder\n",
        refused.err());
    assertEquals("mine", Files.readString(mine));
    assertEquals(1, files(folder).size());
  }

  @Test
  void fileInThePlaceOfTheFolderIsOneSentence() throws Exception {
    Path file = Files.writeString(temp.resolve("guard"), "mine");
    for (Path folder : List.of(file, file.resolve("below"))) {
      CommandRun refused = CommandRun.of("new", folder);
      assertEquals(1, refused.code());
      assertEquals(1, refused.err().lines().count(), refused.err());
      assertTrue(refused.err().contains(file.toString()), refused.err());
    }
    assertEquals("mine", Files.readString(file));
  }

  /// Nobody may make a folder there, root neither.
  @Test
  void unwritablePlaceIsOneSentence() {
    CommandRun refused = CommandRun.of("new", "/proc/guard");
    assertEquals(1, refused.code());
    assertEquals(1, refused.err().lines().count(), refused.err());
    assertTrue(refused.err().startsWith("sluice bundle: /proc/guard"), refused.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "dance",
        "new",
        "new a b",
        "new a --nam x",
        "new a --name",
        "new a --name x --name y",
        "build",
        "build a b",
        "build a --key k",
        "build a --cert c",
        "build a --trial",
        "build a --out="
      })
  void wrongWordsAreOneSentenceAndTwo(String line) {
    CommandRun refused = CommandRun.of((Object[]) line.split(" "));
    assertEquals(2, refused.code(), refused.err());
    assertEquals(1, refused.err().lines().count(), refused.err());
    assertEquals("", refused.out());
  }

  @Test
  void helpFitsATerminal() {
    CommandRun help = CommandRun.of("build", "--help");
    assertEquals(0, help.code());
    help.out().lines().forEach(line -> assertTrue(line.length() <= 80, line));
    assertEquals(2, BundleCommand.run(List.of()));
  }
}
