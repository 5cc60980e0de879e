package dev.sluice.runtime.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The script `sluice` in a tree of its own, with JDKs and a Maven that only tell how they were
/// called.
final class SluiceScriptTest {
  private static final List<String> TOOLS =
      List.of(
          "bash",
          "env",
          "dirname",
          "readlink",
          "cat",
          "find",
          "touch",
          "mv",
          "cp",
          "rm",
          "mkdir",
          "cmp",
          "flock",
          "grep",
          "head",
          "awk",
          "tr",
          "sleep");

  private record Answer(int code, String out, String err, long pid) {}

  /// The machine's own tools, without its java and mvn.
  private static Path tools;

  @TempDir Path temp;
  private Path root;
  private Path bin;
  private Path jdks;
  private final Map<String, String> environment = new TreeMap<>();

  @BeforeAll
  static void gatherTools() throws IOException {
    tools = Files.createTempDirectory("sluice-tools");
    for (String tool : TOOLS) {
      Files.createSymbolicLink(tools.resolve(tool), find(tool));
    }
  }

  @AfterAll
  static void removeTools() throws IOException {
    for (String tool : TOOLS) {
      Files.delete(tools.resolve(tool));
    }
    Files.delete(tools);
  }

  @BeforeEach
  void plant() throws IOException {
    root = Files.createDirectories(temp.resolve("a tree")).toRealPath();
    Path script = Path.of("../sluice").toAbsolutePath().normalize();
    Files.copy(script, root.resolve("sluice"));
    makeExecutable(root.resolve("sluice"));
    Files.createDirectories(root.resolve("runtime/src/main"));
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    bin = Files.createDirectories(temp.resolve("bin"));
    jdks = Files.createDirectories(temp.resolve("jdks"));
    environment.put("PATH", bin + ":" + tools);
    environment.put("HOME", temp.toString());
    environment.put("SLUICE_JDK_FOLDERS", jdks.toString());
  }

  private static Path find(String tool) {
    for (String folder : List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin")) {
      Path file = Path.of(folder, tool);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    throw new AssertionError("the script needs " + tool + ", which is not installed");
  }

  private static void makeExecutable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void program(Path file, String body) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/usr/bin/env bash\n" + body + "\n");
    makeExecutable(file);
  }

