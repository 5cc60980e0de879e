package dev.sluice.runtime.pki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PkiCommandTest {
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream complained = new ByteArrayOutputStream();

  @TempDir Path temp;

  @BeforeEach
  void listen() {
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void restore() {
    System.setOut(out);
    System.setErr(err);
  }

  private int pki(String line) {
    printed.reset();
    complained.reset();
    List<String> words = new ArrayList<>(Arrays.asList(line.split(" ")));
    if (!words.getFirst().equals("init") && !words.contains("--dir")) {
      words.addAll(List.of("--dir", temp.resolve("pki").toString()));
    }
    words.replaceAll(word -> word.equals("DIR") ? temp.resolve("pki").toString() : word);
    return PkiCommand.run(words);
  }

  private String complaint() {
    return complained.toString(StandardCharsets.UTF_8);
  }

  @Test
  void lifeOfACertificateIsShown() {
    assertEquals(0, pki("init DIR --name Trial"));
    assertEquals(0, pki("issue terminal t1 --days 7"));
    assertEquals(0, pki("issue terminal old --not-before 2020-01-01 --not-after 2020-02-01"));
    assertEquals(0, pki("issue gateway gw --san ip:10.0.0.1,dns:gw.grid --subject CN=gw,O=Grid"));
    assertEquals(0, pki("revoke t1 --reason superseded"));
    assertEquals(0, pki("crl"));
    assertEquals(0, pki("show"));
    List<String> rows = printed.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(4, rows.size());
    assertTrue(rows.get(0).matches("NAME +KIND +SERIAL +SUBJECT +NOT AFTER +STATE"), rows.get(0));
    assertTrue(
        rows.get(1).matches("t1 +terminal +[0-9a-f]+ +CN=t1 +\\S+Z +revoked \\(superseded\\)"),
        rows.get(1));
    assertTrue(
        rows.get(2).matches("old +terminal +[0-9a-f]+ +CN=old +2020-02-01T00:00:00Z +expired"),
        rows.get(2));
    assertTrue(
        rows.get(3).matches("gw +gateway +[0-9a-f]+ +CN=gw,O=Grid +\\S+Z +valid"), rows.get(3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "issue router t1",
        "issue terminal t1 --dir nowhere",
        "revoke t1",
        "revoke t2 --reason boredom",
        "show --dir nowhere",
        "crl --dir nowhere",
        "init DIR",
        "issue terminal ../t1",
        "issue terminal t9 --not-before 2030-01-02 --not-after 2030-01-01"
      })
  void refusalIsOneSentence(String line) {
    pki("init DIR");
    assertEquals(1, pki(line), complaint());
    assertEquals(1, complaint().lines().count(), complaint());
    assertTrue(complaint().startsWith("sluice pki: "), complaint());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "init",
        "init a b",
        "issue terminal",
        "issue terminal t1 t2",
        "issue terminal t1 --days 0",
        "issue terminal t1 --days 3651",
        "issue terminal t1 --days never",
        "issue terminal t1 --not-after soon",
        "issue terminal t1 --days 1 --not-after 2030-01-01",
        "issue terminal t1 --colour red",
        "revoke",
        "show t1"
      })
  void wrongCallIsOneSentenceAndTwo(String line) {
    pki("init DIR");
    assertEquals(2, pki(line), complaint());
    assertEquals(1, complaint().lines().count(), complaint());
    assertTrue(complaint().startsWith("sluice pki: "), complaint());
  }
}
