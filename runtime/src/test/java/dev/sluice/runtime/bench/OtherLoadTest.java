package dev.sluice.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OtherLoadTest {
  @TempDir private Path proc;

  @BeforeEach
  void machine() throws IOException {
    cpus(0);
    process(2, "kthreadd", 0, 0);
    process(50, "ksoftirqd/0", 2, 900);
    process(100, "java", 1, 1000);
    process(101, "other", 1, 300);
  }

  private void cpus(int stolen) throws IOException {
    Files.writeString(
        proc.resolve("stat"),
        "cpu  10 0 20 900 0 3 4 "
            + stolen
            + " 0 0\n"
            + "cpu0 1 0 2 3 0 4 5 0 0 0\ncpu1 1 0 70 3 0 20 10 0 0 0\n");
  }

  /// Of its time a third is the system's.
  private void process(long pid, String command, long parent, long ticks) throws IOException {
    Path folder = Files.createDirectories(proc.resolve(String.valueOf(pid)));
    Files.writeString(
        folder.resolve("stat"),
        "%d (%s) S %d 1 1 0 -1 0 0 0 0 0 %d %d 7 7 20 0 1 0 5 0 0\n"
            .formatted(pid, command, parent, ticks - ticks / 3, ticks / 3));
  }

  private double secondsSince(OtherLoad before) {
    return OtherLoad.now(proc).secondsSince(before, Set.of(100L));
  }

  @Test
  void whatOthersUseCounts() throws IOException {
    OtherLoad before = OtherLoad.now(proc);
    process(101, "other", 1, 345);
    assertEquals(0.45, secondsSince(before), 1e-9);
  }

  @Test
  void whatWeUseDoesNot() throws IOException {
    OtherLoad before = OtherLoad.now(proc);
    process(100, "java", 1, 2000);
    assertEquals(0, secondsSince(before));
  }

  @Test
  void kernelThreadsDoNot() throws IOException {
    OtherLoad before = OtherLoad.now(proc);
    process(50, "ksoftirqd/0", 2, 5000);
    process(2, "kthreadd", 0, 5000);
    assertEquals(0, secondsSince(before));
  }

  @Test
  void aProcessThatBeganMeanwhileCountsFromItsStart() throws IOException {
    OtherLoad before = OtherLoad.now(proc);
    process(102, "new", 1, 20);
    assertEquals(0.2, secondsSince(before), 1e-9);
  }

  @Test
  void timeThatAHypervisorTookCounts() throws IOException {
    OtherLoad before = OtherLoad.now(proc);
    cpus(30);
    assertEquals(0.3, secondsSince(before), 1e-9);
  }

  @Test
  void aNameWithBlanksAndParenthesesIsReadOver() throws IOException {
    process(103, "a) S 2 (b", 1, 60);
    OtherLoad before = OtherLoad.now(proc);
    process(103, "a) S 2 (b", 1, 90);
    assertEquals(0.3, secondsSince(before), 1e-9);
  }

  @Test
  void aStatThatIsCutShortIsPassedOver() throws IOException {
    Path folder = Files.createDirectories(proc.resolve("104"));
    Files.writeString(folder.resolve("stat"), "104 (half) S 1 1");
    Path empty = Files.createDirectories(proc.resolve("105"));
    Files.writeString(empty.resolve("stat"), "");
    assertEquals(0, secondsSince(OtherLoad.now(proc)));
  }

  @Test
  void aFolderThatIsNoProcFileSystemSaysThatNobodyElseWorks() {
    OtherLoad nothing = OtherLoad.now(proc.resolve("missing"));
    assertEquals(0, nothing.secondsSince(nothing, Set.of()));
  }

  @Test
  void aProcessAndACpuCanBeAskedAlone() {
    assertEquals(10, OtherLoad.secondsOf(proc, 100), 1e-9);
    assertEquals(0, OtherLoad.secondsOf(proc, 999));
    assertEquals(1.0, OtherLoad.kernelSecondsOf(proc, 1), 1e-9);
    assertEquals(0, OtherLoad.kernelSecondsOf(proc, 7));
  }

  @Test
  void thisProcessIsOurs() {
    assertTrue(OtherLoad.ours().contains(ProcessHandle.current().pid()));
  }

  @Test
  void aDisturbedTrialIsRepeatedTwiceAndTheLeastDisturbedOneKept() throws BenchException {
    double[] others = {0.9, 0.5, 0.7, 0.1};
    int[] runs = {0};
    Trial kept = Undisturbed.of(() -> new Trial(1, 1, 0, 1, others[runs[0]++], 0));
    assertEquals(3, runs[0]);
    assertEquals(0.5, kept.otherSeconds());
    assertTrue(kept.isDisturbed());
  }

  @Test
  void anUndisturbedTrialIsNotRepeated() throws BenchException {
    double[] others = {0.9, 0.4, 0.1};
    int[] runs = {0};
    assertEquals(
        0.4, Undisturbed.of(() -> new Trial(1, 1, 0, 1, others[runs[0]++], 0)).otherSeconds());
    assertEquals(2, runs[0]);
  }
}
