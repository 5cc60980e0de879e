package dev.sluice.runtime.demo;

import dev.sluice.runtime.lab.LabTerminal;
import dev.sluice.runtime.pki.Authority;
import dev.sluice.runtime.pki.PkiException;
import dev.sluice.runtime.pki.RevocationReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// A terminal is revoked: its connection is cut within a second, and no other.
final class RevocationStep implements Step {
  private static final int LIMIT_MILLIS = 1_000;
  private static final int VALUES = 50;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Override
  public String title() {
    return "A terminal is revoked";
  }

  @Override
  public void run(Scene scene) throws StepException, InterruptedException {
    LabTerminal revoked = scene.lab().terminals().getLast();
    int masterMark = scene.master().mark();
    int terminalMark = scene.terminal(revoked).mark();
    long renamedAtMicros = revoke(scene.lab().pki(), revoked.name());
    Line cut =
        scene
            .master()
            .await(
                masterMark,
                line -> line.is("ended", "terminal", Scene.endpoint(revoked)),
                "the end of the connection to " + revoked.name(),
                PATIENCE);
    long cutMillis = Math.max(0, (cut.atMicros() - renamedAtMicros) / 1000);
    scene.figures().put("revokedCutMillis", cutMillis);
    scene.say(
        "%s is in the new CRL; the master station saw its connection end %d ms after the file came"
            .formatted(revoked.name(), cutMillis));
    scene.say("(%s).".formatted(cut.text("cause")));
    Line refused =
        scene
            .terminal(revoked)
            .await(
                terminalMark,
                line -> line.is("agent-refused"),
                "the refusal of its next attempt",
                PATIENCE);
    scene.figures().add("refused", 1);
    scene.say("It tried to authenticate again: refused, " + refused.text("alert") + ".");
    requireOthersUndisturbed(scene, revoked);
    if (LIMIT_MILLIS <= cutMillis) {
      throw new StepException(
          "the revoked terminal was cut after %d ms, must be less than %d"
              .formatted(cutMillis, LIMIT_MILLIS));
    }
  }

  /// Returns when the new CRL took its place, microseconds since 1970-01-01 UTC: a rename sets the
  /// inode's change time.
  private static long revoke(Path pki, String name) throws StepException {
    try {
      Authority.open(pki).revoke(name, RevocationReason.KEY_COMPROMISE);
      FileTime changed = (FileTime) Files.getAttribute(pki.resolve("ca.crl"), "unix:ctime");
      return changed.to(TimeUnit.MICROSECONDS);
    } catch (PkiException | IOException e) {
      throw new StepException(name + " cannot be revoked: " + e.getMessage(), e);
    }
  }

  private static void requireOthersUndisturbed(Scene scene, LabTerminal revoked)
      throws StepException, InterruptedException {
    SwapStep.flow(scene, VALUES);
    StationReport report = scene.report();
    for (LabTerminal terminal : scene.lab().terminals()) {
      Line station = report.station(Scene.endpoint(terminal));
      boolean up = station.text("started").equals("true");
      if (up == terminal.equals(revoked) || station.number("connections") != 1) {
        throw new StepException("after the revocation: " + station);
      }
    }
    scene.say("The other terminals' connections went on.");
  }
}
