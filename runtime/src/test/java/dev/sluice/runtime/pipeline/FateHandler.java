package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.PacketSender;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Deals out every fate that a packet can have, good and bad, by its running number.
final class FateHandler implements PacketHandler {
  private static final DropReason TEST = DropReason.of("test-drop");

  private final PacketSender sender;
  private final Keeper keeper;

  FateHandler(PacketSender sender, Keeper keeper) {
    this.sender = sender;
    this.keeper = keeper;
  }

  @Override
  @SuppressWarnings("NullAway") // a handler in the wild may well answer null
  public Verdict receive(Packet packet) {
    long number = packet.memory().get(ValueLayout.JAVA_LONG_UNALIGNED, TestDevice.NUMBER_AT);
    return switch ((int) (number % 13)) {
      case 0 -> TEST.verdict();
      case 1 -> Verdict.ANSWERED;
      case 2 -> sent(packet.ingress(), packet, Verdict.TAKEN);
      case 3 -> sent(packet.egress(), packet, Verdict.PASS);
      case 4 -> Verdict.TAKEN;
      case 5 -> kept(packet);
      case 6 -> throw new IllegalStateException("test");
      case 7 -> null;
      case 8 -> {
        sender.sendPacket(packet.egress(), packet);
        yield sent(packet.egress(), packet, Verdict.TAKEN);
      }
      case 9 -> {
        packet.setEgress(packet.ingress());
        yield Verdict.PASS;
      }
      default -> Verdict.PASS;
    };
  }

  private Verdict sent(Device sendTo, Packet packet, Verdict verdict) {
    sender.sendPacket(sendTo, packet);
    return verdict;
  }

  private Verdict kept(Packet packet) {
    packet.hold();
    keeper.keep(packet);
    return Verdict.TAKEN;
  }

  /// Another thread that gives held packets back, one half each way.
  static final class Keeper implements AutoCloseable {
    private final LinkedBlockingQueue<Packet> kept = new LinkedBlockingQueue<>();
    private final AtomicLong count = new AtomicLong();
    private final PacketSender sender;
    private final Thread thread;
    private volatile boolean stopping;

    Keeper(PacketSender sender) {
      this.sender = sender;
      this.thread = Thread.ofPlatform().name("keeper").start(this::run);
    }

    void keep(Packet packet) {
      kept.add(packet);
    }

    long kept() {
      return count.get();
    }

    private void run() {
      try {
        while (!stopping) {
          Packet packet = kept.poll(10, TimeUnit.MILLISECONDS);
          if (packet == null) {
            continue;
          }
          if (count.incrementAndGet() % 2 == 0) {
            sender.drop(packet, TEST);
          } else {
            sender.sendPacket(packet.egress(), packet);
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() throws InterruptedException {
      stopping = true;
      thread.join();
    }
  }
}
