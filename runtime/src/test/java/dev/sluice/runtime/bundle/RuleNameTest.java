package dev.sluice.runtime.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RuleNameTest {
  @ParameterizedTest
  @CsvSource({
    "udp-guard,udpguard,UdpGuardRule,udp.guard,udp-guard",
    "com.example.udp-guard,com.example.udpguard,UdpGuardRule,udp.guard,udp-guard",
    "a,a,ARule,a,a",
    "my-firm.x1-2y,myfirm.x12y,X12yRule,x1.2y,x1-2y"
  })
  void otherNamesFollow(
      String symbolic, String javaPackage, String javaClass, String pid, String last)
      throws BundleException {
    RuleName name = RuleName.of(symbolic);
    assertEquals(symbolic, name.symbolic());
    assertEquals(javaPackage, name.javaPackage());
    assertEquals(javaClass, name.javaClass());
    assertEquals(pid, name.pid());
    assertEquals(last, name.last());
  }

  @ParameterizedTest
  @CsvSource({"udp-guard,udp-guard", "Udp_Guard,udp-guard", "/x/../my rule/,my-rule", "a.b,a.b"})
  void folderGivesTheName(String folder, String symbolic) throws BundleException {
    assertEquals(symbolic, RuleName.ofFolder(Path.of(folder)).symbolic());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ".",
        "a..b",
        ".a",
        "a.",
        "-a",
        "a-",
        "a--b",
        "1a",
        "a.1b",
        "A",
        "a_b",
        "a b",
        "wächter",
        "防火墙",
        "a/b",
        "../a",
        "a;b",
        "a\nb",
        "a\u0000b",
        "*",
        "${x}"
      })
  void whatIsNoNameIsRefusedWithWhatIsAllowed(String text) {
    BundleException refused = assertThrows(BundleException.class, () -> RuleName.of(text));
    assertTrue(String.valueOf(refused.getMessage()).startsWith("--name " + text + ": allowed: "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/tmp/Wächter", "防火墙", "1a", "a+b", "-x", "a;b"})
  void folderThatGivesNoNameIsToldOfTheOption(String folder) {
    BundleException refused =
        assertThrows(BundleException.class, () -> RuleName.ofFolder(Path.of(folder)));
    assertTrue(String.valueOf(refused.getMessage()).endsWith("is given by --name NAME"));
  }

  @ParameterizedTest
  @CsvSource({
    "new,cannot be a package",
    "com.example.int,cannot be a package",
    "in-t,cannot be a package",
    "sluice,is a name of Sluice's own",
    "com.example.rule-firewall,is a name of Sluice's own",
    "a1234567890123456789012345678901234567890,has 41 letters; allowed: 40"
  })
  void namesThatCannotWorkAreRefused(String text, String why) {
    BundleException refused = assertThrows(BundleException.class, () -> RuleName.of(text));
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
    assertThrows(BundleException.class, () -> RuleName.ofFolder(Path.of(text)));
  }
}
