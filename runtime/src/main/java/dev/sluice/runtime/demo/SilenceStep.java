package dev.sluice.runtime.demo;

import dev.sluice.runtime.lab.Lab;
import dev.sluice.runtime.lab.LabTerminal;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;

/// Before authentication nothing crosses the gateway, whatever both sides try.
final class SilenceStep implements Step {
  private static final int ROUNDS = 20;
  private static final int DIALS = 2;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Override
  public String title() {
    return "Nobody has authenticated: nothing crosses";
  }

  @Override
  public void run(Scene scene) throws StepException, InterruptedException {
    List<Tap> taps = new ArrayList<>();
    try {
      Tap master = masterTap(scene);
      taps.add(master);
      for (LabTerminal terminal : scene.lab().terminals()) {
        taps.add(terminalTap(terminal));
      }
      long sent = attack(scene, taps);
      judge(scene, taps, sent);
    } finally {
      taps.forEach(Tap::close);
    }
  }

  private static Tap masterTap(Scene scene) throws StepException {
    List<Predicate<byte[]>> wanted = new ArrayList<>();
    wanted.add(FrameMatch.contains(HostileFrames.TERMINAL_MARK));
    for (LabTerminal terminal : scene.lab().terminals()) {
      wanted.add(FrameMatch.contains(hardware(terminal.hardwareAddress())));
      wanted.add(FrameMatch.contains(address(terminal.address())));
      wanted.add(FrameMatch.contains(address(terminal.address6())));
    }
    return Tap.open(scene.lab().masterNamespace(), LabTerminal.WIRE, wanted);
  }

  /// What other terminals send over the switch has not come through the gateway.
  private static Tap terminalTap(LabTerminal terminal) throws StepException {
    Predicate<byte[]> overTheSwitch = FrameMatch.contains(HostileFrames.TERMINAL_MARK);
    return Tap.open(
        terminal.namespace(),
        LabTerminal.WIRE,
        List.of(
            FrameMatch.contains(HostileFrames.MASTER_MARK),
            FrameMatch.fromMaster(
                    List.of(address(Lab.MASTER_ADDRESS), address(Lab.MASTER_ADDRESS6)),
                    Lab.AUTH_PORT)
                .and(overTheSwitch.negate())));
  }

  /// Sends from both sides while the master station dials.
  ///
  /// @return frames sent
  private static long attack(Scene scene, List<Tap> taps)
      throws StepException, InterruptedException {
    long arrivedBefore = scene.counters().arrived();
    List<LabTerminal> terminals = scene.lab().terminals();
    HostileFrames.Host master =
        host(Lab.MASTER_HARDWARE_ADDRESS, Lab.MASTER_ADDRESS, Lab.MASTER_ADDRESS6);
    long sent = 0;
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < terminals.size(); i++) {
        HostileFrames.Host terminal = host(terminals.get(i));
        List<byte[]> inward =
            new HostileFrames(terminal, master, HostileFrames.TERMINAL_MARK).all();
        List<byte[]> outward = new HostileFrames(master, terminal, HostileFrames.MASTER_MARK).all();
        taps.get(i + 1).send(inward);
        taps.getFirst().send(outward);
        sent += inward.size() + outward.size();
      }
    }
    long all = sent;
    long kept = (long) HostileFrames.KEPT_BY_SWITCHES * ROUNDS * terminals.size();
    long atLeast = arrivedBefore + all - kept;
    scene.await(
        () -> atLeast <= scene.counters().arrived(),
        "that the frames sent came to the gateway",
        PATIENCE);
    scene.await(
        () -> DIALS <= scene.report().least("attempts"),
        "that the master station dialled every terminal " + DIALS + " times",
        PATIENCE);
    return all;
  }

  private static void judge(Scene scene, List<Tap> taps, long sent)
      throws StepException, InterruptedException {
    GatewayCounters counters = scene.counters();
    Tap master = taps.getFirst();
    long crossed = taps.stream().mapToLong(Tap::wantedBytes).sum();
    long missed = taps.stream().mapToLong(Tap::missed).sum();
    scene.figures().put("unauthenticatedBytes", crossed);
    scene.figures().put("hostileFrames", sent);
    scene.say(
        "%d forged frames sent from both sides (ARP, IPv4, IPv6, fragments, VLAN tags, lies), and"
            .formatted(sent));
    scene.say(
        "the master station dialled %d times. Crossed: %d bytes. The gateway dropped %d frames:"
            .formatted(scene.report().sum("attempts"), crossed, counters.allDropped()));
    scene.say(counters.dropped().toString());
    if (crossed != 0) {
      throw new StepException(
          "%d frames (%d bytes) crossed without authentication, %d of them to the master's side"
              .formatted(
                  taps.stream().mapToLong(Tap::wantedFrames).sum(),
                  crossed,
                  master.wantedFrames()));
    }
    if (missed != 0) {
      throw new StepException("the taps missed " + missed + " frames, so 0 bytes prove nothing");
    }
    if (scene.report().sum("connections") != 0) {
      throw new StepException("the master station got a connection without authentication");
    }
  }

  private static HostileFrames.Host host(LabTerminal terminal) {
    return host(terminal.hardwareAddress(), terminal.address(), terminal.address6());
  }

  private static HostileFrames.Host host(String hardware, String v4, String v6) {
    return HostileFrames.Host.of(hardware(hardware), address(v4), address(v6));
  }

  private static byte[] hardware(String text) {
    return HexFormat.ofDelimiter(":").parseHex(text);
  }

  private static byte[] address(String text) {
    return InetAddress.ofLiteral(text).getAddress();
  }
}
