package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.wire.Layers;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FlowTextTest {
  private static String told(byte[] frame) {
    Layers layers = new Layers();
    MemorySegment memory = MemorySegment.ofArray(frame);
    layers.parse(memory, frame.length);
    return FlowText.of(memory, layers, frame.length);
  }

  @Test
  void framesAreToldByTheirHeaders() {
    List<String> told = WarmUpFrames.all().stream().map(FlowTextTest::told).distinct().toList();
    assertTrue(told.contains("tcp 192.0.2.1:40001 > 198.51.100.1:2404"), told::toString);
    assertTrue(told.contains("vlan 104 tcp 192.0.2.2:40002 > 198.51.100.1:2404"));
    assertTrue(told.contains("udp 192.0.2.3:40003 > 198.51.100.1:2404"));
    assertTrue(told.contains("tcp [2001:db8:0:0:0:0:0:1]:40001 > [2001:db8:0:1:0:0:0:1]:2404"));
    assertTrue(told.contains("arp request 192.0.2.1 > 198.51.100.1"), told::toString);
    assertTrue(told.contains("ip 192.0.2.1 > 198.51.100.1"), "a fragment");
    assertEquals("no EtherType", told(new byte[5]));
    assertEquals("type 0x0000", told(new byte[60]));
  }

  @Test
  void aHeadThatEndsAnywhereIsToldAsFarAsItGoes() {
    for (byte[] frame : WarmUpFrames.all()) {
      Layers layers = new Layers();
      layers.parse(MemorySegment.ofArray(frame), frame.length);
      for (int end = 0; end < Math.min(frame.length, 100); end++) {
        MemorySegment head = MemorySegment.ofArray(Arrays.copyOf(frame, end));
        assertFalse(FlowText.of(head, layers, end).isEmpty());
      }
    }
  }

  @Test
  void noiseIsToldAsSomething() {
    Random random = new Random(104);
    List<byte[]> templates = WarmUpFrames.all();
    for (int i = 0; i < 100_000; i++) {
      byte[] frame = templates.get(random.nextInt(templates.size())).clone();
      for (int flips = random.nextInt(12); flips > 0; flips--) {
        frame[random.nextInt(Math.min(frame.length, 60))] = (byte) random.nextInt();
      }
      assertFalse(told(Arrays.copyOf(frame, random.nextInt(frame.length + 1))).isEmpty());
    }
  }
}
