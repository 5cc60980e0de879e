package dev.sluice.plugins.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.plugin.FramePacket;
import dev.sluice.plugin.SettingsException;
import dev.sluice.plugin.Verdict;
import dev.sluice.wire.Frames;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TemplateRuleTest {
  private static final String DROPPED = "drop template-blocked";

  private static Verdict judge(Map<String, Object> settings, Frames frame)
      throws SettingsException {
    return new TemplateRule(settings).receive(new FramePacket(frame));
  }

  private static Frames udp(int port) {
    return Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1000, port).payload((byte) 1);
  }

  @ParameterizedTest
  @CsvSource({"0,0", "53,53", "'53, 65535',65535", "'53,,69,',69"})
  void listedPortsAreDropped(String ports, int port) throws SettingsException {
    assertEquals(DROPPED, judge(Map.of("ports", ports), udp(port)).toString());
  }

  @Test
  void tftpIsDroppedUnlessTheSettingsSayOtherwise() throws SettingsException {
    assertEquals(DROPPED, judge(Map.of(), udp(69)).toString());
    assertEquals(Verdict.PASS, judge(Map.of("ports", ""), udp(69)));
    assertEquals(Verdict.PASS, judge(Map.of("ports", "53"), udp(69)));
  }

  @Test
  void tcpToTheSamePortPasses() throws SettingsException {
    Frames tcp = Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").tcp(1000, 69, 0x10);
    assertEquals(Verdict.PASS, judge(Map.of(), tcp));
  }

  @ParameterizedTest
  @ValueSource(strings = {"65536", "-1", "tftp", "1.5", "53 69", "999999", "0x45", "１"})
  void whatIsNoPortIsRefusedWithOneSentence(String ports) {
    SettingsException refused =
        assertThrows(SettingsException.class, () -> new TemplateRule(Map.of("ports", ports)));
    assertEquals(
        "template: ports = " + ports + ": allowed: UDP ports, 0..65535, parted by commas",
        refused.getMessage());
  }

  @Test
  void misspeltKeyIsRefused() {
    assertThrows(SettingsException.class, () -> new TemplateRule(Map.of("port", "53")));
  }
}
