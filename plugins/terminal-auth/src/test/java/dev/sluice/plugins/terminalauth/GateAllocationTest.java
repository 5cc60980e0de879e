package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sluice.plugin.MemoryTables;
import dev.sluice.plugin.Verdict;
import dev.sluice.wire.Arp;
import dev.sluice.wire.Checksum;
import dev.sluice.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/// What the gate costs the collector: nothing.
class GateAllocationTest {
  private static final int PACKETS = 100_000;

  /// A flow of data one way and acknowledgements the other, in two packets that are written over.
  private static final class Flow {
    final GateFixture fixture = new GateFixture();
    final TestPacket data;
    final TestPacket acknowledgement;
    int sent = 101;

    Flow() {
      fixture.begin();
      fixture.open();
      byte[] dataFrame = fixture.toTerminal().numbers(sent, 901).payload(200).tcp();
      byte[] answerFrame = fixture.toMaster().numbers(901, sent).tcp();
      data = new TestPacket(fixture.masterSide, dataFrame);
      acknowledgement = new TestPacket(fixture.terminalSide, answerFrame);
    }

    int run(int packets) {
      int passed = 0;
      for (int i = 0; i < packets; i += 2) {
        Tcp.setSequence(data.memory(), data.transportAt(), sent);
        passed += judge(data);
        sent += 200;
        Tcp.setAcknowledgement(acknowledgement.memory(), acknowledgement.transportAt(), sent);
        passed += judge(acknowledgement);
      }
      return passed;
    }

    private int judge(TestPacket packet) {
      MemorySegment memory = packet.memory();
      int at = packet.transportAt();
      Checksum.updateTransport(memory, packet.networkAt(), Tcp.PROTOCOL, at, packet.endAt());
      return fixture.gate.receive(packet) == Verdict.PASS ? 1 : 0;
    }
  }

  @Test
  void nothingIsAllocatedForAPacket() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Flow flow = new Flow();
    long allocated = Long.MAX_VALUE;
    // The first rounds run interpreted, where even a view may box; what counts is where it ends.
    for (int round = 0; round < 20 && allocated > 0; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      assertEquals(PACKETS, flow.run(PACKETS));
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertEquals(0, allocated);
  }

  /// What a scan, a flood of dials and questions, and a stranger's frames make the gate do.
  private static final class Flood {
    final RecordingSender sender = new RecordingSender();
    final GateFixture fixture = new GateFixture();
    final GateHandler gate;
    final TestPacket dial;
    final TestPacket question;
    final TestPacket stranger;
    int port;

    Flood() {
      fixture.begin();
      sender.isForgetful = true;
      gate = new GateHandler(fixture.admission, fixture.neighbours, sender, (s, e, f) -> {});
      gate.begin(MemoryTables.ofWorkThread());
      dial = new TestPacket(fixture.masterSide, fixture.toTerminal().flags(Tcp.SYN).tcp());
      TestFrame asks = fixture.toMaster();
      question = new TestPacket(fixture.terminalSide, asks.arp(Arp.REQUEST, asks.source));
      TestFrame forged = fixture.toMaster().hardware(GateFixture.STRANGER_MAC, asks.dest);
      stranger = new TestPacket(fixture.terminalSide, forged.tcp());
    }

    void run(int rounds) {
      for (int i = 0; i < rounds; i++) {
        port = port + 1 & 0xffff;
        Tcp.setSourcePort(dial.memory(), dial.transportAt(), port);
        int at = dial.transportAt();
        Checksum.updateTransport(dial.memory(), dial.networkAt(), 6, at, dial.endAt());
        gate.receive(dial);
        gate.receive(question);
        gate.receive(stranger);
        if (port % 1024 == 0) {
          fixture.now += 31 * GateFixture.SECOND;
          gate.tick(fixture.now);
        }
      }
    }
  }

  @Test
  void nothingIsAllocatedForWhatIsAnsweredOrDropped() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Flood flood = new Flood();
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < 20 && allocated > 0; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      flood.run(PACKETS);
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertTrue(flood.sender.forgotten >= PACKETS, "questions were answered");
    assertTrue(flood.fixture.admission.sessions.get(0).mismatches().sum() >= PACKETS);
    assertEquals(0, allocated);
  }
}