  /// A JDK whose java prints its home, its process and its arguments.
  private static Path jdk(Path home, String version) throws IOException {
    program(home.resolve("bin/java"), "printf '%s\\n' \"" + home + "\" $$ \"$@\"");
    program(home.resolve("bin/javac"), "exit 1");
    Files.writeString(
        home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  /// A Maven that makes what the script expects and notes that it ran.
  private void maven(String before) throws IOException {
    program(
        bin.resolve("mvn"),
        before
            + "\necho \"$JAVA_HOME $*\" >>'"
            + temp.resolve("maven-runs")
            + "'\nmkdir -p '"
            + root
            + "/runtime/target/dist/plugins'\necho built >'"
            + root
            + "/runtime/target/dist/plugins/terminal-auth.jar'");
  }

  private int mavenRuns() throws IOException {
    Path runs = temp.resolve("maven-runs");
    return Files.exists(runs) ? Files.readAllLines(runs).size() : 0;
  }

  private void built() throws IOException {
    Files.createDirectories(root.resolve("runtime/target/dist/plugins"));
    Files.createDirectories(root.resolve("target"));
    Path stamp = Files.writeString(root.resolve("target/build.stamp"), "");
    Files.setLastModifiedTime(stamp, FileTime.from(Instant.now().plusSeconds(60)));
  }

  private Process start(String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of(root.resolve("sluice").toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).directory(temp.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static Answer end(Process process) throws Exception {
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Answer(process.waitFor(), out, err, process.pid());
  }

  private Answer sluice(String... words) throws Exception {
    return end(start(words));
  }

  private String javaHomeChosen() throws Exception {
    Answer answer = sluice("version");
    assertEquals(0, answer.code(), answer.err());
    return answer.out().lines().findFirst().orElse("");
  }

  @Test
  void helpFitsAScreen() throws Exception {
    for (String word : List.of("help", "--help", "-h")) {
      List<String> lines = sluice(word).out().lines().toList();
      assertTrue(5 < lines.size() && lines.size() <= 24, lines.size() + " lines");
      lines.forEach(line -> assertTrue(line.length() <= 80, line));
    }
    assertEquals(sluice("help").out(), sluice().out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo", "test", "run", "ctl", "probe", "lab", "pki", "bundle", "sign", "verify", "version",
        "help"
      })
  void helpNamesEveryCommand(String command) throws Exception {
    assertTrue(sluice("help").out().contains("./sluice " + command), command);
  }

  @Test
  void unknownCommandIsOneSentenceAndTwo() throws Exception {
    Answer answer = sluice("dance");
    assertEquals(2, answer.code());
    assertEquals("sluice: there is no command 'dance'; ./sluice help lists them.\n", answer.err());
    assertEquals("", answer.out());
  }

  @Test
  void javaHomeComesFirstThenPathThenFolders() throws Exception {
    built();
    Path inFolder = jdk(jdks.resolve("jdk-25"), "25");
    assertEquals(inFolder.toString(), javaHomeChosen());
    Path onPath = jdk(temp.resolve("on-path"), "25.0.3");
    Path alternatives = Files.createDirectories(temp.resolve("alternatives"));
    Files.createSymbolicLink(alternatives.resolve("java"), onPath.resolve("bin/java"));
    Files.createSymbolicLink(bin.resolve("java"), alternatives.resolve("java"));
    assertEquals(onPath.toRealPath().toString(), javaHomeChosen());
    Path home = jdk(temp.resolve("home jdk"), "26");
    environment.put("JAVA_HOME", home.toString());
    assertEquals(home.toString(), javaHomeChosen());
  }

  @ParameterizedTest
  @CsvSource({"25", "25.0.3", "25-ea", "26.1", "100"})
  void newEnoughIsTaken(String version) throws Exception {
    built();
    Path found = jdk(jdks.resolve("a"), version);
    assertEquals(found.toString(), javaHomeChosen());
  }

  @ParameterizedTest
  @ValueSource(strings = {"24.0.2", "17.0.15", "1.8.0_452", "", "x", "-25", "2"})
  void tooOldIsPassedOver(String version) throws Exception {
    built();
    environment.put("JAVA_HOME", jdk(temp.resolve("old"), version).toString());
    jdk(jdks.resolve("a"), version);
    Path found = jdk(jdks.resolve("b"), "25");
    assertEquals(found.toString(), javaHomeChosen());
  }

  @Test
  void noJdkIsOneSentence() throws Exception {
    built();
    jdk(jdks.resolve("a"), "17");
    Files.delete(jdk(jdks.resolve("no-release"), "25").resolve("release"));
    Files.delete(jdk(jdks.resolve("no-java"), "25").resolve("bin/java"));
    Answer answer = sluice("version");
    assertEquals(1, answer.code());
    assertEquals(1, answer.err().lines().count(), answer.err());
    assertTrue(answer.err().startsWith("sluice: no JDK 25 or later in JAVA_HOME"), answer.err());
    assertTrue(answer.err().contains("install"), answer.err());
  }

  @Test
  void javaTakesTheScriptsPlaceAndItsWords() throws Exception {
    built();
    jdk(jdks.resolve("a"), "25");
    environment.put("SLUICE_JAVA_OPTS", "-Xmx1g -Dx=y");
    Answer answer = sluice("ctl", "--config", "a folder", "*");
    List<String> lines = answer.out().lines().toList();
    assertEquals(Long.toString(answer.pid()), lines.get(1));
    assertTrue(lines.contains("-Xmx1g") && lines.contains("-Dx=y"), answer.out());
    assertTrue(lines.contains("-Dsluice.home=" + root), answer.out());
    assertTrue(lines.contains("--illegal-native-access=deny"), answer.out());
    int main = lines.indexOf("dev.sluice.runtime.command.Main");
    assertEquals(
        List.of("ctl", "--config", "a folder", "*"), lines.subList(main + 1, lines.size()));
  }

  @Test
  void toolsAreOnTheClassPathOfOneCommandAlone() throws Exception {
    built();
    jdk(jdks.resolve("a"), "25");
    Path tools = Files.createDirectories(root.resolve("runtime/target/dist/tools"));
    Files.writeString(tools.resolve("a.jar"), "");
    Files.writeString(tools.resolve("b.jar"), "");
    Files.writeString(root.resolve("target/sluice.jsa"), "classes");
    List<String> lines = sluice("bundle", "build", "a folder").out().lines().toList();
    String classPath = lines.get(lines.indexOf("-cp") + 1);
    assertTrue(classPath.endsWith(":" + tools + "/a.jar:" + tools + "/b.jar"), classPath);
    int main = lines.indexOf("dev.sluice.runtime.command.Main");
    assertEquals(List.of("bundle", "build", "a folder"), lines.subList(main + 1, lines.size()));
    assertFalse(sluice("run").out().contains(tools.toString()));
  }

  @Test
  void bundleTakesAJavaThatCompiles() throws Exception {
    built();
    Path jre = jdk(jdks.resolve("a"), "26");
    Files.delete(jre.resolve("bin/javac"));
    Path jdk = jdk(jdks.resolve("b"), "25");
    environment.put("JAVA_HOME", jre.toString());
    assertEquals(jdk.toString(), sluice("bundle").out().lines().findFirst().orElse(""));
    assertEquals(jre.toString(), javaHomeChosen());
  }

  @Test
  void javaCanNameEveryFileWhateverTheLocale() throws Exception {
    jdk(jdks.resolve("new"), "25.0.3");
    built();
    program(jdks.resolve("new/bin/java"), "echo \"$LC_ALL\"");
    environment.put("LC_ALL", "C");
    assertEquals("C.UTF-8", sluice("version").out().strip());
  }

  @Test
  void colonInTheFolderIsOneSentence() throws Exception {
    jdk(jdks.resolve("new"), "25.0.3");
    Files.move(root, root.resolveSibling("a:tree"));
    root = root.resolveSibling("a:tree");
    Answer answer = sluice("version");
    assertEquals(1, answer.code());
    assertTrue(answer.err().contains("has a colon in its name"), answer.err());
    assertEquals(1, answer.err().lines().count());
  }

  @Test
  void archiveIsMadeByTheBuildAndUsedWhereItIs() throws Exception {
    jdk(jdks.resolve("a"), "25");
    maven("");
    String archive = root + "/target/sluice.jsa";
    assertFalse(sluice("version").out().contains("-XX:SharedArchiveFile"));
    List<String> rehearsed = Files.readAllLines(root.resolve("target/rehearsal/out"));
    assertTrue(rehearsed.contains("-XX:ArchiveClassesAtExit=" + archive), rehearsed.toString());
    Files.writeString(Path.of(archive), "classes");
    assertTrue(sluice("version").out().contains("-XX:SharedArchiveFile=" + archive));
  }

  @Test
  void linkToTheScriptWorksFromAnywhere() throws Exception {
    built();
    Path jdk = jdk(jdks.resolve("a"), "25");
    Path link = Files.createSymbolicLink(bin.resolve("sluice"), root.resolve("sluice"));
    ProcessBuilder builder =
        new ProcessBuilder(link.toString(), "version").directory(jdks.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    assertTrue(end(builder.start()).out().startsWith(jdk + "\n"));
  }

  @Test
  void treeIsBuiltOnce() throws Exception {
    Path jdk = jdk(jdks.resolve("a"), "25");
    maven("");
    Answer first = sluice("version");
    assertEquals("sluice: building (the first time takes a minute) ...\n", first.err());
    assertEquals(0, first.code());
    assertEquals("", sluice("version").err());
    assertEquals(1, mavenRuns());
    assertTrue(Files.readString(temp.resolve("maven-runs")).startsWith(jdk + " -B"));
    assertEquals("built\n", Files.readString(root.resolve("bundles/terminal-auth.jar")));
  }

  @Test
  void newerSourceMeansBuild() throws Exception {
    jdk(jdks.resolve("a"), "25");
    maven("");
    sluice("version");
    Path source = Files.writeString(root.resolve("runtime/src/main/A.java"), "class A {}");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(1)));
    Files.writeString(root.resolve("bundles/terminal-auth.jar"), "older");
    sluice("version");
    assertEquals(2, mavenRuns());
    assertEquals("built\n", Files.readString(root.resolve("bundles/terminal-auth.jar")));
  }

  @Test
  void twoCommandsAtOnceBuildOnce() throws Exception {
    jdk(jdks.resolve("a"), "25");
    maven("sleep 0.3");
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(start("version"));
    }
    for (Process process : processes) {
      assertEquals(0, end(process).code());
    }
    assertEquals(1, mavenRuns());
  }

  @Test
  void missingMavenIsOneSentence() throws Exception {
    jdk(jdks.resolve("a"), "25");
    Answer answer = sluice("version");
    assertEquals(1, answer.code());
    assertEquals(
        "sluice: Maven is not installed; install it (Debian: apt-get install maven).\n",
        answer.err());
  }

  @Test
  void jreCannotBuild() throws Exception {
    Files.delete(jdk(jdks.resolve("a"), "25").resolve("bin/javac"));
    maven("");
    assertEquals(1, sluice("version").code());
    assertEquals(0, mavenRuns());
    built();
    assertEquals(0, sluice("version").code());
  }

  @Test
  void failedBuildShowsItsCauseAndIsTriedAgain() throws Exception {
    jdk(jdks.resolve("a"), "25");
    maven("echo '[INFO] noise'; echo '[ERROR] A.java: broken'; exit 1");
    Answer answer = sluice("version");
    assertEquals(1, answer.code());
    assertTrue(answer.err().contains("[ERROR] A.java: broken"), answer.err());
    assertFalse(answer.err().contains("noise"), answer.err());
    assertTrue(answer.err().contains(root + "/target/build.log"), answer.err());
    maven("");
    assertEquals(0, sluice("version").code());
  }

  @Test
  void buildWithoutNetworkIsOneSentence() throws Exception {
    jdk(jdks.resolve("a"), "25");
    maven("echo '[ERROR] Could not transfer artifact a:b:jar:1'; exit 1");
    Answer answer = sluice("version");
    assertEquals(2, answer.err().lines().count(), answer.err());
    assertTrue(answer.err().contains("could not download"), answer.err());
  }

  @Test
  void testsAreCountedOnTheLastLine() throws Exception {
    jdk(jdks.resolve("a"), "25");
    maven("");
    Path reports = root.resolve("runtime/target/surefire-reports");
    String write =
        "case \"$*\" in *verify*) mkdir -p '"
            + reports
            + "'; for n in 1 2; do printf '<?xml?>\\n<testsuite name=\"a\" time=\"1\" tests=\"5\""
            + " errors=\"1\" skipped=\"2\" failures=\"0\">\\n<testcase/>' >'"
            + reports
            + "'/TEST-$n.xml; done;; esac";
    maven(write);
    Answer answer = sluice("test");
    assertEquals("4 passed, 2 failed, 4 skipped", answer.out().lines().toList().getLast());
    maven("case \"$*\" in *verify*) exit 1;; esac");
    Answer failed = sluice("test", "-Dtest=X");
    assertEquals(1, failed.code());
    assertEquals("0 passed, 0 failed, 0 skipped", failed.out().lines().toList().getLast());
    assertTrue(failed.err().contains("no test failed, but the build did"), failed.err());
  }
}
